import {
  ACCEPTED_TYPES,
  acceptedTypes,
  DUPLICATE_RULES,
  duplicateRuleOf,
  TENANT_STATUSES,
  type TenantDetail,
} from "../../../../lib/tenancy/tenants/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { AdminPage } from "../../kit/views/admin.tsx";
import { Confirm } from "../../kit/views/confirm.tsx";
import { Field } from "../../kit/views/field.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { Select } from "../../kit/views/select.tsx";
import { UsageTable } from "./usage.tsx";

/** Fields as typed, and the names of those that are invalid. */
export interface QuotaForm {
  status?: string;
  bytes?: string;
  assets?: string;
  users?: string;
  jobs?: string;
  duplicate_rule?: string;
  /** Accepted types of asset. */
  types: readonly string[];
  wrong?: PropertyKey[];
}

const LIMITS = ["bytes", "assets", "users", "jobs"] as const;
/** Bytes in the unit of the form. */
export const GIGABYTE = 1e9;

export function TenantPage({ ui, tenant, form }: { ui: Ui; tenant: TenantDetail; form?: QuotaForm }) {
  const own = tenant.code === ui.viewer!.tenantCode;
  const suspended = tenant.status === "suspended";
  const { wrong = [], types, ...shown } = form ?? shownOf(ui, tenant);
  return (
    <AdminPage ui={ui} here="/admin/tenants">
      <div class="stack">
        <h2 dir="auto">
          {tenant.name} <span class="quiet">{tenant.code}</span>
        </h2>
        {suspended && (
          <div class="notice">
            <Icon name="warning" /> <p>{ui.t("tenants.suspended_text")}</p>
            <form method="post" action={`/admin/tenants/${tenant.id}/resume`}>
              <button class="button button--small" type="submit">{ui.t("tenants.resume")}</button>
            </form>
          </div>
        )}
        <UsageTable ui={ui} usage={tenant.usage} quota={tenant.quota} />
        <form class="form form--narrow" method="post" action={`/admin/tenants/${tenant.id}`} novalidate>
          {suspended ? <input type="hidden" name="status" value="suspended" /> : (
            <Choice
              name="status"
              label={ui.t("tenants.state")}
              options={TENANT_STATUSES.filter((status) => status !== "suspended").map((status) => ({
                value: status,
                text: ui.t(`tenants.${status}_text`),
              }))}
              chosen={shown.status}
            />
          )}
          {LIMITS.map((limit) => (
            <Field
              ui={ui}
              name={limit}
              label={ui.t(`tenants.most_${limit}`)}
              value={shown[limit]}
              error={wrong.includes(limit) ? ui.t("tenants.limit_wrong") : undefined}
              hint={limit === "bytes" ? ui.t("tenants.limit_hint") : undefined}
              autocomplete="off"
              maxlength={20}
            />
          ))}
          <fieldset class="choices">
            <legend>{ui.t("tenants.types")}</legend>
            {ACCEPTED_TYPES.map((type) => (
              <label class="choice">
                <input type="checkbox" name={`type_${type}`} value="true" checked={types.includes(type)} />
                <span>{ui.t(`type.${type}`)}</span>
              </label>
            ))}
            {wrong.includes("types") && (
              <p class="field__error" role="alert">
                <Icon name="warning" /> {ui.t("tenants.types_wrong")}
              </p>
            )}
          </fieldset>
          <Choice
            name="duplicate_rule"
            label={ui.t("tenants.duplicates")}
            options={DUPLICATE_RULES.map((rule) => ({
              value: rule,
              text: ui.t(`tenants.duplicates_${rule}`),
            }))}
            chosen={shown.duplicate_rule}
          />
          <div class="form__row">
            <button class="button button--main" type="submit">{ui.t("app.save")}</button>
            <a class="button" href="/admin/tenants">{ui.t("tenants.back")}</a>
          </div>
        </form>
        {!own && !suspended && (
          <div>
            <Suspend ui={ui} tenant={tenant} />
          </div>
        )}
      </div>
    </AdminPage>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  options: { value: string; text: string }[];
  chosen?: string;
}

function Choice({ name, label, options, chosen }: ChoiceProps) {
  return (
    <Select name={name} label={label}>
      {options.map(({ value, text }) => (
        <option value={value} selected={value === chosen}>
          {text}
        </option>
      ))}
    </Select>
  );
}

/** Suspending asks first, and tells whom it concerns. */
function Suspend({ ui, tenant: { id, name, usage } }: { ui: Ui; tenant: TenantDetail }) {
  return (
    <Confirm
      ui={ui}
      id="suspend"
      label={ui.t("tenants.suspend")}
      title={ui.t("tenants.suspend_title", { name })}
      text={[
        ui.plural("tenants.suspend_people", usage.users),
        ui.plural("tenants.suspend_assets", usage.assets),
        ui.t("tenants.suspend_text"),
      ].join(" ")}
      action={`/admin/tenants/${id}/suspend`}
    />
  );
}

function shownOf({ language }: Ui, { status, quota, settings }: TenantDetail): QuotaForm {
  return {
    status,
    types: acceptedTypes(settings),
    duplicate_rule: duplicateRuleOf(settings),
    bytes: quota.bytes === null
      ? ""
      : String(quota.bytes / GIGABYTE).replace(".", language === "pt-BR" ? "," : "."),
    assets: String(quota.assets ?? ""),
    users: String(quota.users ?? ""),
    jobs: String(quota.jobs ?? ""),
  };
}
