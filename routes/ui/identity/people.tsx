// The administration: people and how they come in, tenants, the audit.
import type { Routes } from "../../declare.ts";
import { z } from "zod";
import { AUDIT_ACTIONS, type AuditExport } from "../../../lib/audit/schema.ts";
import { listHistory } from "../../../lib/audit/reading.ts";
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
import { getUsage } from "../../../lib/tenancy/usage/usage.ts";
import { getUser, listUsers, updateUser } from "../../../lib/identity/users/people.ts";
import { userPatchSchema } from "../../../lib/identity/users/schema.ts";
import { flash } from "../kit/flash.tsx";
import { parse, readForm } from "../kit/form.ts";
import { addGroups } from "./groups.tsx";
import { invitationLink } from "./join.tsx";
import { addProviders } from "./providers.tsx";
import { goTo, renderPage, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { addTenants } from "../tenancy/tenants.tsx";
import { AuditPage } from "../audit/views/audit.tsx";
import { type Inviting, PeoplePage } from "./views/people.tsx";
import { UsagePage } from "../tenancy/views/usage.tsx";

const EVERYBODY = { limit: 500, skip: 0, include_inactive: true };
const ENTRIES = 50;
const roleSchema = userPatchSchema.pick({ role: true }).required();
const day = z.iso.date().optional();
const auditQuerySchema = z.object({
  action: z.enum(AUDIT_ACTIONS).optional(),
  from: day,
  to: day,
  cursor: z.string().min(1).max(200).optional(),
});

export function addAdmin(pages: Routes): void {
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

  pages.get("/admin/usage", { who: "usage.read" }, async (c) => {
    const { usage, quota } = await getUsage(c.var.ctx);
    const ui = uiOf(c);
    return await renderPage(c, ui.t("admin.usage"), <UsagePage ui={ui} usage={usage} quota={quota} />);
  });

  pages.get("/admin/audit", { who: "audit.read" }, async (c) => {
    const query = parse(auditQuerySchema, withoutBlanks(c.req.query()));
    const filter = toFilter(query);
    const page = { page: 1, page_size: ENTRIES, cursor: query.cursor };
    const entries = await listHistory(c.var.ctx, { ...filter, ...page });
    const exportPath = `/api/v1/audit/export?${new URLSearchParams(filter as Record<string, string>)}`;
    const ui = uiOf(c);
    const view = <AuditPage ui={ui} query={query} entries={entries} exportPath={exportPath} />;
    return await renderPage(c, ui.t("admin.audit"), view);
  });

  addGroups(pages);
  addProviders(pages);
  addTenants(pages);
}

async function showPeople(
  c: UiContext,
  inviting?: Inviting,
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const people = await listUsers(c.var.ctx, EVERYBODY);
  const invitations = await listInvitations(c.var.ctx);
  const ui = uiOf(c);
  const view = <PeoplePage ui={ui} people={people} invitations={invitations} inviting={inviting} />;
  return await renderPage(c, ui.t("admin.people"), view, status);
}

/** Whole days as in a calendar, in UTC; the last one is included. */
function toFilter({ action, from, to }: z.infer<typeof auditQuerySchema>): AuditExport {
  const after = to && new Date(Date.parse(`${to}T00:00:00Z`) + 24 * 3600 * 1000).toISOString();
  return {
    ...(action && { action }),
    ...(from && { from: `${from}T00:00:00Z` }),
    ...(after && { to: after }),
  };
}

function idOf(c: UiContext): string {
  return parse(uuidSchema, c.req.param("id"));
}
