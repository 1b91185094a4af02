import type { Group, GroupDetail, Member } from "../../../../lib/identity/groups/schema.ts";
import type { User } from "../../../../lib/identity/users/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { AdminPage } from "../../kit/views/admin.tsx";
import { Beside } from "../../kit/views/beside.tsx";
import { Field } from "../../kit/views/field.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { Ago } from "../../kit/views/states.tsx";

/** A group's fields as typed, with the error. */
export interface GroupForm {
  name?: string;
  description?: string;
  error?: string;
}

export function GroupsPage({ ui, groups, form = {} }: { ui: Ui; groups: Group[]; form?: GroupForm }) {
  return (
    <AdminPage ui={ui} here="/admin/groups">
      <div class="stack">
        <p class="quiet">{ui.t("groups.text")}</p>
        <Beside
          title={ui.t("groups.new")}
          form={ui.mayAdminister && (
            <form class="form form--narrow" method="post" action="/admin/groups" novalidate>
              <Fields ui={ui} form={form} label={ui.t("groups.name")} />
              <button class="button button--main" type="submit">{ui.t("groups.create")}</button>
            </form>
          )}
        >
          {groups.length === 0
            ? <p class="quiet">{ui.t("groups.none")}</p>
            : <GroupTable ui={ui} groups={groups} />}
        </Beside>
      </div>
    </AdminPage>
  );
}

function GroupTable({ ui, groups }: { ui: Ui; groups: Group[] }) {
  return (
    <table class="table" aria-label={ui.t("groups.list")}>
      <thead>
        <tr>
          <th scope="col">{ui.t("groups.name")}</th>
          <th scope="col">{ui.t("groups.members")}</th>
          <th scope="col">{ui.t("groups.created")}</th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => (
          <tr>
            <td class="table__title" dir="auto">
              <a href={`/admin/groups/${group.id}`}>{group.name}</a>
              {group.description && <span class="table__sub">{group.description}</span>}
            </td>
            <td class="quiet">{ui.plural("groups.count", group.member_count)}</td>
            <td class="table__age quiet">
              <Ago ui={ui} at={group.created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface GroupProps {
  ui: Ui;
  group: GroupDetail;
  /** Accounts that can be added. */
  others: User[];
  form?: GroupForm;
}

export function GroupPage({ ui, group, others, form }: GroupProps) {
  const path = `/admin/groups/${group.id}`;
  const fields = form ?? { name: group.name, description: group.description ?? "" };
  return (
    <AdminPage ui={ui} here="/admin/groups">
      <div class="stack">
        <h2 class="trail" dir="auto">
          <a href="/admin/groups">{ui.t("admin.groups")}</a> <Icon name="chevron" class="trail__step" />{" "}
          {group.name}
        </h2>
        {ui.mayAdminister && (
          <form class="form__row form__row--fields" method="post" action={path} novalidate>
            <Fields ui={ui} form={fields} label={ui.t("groups.name")} />
            <button class="button" type="submit">{ui.t("app.save")}</button>
            <DeleteGroup ui={ui} group={group} />
          </form>
        )}
        {ui.mayAdminister && others.length > 0 && <AddMember ui={ui} path={path} others={others} />}
        {group.members.length === 0
          ? <p class="quiet">{ui.t("groups.empty")}</p>
          : <Members ui={ui} path={path} members={group.members} />}
        {ui.mayAdminister && <ConfirmDelete ui={ui} group={group} />}
      </div>
    </AdminPage>
  );
}

function Fields({ ui, form, label }: { ui: Ui; form: GroupForm; label: string }) {
  return (
    <>
      <Field
        ui={ui}
        name="name"
        label={label}
        value={form.name}
        error={form.error}
        autocomplete="off"
        maxlength={255}
      />
      <Field
        ui={ui}
        name="description"
        label={ui.t("groups.description")}
        value={form.description}
        autocomplete="off"
        maxlength={2000}
      />
    </>
  );
}

function AddMember({ ui, path, others }: { ui: Ui; path: string; others: User[] }) {
  return (
    <form class="form__row" method="post" action={`${path}/members`}>
      <select class="input select" name="user_id" aria-label={ui.t("groups.person")}>
        {others.map((person) => <option value={person.id}>{`${person.name} · ${person.email}`}</option>)}
      </select>
      <button class="button button--main" type="submit">{ui.t("groups.add")}</button>
    </form>
  );
}

function Members({ ui, path, members }: { ui: Ui; path: string; members: Member[] }) {
  return (
    <table class="table" aria-label={ui.t("groups.members")}>
      <thead>
        <tr>
          <th scope="col">{ui.t("people.name")}</th>
          <th scope="col">{ui.t("people.role")}</th>
          <th scope="col">{ui.t("groups.added")}</th>
          <th scope="col">
            <span class="sr-only">{ui.t("people.actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {members.map((member) => (
          <tr>
            <td class="table__title" dir="auto">
              {member.name}
              <span class="table__sub">{member.email}</span>
            </td>
            <td>
              {ui.t(`role.${member.role}`)}
              {!member.is_active && <span class="quiet">{` · ${ui.t("people.inactive")}`}</span>}
            </td>
            <td class="table__age quiet">
              <Ago ui={ui} at={member.added_at} />
            </td>
            <td class="table__act">
              {ui.mayAdminister && (
                <form
                  method="post"
                  action={`${path}/members/${member.id}/delete`}
                  hx-nonce={ui.nonce}
                  hx-boost='{"target":"#page","swap":"outerHTML show:none"}'
                >
                  <button class="button button--small button--bare" type="submit">
                    {ui.t("groups.remove")} <span class="sr-only">{member.name}</span>
                  </button>
                </form>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function DeleteGroup({ ui, group }: { ui: Ui; group: GroupDetail }) {
  return (
    <button class="button button--bare" type="button" popovertarget={`delete-${group.id}`}>
      {ui.t("groups.delete")}
    </button>
  );
}

/** Asks for confirmation, naming the group and how many members lose access. */
function ConfirmDelete({ ui, group }: { ui: Ui; group: GroupDetail }) {
  const id = `delete-${group.id}`;
  return (
    <div class="confirm" id={id} popover="auto" role="dialog" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} dir="auto">{ui.t("groups.delete_title", { name: group.name })}</h2>
      <p>{ui.plural("groups.delete_text", group.member_count)}</p>
      <form class="form__row" method="post" action={`/admin/groups/${group.id}/delete`}>
        <button class="button button--main" type="submit">{ui.t("groups.delete")}</button>
        <button class="button button--bare" type="button" popovertarget={id} popovertargetaction="hide">
          {ui.t("app.cancel")}
        </button>
      </form>
    </div>
  );
}
