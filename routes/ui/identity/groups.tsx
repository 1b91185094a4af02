// Admin › Groups: accounts that assets are shared with together.
import type { Routes } from "../../declare.ts";
import {
  addMember,
  createGroup,
  deleteGroup,
  getGroup,
  listGroups,
  removeMember,
  updateGroup,
} from "../../../lib/identity/groups/groups.ts";
import { groupError, newGroupSchema } from "../../../lib/identity/groups/schema.ts";
import { explain } from "../kit/errors.ts";
import { uuidSchema } from "../../../lib/platform/ids.ts";
import { withoutBlanks } from "../../../lib/platform/text.ts";
import { listUsers } from "../../../lib/identity/users/people.ts";
import { defineNotice, flash } from "../kit/flash.tsx";
import { idOf, parse, readForm } from "../kit/form.ts";
import { goTo, renderPage, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { type GroupForm, GroupPage, GroupsPage } from "./views/groups.tsx";

const ALL = { limit: 500, skip: 0 };
const ACTIVE = { limit: 500, skip: 0, include_inactive: false };

const SAVED = defineNotice("groups.saved");
const DELETED = defineNotice("groups.deleted");

export function addGroups(pages: Routes): void {
  pages.get("/admin/groups", { who: "groups.read" }, (c) => showGroups(c));

  pages.post("/admin/groups", { who: "groups.change", audit: ["group.create"] }, async (c) => {
    const fields = await readForm(c);
    return await refusing(c, fields, showGroups, async (input) => {
      const { id } = await createGroup(c.var.ctx, input);
      return goTo(c, `/admin/groups/${id}`);
    });
  });

  pages.get("/admin/groups/:id", { who: "groups.read" }, (c) => showGroup(c));

  pages.post("/admin/groups/:id", { who: "groups.change", audit: ["group.update"] }, async (c) => {
    const fields = await readForm(c);
    return await refusing(c, fields, showGroup, async (input) => {
      const { id, name } = await updateGroup(c.var.ctx, idOf(c), input);
      flash(c, SAVED, { title: name });
      return goTo(c, `/admin/groups/${id}`);
    });
  });

  pages.post("/admin/groups/:id/delete", { who: "groups.change", audit: ["group.delete"] }, async (c) => {
    const { name } = await deleteGroup(c.var.ctx, idOf(c));
    flash(c, DELETED, { title: name });
    return goTo(c, "/admin/groups");
  });

  pages.post(
    "/admin/groups/:id/members",
    { who: "groups.change", audit: ["group.add_member"] },
    async (c) => {
      const { user_id } = await readForm(c);
      const { id } = await addMember(c.var.ctx, idOf(c), parse(uuidSchema, user_id));
      return goTo(c, `/admin/groups/${id}`);
    },
  );

  pages.post("/admin/groups/:id/members/:user_id/delete", {
    who: "groups.change",
    audit: ["group.remove_member"],
  }, async (c) => {
    const { id } = await removeMember(c.var.ctx, idOf(c), idOf(c, "user_id"));
    return goTo(c, `/admin/groups/${id}`);
  });
}

type Show = (c: UiContext, form?: GroupForm, status?: 200 | 409 | 422) => Promise<Response>;

/** Calls `save` with the parsed form, or shows the form again with its error. */
async function refusing(
  c: UiContext,
  fields: Record<string, string>,
  show: Show,
  save: (input: { name: string; description: string | null }) => Promise<Response>,
): Promise<Response> {
  const parsed = newGroupSchema.safeParse(withoutBlanks(fields));
  if (!parsed.success) return await show(c, { ...fields, error: uiOf(c).t("groups.name_needed") }, 422);
  try {
    return await save(parsed.data);
  } catch (error) {
    const text = explain(uiOf(c), error, groupError, "name_taken", "too_many");
    return await show(c, { ...fields, error: text }, 409);
  }
}

async function showGroups(c: UiContext, form?: GroupForm, status: 200 | 409 | 422 = 200): Promise<Response> {
  const groups = await listGroups(c.var.ctx, ALL);
  const ui = uiOf(c);
  return await renderPage(
    c,
    ui.t("admin.groups"),
    <GroupsPage ui={ui} groups={groups} form={form} />,
    status,
  );
}

async function showGroup(c: UiContext, form?: GroupForm, status: 200 | 409 | 422 = 200): Promise<Response> {
  const group = await getGroup(c.var.ctx, idOf(c));
  const ui = uiOf(c);
  const people = ui.mayAdminister ? await listUsers(c.var.ctx, ACTIVE) : [];
  const others = people.filter((person) => !group.members.some((member) => member.id === person.id));
  const view = <GroupPage ui={ui} group={group} others={others} form={form} />;
  return await renderPage(c, group.name, view, status);
}
