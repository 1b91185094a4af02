// One identity provider: its connection, who may sign in, and the role of each group.
import type { Provider } from "../../../../lib/identity/providers/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { AdminPage } from "../../kit/views/admin.tsx";
import { Confirm } from "../../kit/views/confirm.tsx";
import { Field } from "../../kit/views/field.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { Connection, type ProviderForm } from "./providers.tsx";
import { RoleSelect } from "./role_select.tsx";
import { SignInAgain } from "./sign_in_again.tsx";

/** Number of empty lines for further groups. */
const MORE_GROUPS = 2;

interface ProviderProps {
  ui: Ui;
  provider: Provider;
  redirectUri: string;
  form?: ProviderForm;
  /** Signed in recently enough to save changes. */
  mayChange: boolean;
}

export function ProviderPage({ ui, provider, redirectUri, form, mayChange }: ProviderProps) {
  const path = `/admin/providers/${provider.id}`;
  const shown = form ?? { fields: fieldsOf(provider), wrong: [] };
  return (
    <AdminPage ui={ui} here="/admin/providers">
      <div class="stack">
        <h2 class="trail" dir="auto">
          <a href="/admin/providers">{ui.t("admin.providers")}</a> <Icon name="chevron" class="trail__step" />
          {" "}
          {provider.name}
        </h2>
        {!mayChange && <SignInAgain ui={ui} path={path} text="providers.stale" />}
        <form class="sheet" method="post" action={path} novalidate>
          <RedirectAddress ui={ui} redirectUri={redirectUri} />
          <section aria-labelledby="provider-connection">
            <h2 id="provider-connection">{ui.t("providers.connection")}</h2>
            <Connection ui={ui} form={shown} hasSecret={provider.has_client_secret} />
            <Words ui={ui} form={shown} name="scopes" />
            <Check ui={ui} form={shown} name="is_enabled" />
          </section>
          <Admission ui={ui} form={shown} />
          <Groups ui={ui} form={shown} />
          <div class="form__row">
            <button class="button button--main" type="submit" disabled={!mayChange}>
              {ui.t("app.save")}
            </button>
          </div>
        </form>
        <div class="form__row">
          <Confirm
            ui={ui}
            id="delete-provider"
            label={ui.t("providers.delete")}
            title={ui.t("providers.delete_title", { name: provider.name })}
            text={ui.t("providers.delete_text")}
            action={`${path}/delete`}
          />
        </div>
      </div>
    </AdminPage>
  );
}

/** The redirect URI to register at the provider, with a button to copy it. */
function RedirectAddress({ ui, redirectUri }: { ui: Ui; redirectUri: string }) {
  return (
    <section aria-labelledby="provider-redirect">
      <h2 id="provider-redirect">{ui.t("providers.redirect")}</h2>
      <p>{ui.t("providers.redirect_text")}</p>
      <div class="form__row">
        <input
          class="input"
          id="redirect-uri"
          aria-labelledby="provider-redirect"
          value={redirectUri}
          readonly
        />
        <button
          class="button needs-script"
          type="button"
          data-copy="redirect-uri"
          data-copied={ui.t("providers.copied")}
        >
          {ui.t("providers.copy")}
        </button>
      </div>
    </section>
  );
}

interface PartProps {
  ui: Ui;
  form: ProviderForm;
}

/** Who may sign in. */
function Admission({ ui, form }: PartProps) {
  return (
    <section aria-labelledby="provider-admission">
      <h2 id="provider-admission">{ui.t("providers.admission")}</h2>
      <Check ui={ui} form={form} name="creates_users" />
      <Check ui={ui} form={form} name="links_users" />
      <Check ui={ui} form={form} name="trusts_emails" />
      <Words ui={ui} form={form} name="email_domains" />
      <Check ui={ui} form={form} name="is_strong" />
    </section>
  );
}

/** Roles by group, and the default role. */
function Groups({ ui, form: { fields, wrong } }: PartProps) {
  const filled = Object.keys(fields).filter((name) => /^group_\d+$/.test(name) && fields[name]);
  const rows = filled.map((name) => [fields[name]!, fields[name.replace("group", "role")]] as const);
  const empty = Array.from({ length: MORE_GROUPS }, () => ["", undefined] as const);
  return (
    <section aria-labelledby="provider-groups">
      <h2 id="provider-groups">{ui.t("providers.roles")}</h2>
      <div class="field">
        <label class="field__label" for="field-default_role">{ui.t("providers.default_role")}</label>
        <RoleSelect ui={ui} id="field-default_role" name="default_role" role={fields.default_role} />
      </div>
      <Field
        ui={ui}
        name="group_claim"
        label={ui.t("providers.group_claim")}
        value={fields.group_claim}
        hint={ui.t("providers.group_claim_hint")}
        error={wrong.includes("group_claim") ? ui.t("providers.wrong_group_claim") : undefined}
        autocomplete="off"
        maxlength={100}
      />
      <fieldset class="choices">
        <legend>{ui.t("providers.groups")}</legend>
        {[...rows, ...empty].map(([group, role], at) => (
          <div class="grant">
            <input
              class="input grant__name"
              name={`group_${at}`}
              value={group}
              aria-label={ui.t("providers.group", { number: at + 1 })}
              autocomplete="off"
              maxlength={200}
              dir="auto"
            />
            <RoleSelect
              ui={ui}
              name={`role_${at}`}
              label={ui.t("providers.role_of_group", { number: at + 1 })}
              role={role}
            />
          </div>
        ))}
        <p class="field__hint">{ui.t("providers.groups_hint")}</p>
        {wrong.includes("group_roles") && (
          <p class="field__error" role="alert">
            <Icon name="warning" /> {ui.t("providers.wrong_group_roles")}
          </p>
        )}
      </fieldset>
    </section>
  );
}

function Words({ ui, form: { fields, wrong }, name }: PartProps & { name: "scopes" | "email_domains" }) {
  return (
    <Field
      ui={ui}
      name={name}
      label={ui.t(`providers.${name}`)}
      value={fields[name]}
      hint={ui.t(`providers.${name}_hint`)}
      error={wrong.includes(name) ? ui.t(`providers.wrong_${name}`) : undefined}
      autocomplete="off"
    />
  );
}

type Choice = "is_enabled" | "creates_users" | "links_users" | "trusts_emails" | "is_strong";

function Check({ ui, form, name }: PartProps & { name: Choice }) {
  return (
    <label class="choice">
      <input type="checkbox" name={name} value="true" checked={form.fields[name] !== undefined} />
      <span>
        {ui.t(`providers.${name}`)}
        <span class="field__hint">{ui.t(`providers.${name}_hint`)}</span>
      </span>
    </label>
  );
}

/** The provider as fields of its form. */
function fieldsOf(provider: Provider): Record<string, string> {
  const { name, issuer, client_id, default_role, group_claim, group_roles } = provider;
  const checks = (["is_enabled", "creates_users", "links_users", "trusts_emails", "is_strong"] as const)
    .filter((each) => provider[each]);
  const groups = Object.entries(group_roles).toSorted().flatMap(([group, role], at) => [
    [`group_${at}`, group],
    [`role_${at}`, role],
  ]);
  return {
    name,
    issuer,
    client_id,
    default_role,
    group_claim: group_claim ?? "",
    scopes: provider.scopes.join(" "),
    email_domains: provider.email_domains.join(" "),
    ...Object.fromEntries(checks.map((each) => [each, "true"])),
    ...Object.fromEntries(groups),
  };
}
