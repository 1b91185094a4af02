import { type Tenant, TENANT_TYPES } from "../../../../lib/tenancy/tenants/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { AdminPage } from "../../kit/views/admin.tsx";
import { InvitationLink } from "../../identity/views/invitation_link.tsx";
import { Beside } from "../../kit/views/beside.tsx";
import { Field } from "../../kit/views/field.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { Select } from "../../kit/views/select.tsx";
import { Ago } from "../../kit/views/states.tsx";

/** The form for a new tenant with its errors, or the link for its first administrator, which is shown only now. */
export interface TenantForm {
  code?: string;
  name?: string;
  type?: string;
  email?: string;
  errors?: { code?: string; name?: string; email?: string };
  link?: string;
}

export function TenantsPage({ ui, tenants, form = {} }: { ui: Ui; tenants: Tenant[]; form?: TenantForm }) {
  return (
    <AdminPage ui={ui} here="/admin/tenants">
      <div class="stack">
        {form.link && <InvitationLink ui={ui} email={form.email!} link={form.link} />}
        <Beside title={ui.t("tenants.new")} form={<NewTenantForm ui={ui} form={form.link ? {} : form} />}>
          <table class="table" aria-label={ui.t("tenants.list")}>
            <thead>
              <tr>
                <th scope="col">{ui.t("tenants.name")}</th>
                <th scope="col">{ui.t("tenants.type")}</th>
                <th scope="col">{ui.t("tenants.state")}</th>
                <th scope="col">{ui.t("tenants.created")}</th>
                <th scope="col">
                  <span class="sr-only">{ui.t("tenants.actions")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {tenants.map((tenant) => <TenantRow ui={ui} tenant={tenant} />)}
            </tbody>
          </table>
        </Beside>
      </div>
    </AdminPage>
  );
}

function NewTenantForm({ ui, form }: { ui: Ui; form: TenantForm }) {
  const { errors = {} } = form;
  return (
    <form class="form form--narrow" method="post" action="/admin/tenants" novalidate>
      <Field
        ui={ui}
        name="name"
        label={ui.t("tenants.name")}
        value={form.name}
        error={errors.name}
        maxlength={255}
      />
      <Field
        ui={ui}
        name="code"
        label={ui.t("tenants.code")}
        value={form.code}
        error={errors.code}
        autocomplete="off"
        maxlength={50}
      />
      <Field
        ui={ui}
        name="email"
        type="email"
        label={ui.t("tenants.invite_for")}
        value={form.email}
        error={errors.email}
        autocomplete="off"
        maxlength={254}
      />
      <Select name="type" label={ui.t("tenants.type")}>
        {TENANT_TYPES.map((type) => (
          <option value={type} selected={type === (form.type ?? "production")}>
            {ui.t(`tenants.type_${type}`)}
          </option>
        ))}
      </Select>
      <button class="button button--main" type="submit">{ui.t("tenants.create")}</button>
    </form>
  );
}

function TenantRow({ ui, tenant }: { ui: Ui; tenant: Tenant }) {
  const closed = tenant.status === "suspended";
  const required = tenant.settings.require_second_factor === true;
  const factor = required ? "free" : "require";
  return (
    <tr>
      <td class="table__title" dir="auto">
        <a href={`/admin/tenants/${tenant.id}`}>{tenant.name}</a>
        <span class="table__sub">
          {tenant.code}
          {required && ` · ${ui.t("tenants.factor")}`}
        </span>
      </td>
      <td class="quiet">{ui.t(`tenants.type_${tenant.type}`)}</td>
      <td class="table__state">
        <span class={`state state--${closed ? "bad" : tenant.status === "active" ? "ok" : "idle"}`}>
          <Icon name={tenant.status === "active" ? "check" : "cancel"} /> {ui.t(`tenants.${tenant.status}`)}
        </span>
      </td>
      <td class="table__age quiet">
        <Ago ui={ui} at={tenant.created_at} />
      </td>
      <td class="table__act">
        <form method="post" action={`/admin/tenants/${tenant.id}/${factor}-second-factor`}>
          <button class="button button--small button--bare" type="submit">
            {ui.t(`tenants.factor_${factor}`)} <span class="sr-only">{tenant.name}</span>
          </button>
        </form>
        {closed && (
          <form method="post" action={`/admin/tenants/${tenant.id}/resume`}>
            <button class="button button--small button--bare" type="submit">
              {ui.t("tenants.resume")} <span class="sr-only">{tenant.name}</span>
            </button>
          </form>
        )}
      </td>
    </tr>
  );
}
