// Accepting an invitation, which creates the account.
import type { Routes } from "../../declare.ts";
import { acceptInvitation, findInvitationByToken } from "../../../lib/identity/invitations/invitations.ts";
import { acceptanceSchema, invitationError } from "../../../lib/identity/invitations/schema.ts";
import { hasReason } from "../../../lib/platform/errors.ts";
import { explain } from "../kit/errors.ts";
import { passwordError } from "../../../lib/identity/users/reasons.ts";
import { signIn } from "../../../lib/identity/sign_ins/sign_ins.ts";
import { originOf, ownOrigin } from "../../middleware/session.ts";
import { readForm } from "../kit/form.ts";
import { uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { letIn } from "./sessions.tsx";
import { type JoinForm, JoinPage, SpentPage } from "./views/join.tsx";

const formSchema = acceptanceSchema.required({ name: true });

export function addJoin(pages: Routes): void {
  pages.get("/join", { who: "public" }, (c) => show(c, c.req.query("token") ?? ""));

  pages.post("/join", { who: "public", audit: ["invitation.accept"], rate: "standard" }, async (c) => {
    const fields = await readForm(c);
    const { token = "", name } = fields;
    const parsed = formSchema.safeParse(fields);
    if (!parsed.success) {
      const paths = parsed.error.issues.map((issue) => issue.path[0]);
      return await show(c, token, { name, errors: errorsOf(c, paths) }, 422);
    }
    const origin = originOf(c);
    const from = { address: origin.address ?? undefined, requestId: origin.requestId };
    try {
      const { email, tenant_code } = await acceptInvitation(c.var.platform, parsed.data, from);
      const { password } = parsed.data;
      return await letIn(c, await signIn(c.var.platform, { email, password, tenant_code }, origin), "/");
    } catch (error) {
      if (hasReason(error, invitationError, "expired")) return await show(c, token);
      const password = explain(uiOf(c), error, passwordError, "common", "guessable");
      return await show(c, token, { name, errors: { password } }, 422);
    }
  });
}

/** The link of an invitation. Its token is not logged, because access logs omit the query. */
export function invitationLink(c: UiContext, token: string): string {
  return `${ownOrigin(c)}/join?token=${token}`;
}

async function show(
  c: UiContext,
  token: string,
  typed: Pick<JoinForm, "name" | "errors"> = {},
  status: 200 | 422 = 200,
): Promise<Response> {
  c.header("Cache-Control", "no-store");
  c.header("Vary", "Accept-Language");
  const ui = uiOf(c);
  const invitation = await findInvitationByToken(c.var.platform, token);
  if (!invitation) return await c.html(<SpentPage ui={ui} />, 404);
  const form = { token, email: invitation.email, tenant: invitation.tenant_name, ...typed };
  return await c.html(<JoinPage ui={ui} form={form} />, status);
}

function errorsOf(c: UiContext, paths: (PropertyKey | undefined)[]): JoinForm["errors"] {
  const { t } = uiOf(c);
  return {
    name: paths.includes("name") ? t("join.name_needed") : undefined,
    password: paths.includes("password") ? t("settings.short_password") : undefined,
  };
}
