// The page that the link to a new address opens. Works signed in or not: the link proves that the mailbox is theirs.
import { hasReason } from "../../../lib/platform/errors.ts";
import { confirmEmail, findEmailChange } from "../../../lib/identity/users/email_changes.ts";
import { emailChangeError, userError } from "../../../lib/identity/users/reasons.ts";
import type { Routes } from "../../declare.ts";
import { originOf } from "../../middleware/session.ts";
import { readForm } from "../kit/form.ts";
import { uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { ConfirmEmailPage, EmailConfirmedPage, SpentEmailPage } from "./views/confirm_email.tsx";

const PATH = "/confirm-email";

export function addConfirmEmail(pages: Routes): void {
  pages.get(PATH, { who: "public", beforeEnrolment: true }, (c) => {
    if (c.req.query("done") === undefined) return show(c, c.req.query("token") ?? "");
    keepPrivate(c);
    return c.html(<EmailConfirmedPage ui={uiOf(c)} />);
  });

  pages.post(
    PATH,
    { who: "public", audit: ["user.update"], beforeEnrolment: true, rate: "standard" },
    async (c) => {
      const { token = "" } = await readForm(c);
      const { address, requestId } = originOf(c);
      try {
        await confirmEmail(c.var.platform, token, { address: address ?? undefined, requestId });
      } catch (error) {
        if (hasReason(error, userError, "email_taken")) return await show(c, token, { isTaken: true });
        if (hasReason(error, emailChangeError, "link_expired")) return await show(c, token);
        throw error;
      }
      return c.redirect(`${PATH}?done=1`, 303);
    },
  );
}

async function show(c: UiContext, token: string, { isTaken = false } = {}): Promise<Response> {
  keepPrivate(c);
  const ui = uiOf(c);
  const change = await findEmailChange(c.var.platform, token);
  if (!change) return await c.html(<SpentEmailPage ui={ui} />, 404);
  const { new_email: email, tenant_name: tenant } = change;
  const page = <ConfirmEmailPage ui={ui} token={token} email={email} tenant={tenant} isTaken={isTaken} />;
  return await c.html(page, isTaken ? 409 : 200);
}

function keepPrivate(c: UiContext): void {
  c.header("Cache-Control", "no-store");
  c.header("Vary", "Accept-Language, Cookie");
}
