// Admin › People: the accounts of the tenant and its open invitations.
import type { Routes } from "../../declare.ts";
import {
  createInvitation,
  deleteInvitation,
  listInvitations,
} from "../../../lib/identity/invitations/invitations.ts";
import { newInvitationSchema } from "../../../lib/identity/invitations/schema.ts";
import { explain, findErrorText } from "../kit/errors.ts";
import { userError } from "../../../lib/identity/users/reasons.ts";
import { quotaError } from "../../../lib/tenancy/quotas/schema.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { resetSecondFactor } from "../../../lib/identity/sign_ins/reset_second_factor.ts";
import { isRecentSignIn } from "../../../lib/identity/sessions/own_sessions.ts";
import { getUser, listUsers, updateUser } from "../../../lib/identity/users/people.ts";
import { userPatchSchema } from "../../../lib/identity/users/schema.ts";
import { defineNotice, flash } from "../kit/flash.tsx";
import { idOf, parse, readForm } from "../kit/form.ts";
import { invitationLink } from "./join.tsx";
import { goTo, renderPage, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import type { Inviting } from "./views/invitations.tsx";
import { PeoplePage } from "./views/people.tsx";

const ALL = { limit: 500, skip: 0, include_inactive: true };
const roleSchema = userPatchSchema.pick({ role: true }).required();

const SAVED = defineNotice("people.saved");
const DEACTIVATED = defineNotice("people.deactivated", (id) => `/admin/people/${id}/reactivate`);
const REACTIVATED = defineNotice("people.reactivated");
const FACTOR_RESET = defineNotice("people.factor_reset");
const INVITATION_DELETED = defineNotice("people.taken_back");

export function addPeople(pages: Routes): void {
  pages.get("/admin", { who: "users.read" }, (c) => showPeople(c));

  pages.post(
    "/admin",
    { who: "invitations.change", audit: ["invitation.create"], recent: "always" },
    async (c) => {
      const fields = await readForm(c);
      const parsed = newInvitationSchema.safeParse(withoutBlanks(fields));
      const { t } = uiOf(c);
      if (!parsed.success) {
        return await showPeople(c, { ...fields, error: t("people.invite_email_needed") }, 422);
      }
      try {
        const { language } = uiOf(c);
        const { email, token } = await createInvitation(c.var.ctx, { language, ...parsed.data });
        return await showPeople(c, { email, link: invitationLink(c, token) });
      } catch (error) {
        const text = findErrorText(uiOf(c), error, userError, "email_taken") ??
          explain(uiOf(c), error, quotaError, "users");
        return await showPeople(c, { ...fields, error: text }, 409);
      }
    },
  );

  pages.post(
    "/admin/invitations/:id/delete",
    { who: "invitations.change", audit: ["invitation.delete"] },
    async (c) => {
      const id = idOf(c);
      const email = (await listInvitations(c.var.ctx)).find((each) => each.id === id)?.email;
      await deleteInvitation(c.var.ctx, id);
      flash(c, INVITATION_DELETED, { title: email });
      return goTo(c, "/admin");
    },
  );

  pages.post("/admin/people/:id", {
    who: "users.change",
    audit: ["user.update"],
    recent: "when it gives more access",
  }, async (c) => {
    const patch = parse(roleSchema, await readForm(c));
    const { name } = await updateUser(c.var.ctx, idOf(c), patch);
    flash(c, SAVED, { title: name });
    return goTo(c, "/admin");
  });

  pages.post(
    "/admin/people/:id/deactivate",
    { who: "users.change", audit: ["user.deactivate"] },
    async (c) => {
      const { id, name } = await updateUser(c.var.ctx, idOf(c), { is_active: false });
      flash(c, DEACTIVATED, { id, title: name });
      return goTo(c, "/admin");
    },
  );

  pages.post(
    "/admin/people/:id/reactivate",
    { who: "users.change", audit: ["user.reactivate"], recent: "when deactivated" },
    async (c) => {
      const { name } = await updateUser(c.var.ctx, idOf(c), { is_active: true });
      flash(c, REACTIVATED, { title: name });
      return goTo(c, "/admin");
    },
  );

  pages.post(
    "/admin/people/:id/reset-second-factor",
    { who: "users.change", audit: ["second_factor.reset"], recent: "always" },
    async (c) => {
      const { id, name } = await getUser(c.var.ctx, idOf(c));
      await resetSecondFactor(c.var.ctx, id);
      flash(c, FACTOR_RESET, { title: name });
      return goTo(c, "/admin");
    },
  );
}

async function showPeople(
  c: UiContext,
  inviting?: Inviting,
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const [people, invitations, mayAdmit] = await Promise.all([
    listUsers(c.var.ctx, ALL),
    listInvitations(c.var.ctx),
    isRecentSignIn(c.var.ctx),
  ]);
  const ui = uiOf(c);
  const view = (
    <PeoplePage ui={ui} people={people} invitations={invitations} inviting={inviting} mayAdmit={mayAdmit} />
  );
  return await renderPage(c, ui.t("admin.people"), view, status);
}
