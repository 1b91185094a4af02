// Admin › People: the accounts of the tenant and its open invitations.
import type { Routes } from "../../declare.ts";
import {
  createInvitation,
  deleteInvitation,
  listInvitations,
} from "../../../lib/identity/invitations/invitations.ts";
import { newInvitationSchema } from "../../../lib/identity/invitations/schema.ts";
import { AppError } from "../../../lib/platform/errors.ts";
import { uuidSchema } from "../../../lib/platform/ids.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { resetSecondFactor } from "../../../lib/identity/sign_ins/reset_second_factor.ts";
import { getUser, listUsers, updateUser } from "../../../lib/identity/users/people.ts";
import { userPatchSchema } from "../../../lib/identity/users/schema.ts";
import { flash } from "../kit/flash.tsx";
import { parse, readForm } from "../kit/form.ts";
import { invitationLink } from "./join.tsx";
import { goTo, renderPage, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { type Inviting, PeoplePage } from "./views/people.tsx";

const ALL = { limit: 500, skip: 0, include_inactive: true };
const roleSchema = userPatchSchema.pick({ role: true }).required();

export function addPeople(pages: Routes): void {
  pages.get("/admin", { who: "users.read" }, (c) => showPeople(c));

  pages.post("/admin", { who: "invitations.change" }, async (c) => {
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
      if (!(error instanceof AppError) || error.code !== "conflict") throw error;
      const text = error.fields[0]?.path === "quota.users" ? "people.full" : "people.taken";
      return await showPeople(c, { ...fields, error: t(text) }, 409);
    }
  });

  pages.post("/admin/invitations/:id/delete", { who: "invitations.change" }, async (c) => {
    const id = idOf(c);
    const email = (await listInvitations(c.var.ctx)).find((each) => each.id === id)?.email;
    await deleteInvitation(c.var.ctx, id);
    flash(c, { text: "people.taken_back", title: email });
    return goTo(c, "/admin");
  });

  pages.post("/admin/people/:id", { who: "users.change" }, async (c) => {
    const patch = parse(roleSchema, await readForm(c));
    const { name } = await updateUser(c.var.ctx, idOf(c), patch);
    flash(c, { text: "people.saved", title: name });
    return goTo(c, "/admin");
  });

  for (const act of ["deactivate", "reactivate"] as const) {
    pages.post(`/admin/people/:id/${act}`, { who: "users.change" }, async (c) => {
      const { id, name } = await getUser(c.var.ctx, idOf(c));
      await updateUser(c.var.ctx, id, { is_active: act === "reactivate" });
      flash(c, { text: `people.${act}d`, id, title: name });
      return goTo(c, "/admin");
    });
  }

  pages.post("/admin/people/:id/reset-second-factor", { who: "users.change" }, async (c) => {
    const { id, name } = await getUser(c.var.ctx, idOf(c));
    await resetSecondFactor(c.var.ctx, id);
    flash(c, { text: "people.factor_reset", title: name });
    return goTo(c, "/admin");
  });
}

async function showPeople(
  c: UiContext,
  inviting?: Inviting,
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const people = await listUsers(c.var.ctx, ALL);
  const invitations = await listInvitations(c.var.ctx);
  const ui = uiOf(c);
  const view = <PeoplePage ui={ui} people={people} invitations={invitations} inviting={inviting} />;
  return await renderPage(c, ui.t("admin.people"), view, status);
}

function idOf(c: UiContext): string {
  return parse(uuidSchema, c.req.param("id"));
}
