// Settings › Profile: name, appearance and password of the signed-in account.
import type { Routes } from "../../declare.ts";
import { z } from "zod";
import { explain, findErrorText } from "../kit/errors.ts";
import { passwordError, userError } from "../../../lib/identity/users/reasons.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { changePassword } from "../../../lib/identity/sign_ins/change_password.ts";
import { passwordSchema, profilePatchSchema } from "../../../lib/identity/users/schema.ts";
import { getMe, updateAppearance, updateMe } from "../../../lib/identity/users/users.ts";
import { isRecentSignIn } from "../../../lib/identity/sessions/own_sessions.ts";
import { defineNotice, flash } from "../kit/flash.tsx";
import { parse, readForm, ticked } from "../kit/form.ts";
import { goTo, isPartial, pathBefore, renderPage, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { type SettingsErrors, SettingsPage } from "./views/settings.tsx";

const appearanceSchema = profilePatchSchema.pick({ language: true, theme: true });
const profileSchema = profilePatchSchema.pick({ name: true, email: true }).required({ name: true });
const passwordFormSchema = z.object({
  current_password: z.string().min(1).max(1024),
  new_password: passwordSchema,
  end_api_keys: ticked,
});

const SAVED = defineNotice("settings.saved");
const PASSWORD_CHANGED = defineNotice("settings.password_changed");

export function addSettings(pages: Routes): void {
  pages.get("/settings", { who: "account.read" }, (c) => show(c));

  pages.post("/settings/appearance", {
    who: "account.change",
    audit: { none: "how pages look to oneself" },
    beforeEnrolment: true,
  }, async (c) => {
    const choice = parse(appearanceSchema, withoutBlanks(await readForm(c)));
    await updateAppearance(c.var.ctx, choice);
    if (!isPartial(c)) return goTo(c, pathBefore(c, "/settings"));
    // The island has applied a theme already; another language needs a reload.
    if (choice.language !== undefined) c.header("HX-Refresh", "true");
    return c.body(null, 204);
  });

  pages.post(
    "/settings/profile",
    { who: "account.change", audit: ["user.update"], recent: "when the address changes" },
    async (c) => {
      const { name = "", email } = await readForm(c);
      const typed = { typedName: name, typedEmail: email };
      const parsed = profileSchema.safeParse({ name, email });
      if (!parsed.success) {
        const { t } = uiOf(c);
        const wrong = parsed.error.issues.map((issue) => issue.path[0]);
        const errors = {
          name: wrong.includes("name") ? t("settings.name_needed") : undefined,
          email: wrong.includes("email") ? t("settings.email_needed") : undefined,
        };
        return await show(c, { ...typed, ...errors }, 422);
      }
      try {
        await updateMe(c.var.ctx, parsed.data);
      } catch (error) {
        return await show(c, { ...typed, email: explain(uiOf(c), error, userError, "email_taken") }, 409);
      }
      flash(c, SAVED);
      return goTo(c, "/settings");
    },
  );

  pages.post(
    "/settings/password",
    { who: "account.change", audit: ["password.change"], endsSession: true },
    async (c) => {
      const parsed = passwordFormSchema.safeParse(await readForm(c));
      if (!parsed.success) {
        return await show(
          c,
          passwordErrors(c, parsed.error.issues.map((issue) => issue.path[0])),
          422,
        );
      }
      try {
        const { current_password, new_password, end_api_keys: endKeys } = parsed.data;
        await changePassword(c.var.ctx, current_password, new_password, { endKeys });
      } catch (error) {
        return await show(c, refusedPassword(c, error), 422);
      }
      flash(c, PASSWORD_CHANGED);
      return goTo(c, "/settings");
    },
  );
}

async function show(c: UiContext, errors?: SettingsErrors, status: 200 | 409 | 422 = 200): Promise<Response> {
  const ui = uiOf(c);
  const [account, mayChangeEmail] = await Promise.all([getMe(c.var.ctx), isRecentSignIn(c.var.ctx)]);
  const view = <SettingsPage ui={ui} account={account} mayChangeEmail={mayChangeEmail} errors={errors} />;
  return await renderPage(c, ui.t("settings.title"), view, status);
}

function refusedPassword(c: UiContext, error: unknown): SettingsErrors {
  const wrong = findErrorText(uiOf(c), error, passwordError, "current_incorrect");
  if (wrong) return { current_password: wrong };
  return { new_password: explain(uiOf(c), error, passwordError, "common", "guessable") };
}

function passwordErrors(c: UiContext, paths: (PropertyKey | undefined)[]): SettingsErrors {
  const { t } = uiOf(c);
  return {
    current_password: paths.includes("current_password") ? t("error.password.current_incorrect") : undefined,
    new_password: paths.includes("new_password") ? t("settings.short_password") : undefined,
  };
}
