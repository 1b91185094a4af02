// Password reset: requesting a link by mail, and the form that the link opens.
import type { Routes } from "../../declare.ts";
import {
  findResetByToken,
  requestReset,
  resetPassword,
} from "../../../lib/identity/password_resets/password_resets.ts";
import {
  passwordResetError,
  resetRequestSchema,
  resetSchema,
} from "../../../lib/identity/password_resets/schema.ts";
import { hasReason } from "../../../lib/platform/errors.ts";
import { explain } from "../kit/errors.ts";
import { passwordError } from "../../../lib/identity/users/reasons.ts";
import { originOf } from "../../middleware/session.ts";
import { readForm, ticked } from "../kit/form.ts";
import { uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import {
  type ForgotForm,
  ForgotPage,
  NoMailPage,
  ResetDonePage,
  ResetPage,
  SpentResetPage,
} from "./views/passwords.tsx";

export function addPasswords(pages: Routes): void {
  pages.get("/forgot", { who: "public" }, (c) => showForgot(c, {}));

  pages.post("/forgot", { who: "public", audit: ["password.ask"], rate: "standard" }, async (c) => {
    const { email = "" } = await readForm(c);
    const { t, language } = uiOf(c);
    const parsed = resetRequestSchema.safeParse({ email: email.trim(), language });
    if (!parsed.success) {
      return await showForgot(c, { email, error: t("people.invite_email_needed") }, 422);
    }
    await requestReset(c.var.platform, parsed.data, from(c));
    return await showForgot(c, { email: parsed.data.email, isSent: true });
  });

  pages.get("/reset", { who: "public" }, (c) => {
    if (c.req.query("done") === undefined) return showReset(c, c.req.query("token") ?? "");
    keepPrivate(c);
    return c.html(<ResetDonePage ui={uiOf(c)} />);
  });

  pages.post("/reset", { who: "public", audit: ["password.reset"], rate: "standard" }, async (c) => {
    const fields = await readForm(c);
    const { token = "" } = fields;
    const { t } = uiOf(c);
    const parsed = resetSchema.safeParse({ ...fields, end_api_keys: ticked.parse(fields.end_api_keys) });
    if (!parsed.success) return await showReset(c, token, t("settings.short_password"), 422);
    try {
      await resetPassword(c.var.platform, parsed.data, from(c));
    } catch (error) {
      if (hasReason(error, passwordResetError, "link_expired")) return await showReset(c, token);
      const text = explain(uiOf(c), error, passwordError, "common", "guessable");
      return await showReset(c, token, text, 422);
    }
    return c.redirect("/reset?done=1", 303);
  });
}

function from(c: UiContext) {
  const { address, requestId } = originOf(c);
  return { address: address ?? undefined, requestId };
}

function showForgot(
  c: UiContext,
  form: ForgotForm,
  status: 200 | 422 = 200,
): Response | Promise<Response> {
  keepPrivate(c);
  const ui = uiOf(c);
  if (c.var.platform.mail.kind === "none") return c.html(<NoMailPage ui={ui} />, 503);
  return c.html(<ForgotPage ui={ui} form={form} />, status);
}

async function showReset(
  c: UiContext,
  token: string,
  error?: string,
  status: 200 | 422 = 200,
): Promise<Response> {
  keepPrivate(c);
  const ui = uiOf(c);
  const reset = await findResetByToken(c.var.platform, token);
  if (!reset) return await c.html(<SpentResetPage ui={ui} />, 404);
  const form = { token, email: reset.email, tenant: reset.tenant_name, error };
  return await c.html(<ResetPage ui={ui} form={form} />, status);
}

function keepPrivate(c: UiContext): void {
  c.header("Cache-Control", "no-store");
  c.header("Vary", "Accept-Language");
}
