// Admin › Single sign-on: the identity providers of a tenant.
import type { Provider } from "../../../../lib/identity/providers/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { AdminPage } from "../../kit/views/admin.tsx";
import { Beside } from "../../kit/views/beside.tsx";
import { Field } from "../../kit/views/field.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { Ago } from "../../kit/views/states.tsx";
import { SignInAgain } from "./sign_in_again.tsx";

/** Fields as typed, and the names of those that are invalid. */
export interface ProviderForm {
  fields: Record<string, string>;
  wrong: string[];
  /** What is wrong with the issuer, where that is known. */
  issuer?: string;
  /** An error that belongs to no field. */
  problem?: string;
}

const EMPTY: ProviderForm = { fields: {}, wrong: [] };

interface ProvidersProps {
  ui: Ui;
  providers: Provider[];
  form?: ProviderForm;
  /** Signed in recently enough to add one. */
  mayChange: boolean;
}

export function ProvidersPage({ ui, providers, form, mayChange }: ProvidersProps) {
  return (
    <AdminPage ui={ui} here="/admin/providers">
      <div class="stack">
        <p class="quiet">{ui.t("providers.text")}</p>
        {form?.problem && (
          <div class="notice notice--bad" role="alert">
            <Icon name="warning" /> <p>{form.problem}</p>
          </div>
        )}
        <Beside
          title={ui.t("providers.create")}
          form={mayChange
            ? (
              <form class="form form--narrow" method="post" action="/admin/providers" novalidate>
                <Connection ui={ui} form={form ?? EMPTY} />
                <button class="button button--main" type="submit">{ui.t("providers.create")}</button>
              </form>
            )
            : <SignInAgain ui={ui} path="/admin/providers" text="providers.stale" />}
        >
          {providers.length === 0
            ? <p class="quiet">{ui.t("providers.none")}</p>
            : <ProviderTable ui={ui} providers={providers} />}
        </Beside>
      </div>
    </AdminPage>
  );
}

interface ConnectionProps {
  ui: Ui;
  form: ProviderForm;
  /** A secret is stored; an empty field keeps it. */
  hasSecret?: boolean;
}

/** The fields of the connection: name, issuer and client credentials. */
export function Connection({ ui, form: { fields, wrong, issuer }, hasSecret }: ConnectionProps) {
  const error = (name: "name" | "issuer" | "client_id" | "client_secret") =>
    wrong.includes(name) ? ui.t(`providers.wrong_${name}`) : undefined;
  return (
    <>
      <Field
        ui={ui}
        name="name"
        label={ui.t("providers.name")}
        value={fields.name}
        error={error("name")}
        autocomplete="off"
        maxlength={100}
      />
      <Field
        ui={ui}
        name="issuer"
        label={ui.t("providers.issuer")}
        value={fields.issuer}
        error={issuer ?? error("issuer")}
        autocomplete="off"
        maxlength={500}
      />
      <Field
        ui={ui}
        name="client_id"
        label={ui.t("providers.client_id")}
        value={fields.client_id}
        error={error("client_id")}
        autocomplete="off"
        maxlength={500}
      />
      <Field
        ui={ui}
        name="client_secret"
        type="password"
        label={ui.t("providers.client_secret")}
        hint={hasSecret ? ui.t("providers.secret_kept") : undefined}
        error={error("client_secret")}
        autocomplete="off"
        maxlength={1000}
      />
      {hasSecret && (
        <label class="choice">
          <input type="checkbox" name="no_secret" value="true" checked={fields.no_secret !== undefined} />
          <span>{ui.t("providers.no_secret")}</span>
        </label>
      )}
    </>
  );
}

function ProviderTable({ ui, providers }: { ui: Ui; providers: Provider[] }) {
  return (
    <table class="table" aria-label={ui.t("providers.list")}>
      <thead>
        <tr>
          <th scope="col">{ui.t("providers.name")}</th>
          <th scope="col">{ui.t("providers.state")}</th>
          <th scope="col">{ui.t("providers.created")}</th>
        </tr>
      </thead>
      <tbody>
        {providers.map((provider) => (
          <tr>
            <td class="table__title" dir="auto">
              <a href={`/admin/providers/${provider.id}`}>{provider.name}</a>
              <span class="table__sub">{provider.issuer}</span>
            </td>
            <td class="table__state">
              <span class={`state state--${provider.is_enabled ? "ok" : "idle"}`}>
                <Icon name={provider.is_enabled ? "check" : "cancel"} />{" "}
                {ui.t(provider.is_enabled ? "providers.open" : "providers.closed")}
              </span>
            </td>
            <td class="table__age quiet">
              <Ago ui={ui} at={provider.created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
