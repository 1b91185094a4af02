import type { Invitation } from "../../../../lib/identity/invitations/schema.ts";
import type { User } from "../../../../lib/identity/users/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { AdminPage } from "../../kit/views/admin.tsx";
import { InvitationLink } from "./invitation_link.tsx";
import { Invitations, InviteForm, type Inviting } from "./invitations.tsx";
import { RoleSelect } from "./role_select.tsx";
import { SignInAgain } from "./sign_in_again.tsx";
import { Beside } from "../../kit/views/beside.tsx";
import { Confirm } from "../../kit/views/confirm.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { Ago } from "../../kit/views/states.tsx";

interface PeopleProps {
  ui: Ui;
  people: User[];
  invitations: Invitation[];
  inviting?: Inviting;
  /** Signed in recently enough to let people in. */
  mayAdmit: boolean;
}

export function PeoplePage({ ui, people, invitations, inviting = {}, mayAdmit }: PeopleProps) {
  return (
    <AdminPage ui={ui} here="/admin">
      <div class="stack">
        {ui.mail === "none" && (
          <div class="notice">
            <Icon name="warning" /> <p>{ui.t("people.no_mail")}</p>
          </div>
        )}
        {ui.mail === "log" && (
          <div class="notice">
            <Icon name="warning" /> <p>{ui.t("people.mail_logged")}</p>
          </div>
        )}
        {inviting.link && <InvitationLink ui={ui} email={inviting.email!} link={inviting.link} />}
        <Beside
          title={ui.t("people.invite_title")}
          form={mayAdmit
            ? <InviteForm ui={ui} inviting={inviting.link ? {} : inviting} />
            : <SignInAgain ui={ui} path="/admin" text="people.stale" />}
        >
          {invitations.length > 0 && <Invitations ui={ui} invitations={invitations} />}
          <table class="table" aria-label={ui.t("people.list")}>
            <thead>
              <tr>
                <th scope="col">{ui.t("people.name")}</th>
                <th scope="col">{ui.t("people.role")}</th>
                <th scope="col">{ui.t("people.state")}</th>
                <th scope="col">{ui.t("people.last_seen")}</th>
                <th scope="col">
                  <span class="sr-only">{ui.t("people.actions")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {people.map((person) => <PersonRow ui={ui} person={person} />)}
            </tbody>
          </table>
        </Beside>
      </div>
    </AdminPage>
  );
}

function PersonRow({ ui, person }: { ui: Ui; person: User }) {
  const own = person.id === ui.viewer!.id;
  const fixed = own || !person.is_active || (person.is_superuser && !ui.viewer!.isSuperuser);
  return (
    <tr>
      <td class="table__title" dir="auto">
        {person.name} {own && <span class="quiet">({ui.t("people.you")})</span>}
        <span class="table__sub">
          {person.email}
          {person.has_second_factor && ` · ${ui.t("people.factor")}`}
        </span>
      </td>
      <td>
        {fixed ? ui.t(`role.${person.role}`) : <RoleForm ui={ui} person={person} />}
        {person.is_superuser && <span class="quiet">{` · ${ui.t("people.superuser")}`}</span>}
      </td>
      <td class="table__state">
        {person.is_active
          ? (
            <span class="state state--ok">
              <Icon name="check" /> {ui.t("people.active")}
            </span>
          )
          : (
            <span class="state state--idle">
              <Icon name="cancel" /> {ui.t("people.inactive")}
            </span>
          )}
      </td>
      <td class="table__age quiet">
        {person.last_login_at ? <Ago ui={ui} at={person.last_login_at} /> : ui.t("people.never")}
      </td>
      <td class="table__act">
        {person.has_second_factor && !fixed && (
          <Confirm
            ui={ui}
            id={`factor-${person.id}`}
            label={ui.t("people.reset_factor")}
            of={person.name}
            title={ui.t("people.reset_factor_title", { name: person.name })}
            text={ui.t("people.reset_factor_text")}
            action={`/admin/people/${person.id}/reset-second-factor`}
          />
        )}
        {(!fixed || !person.is_active) && <StateForm ui={ui} person={person} />}
      </td>
    </tr>
  );
}

/** Saves as soon as another role is chosen; without scripts there is a button. */
function RoleForm({ ui, person }: { ui: Ui; person: User }) {
  const path = `/admin/people/${person.id}`;
  return (
    <form
      class="form__row"
      method="post"
      action={path}
      hx-nonce={ui.nonce}
      hx-post={path}
      hx-target="#page"
      hx-swap="outerHTML show:none"
      hx-trigger="change, submit"
    >
      <RoleSelect ui={ui} label={ui.t("people.role_of", { name: person.name })} role={person.role} />
      <noscript>
        <button class="button" type="submit">{ui.t("people.choose_role")}</button>
      </noscript>
    </form>
  );
}

function StateForm({ ui, person }: { ui: Ui; person: User }) {
  const act = person.is_active ? "deactivate" : "reactivate";
  return (
    <form
      method="post"
      action={`/admin/people/${person.id}/${act}`}
      hx-nonce={ui.nonce}
      hx-boost='{"target":"#page","swap":"outerHTML show:none"}'
    >
      <button class="button button--small button--bare" id={`act-${person.id}`} type="submit">
        {ui.t(`people.${act}`)} <span class="sr-only">{person.name}</span>
      </button>
    </form>
  );
}
