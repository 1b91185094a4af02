// Invitations on Admin › People: the form, and the table of open ones.
import type { Invitation } from "../../../../lib/identity/invitations/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { Field } from "../../kit/views/field.tsx";
import { Moment } from "../../kit/views/states.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { RoleSelect } from "./role_select.tsx";

/** The result of the invitation form: the link, which is shown only now, or the fields with an error. */
export interface Inviting {
  email?: string;
  role?: string;
  error?: string;
  link?: string;
}

/** The form that invites an address. */
export function InviteForm({ ui, inviting }: { ui: Ui; inviting: Inviting }) {
  return (
    <form class="form form--narrow" method="post" action="/admin" novalidate>
      <Field
        ui={ui}
        name="email"
        type="email"
        label={ui.t("people.email")}
        value={inviting.email}
        error={inviting.error}
        autocomplete="off"
        maxlength={254}
      />
      <div class="field">
        <label class="field__label" for="field-role">{ui.t("people.role")}</label>
        <RoleSelect ui={ui} id="field-role" role={inviting.role ?? "editor"} />
      </div>
      <button class="button button--main" type="submit">{ui.t("people.invite")}</button>
    </form>
  );
}

/** The open invitations. */
export function Invitations({ ui, invitations }: { ui: Ui; invitations: Invitation[] }) {
  return (
    <table class="table" aria-label={ui.t("people.invitations")}>
      <thead>
        <tr>
          <th scope="col">{ui.t("people.invitations")}</th>
          <th scope="col">{ui.t("people.role")}</th>
          <th scope="col">{ui.t("people.invited_by")}</th>
          <th scope="col">{ui.t("people.mail")}</th>
          <th scope="col">{ui.t("people.expires")}</th>
          <th scope="col">
            <span class="sr-only">{ui.t("people.actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {invitations.map((invitation) => (
          <tr>
            <td class="table__title">{invitation.email}</td>
            <td>{ui.t(`role.${invitation.role}`)}</td>
            <td class="quiet" dir="auto">{invitation.invited_by_name}</td>
            <td class="table__state">
              <MailState ui={ui} status={invitation.mail_status} />
            </td>
            <td class="table__age quiet">
              <Moment ui={ui} at={invitation.expires_at} />
            </td>
            <td class="table__act">
              <form method="post" action={`/admin/invitations/${invitation.id}/delete`}>
                <button class="button button--small button--bare" type="submit">
                  {ui.t("people.take_back")} <span class="sr-only">{invitation.email}</span>
                </button>
              </form>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const MAIL_LOOKS = {
  waiting: ["idle", "clock"],
  sent: ["ok", "check"],
  failed: ["bad", "warning"],
} as const;

function MailState({ ui, status }: { ui: Ui; status: Invitation["mail_status"] }) {
  if (!status) return <span class="quiet">{ui.t("people.mail_none")}</span>;
  const [tone, icon] = MAIL_LOOKS[status];
  return (
    <span class={`state state--${tone}`}>
      <Icon name={icon} /> {ui.t(`people.mail_${status}`)}
    </span>
  );
}
