// Settings › API keys: the keys of the account.
import { type ApiKey, KEY_SCOPES } from "../../../../lib/identity/api_keys/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { Field } from "../../kit/views/field.tsx";
import { Beside } from "../../kit/views/beside.tsx";
import { Page } from "../../kit/views/frame.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { Once } from "../../kit/views/once.tsx";
import { Select } from "../../kit/views/select.tsx";
import { Ago, Moment } from "../../kit/views/states.tsx";
import type { TextKey } from "../../kit/words.ts";
import { SettingsSections } from "./settings_sections.tsx";
import { SignInAgain } from "./sign_in_again.tsx";

const LIFETIMES = [7, 30, 90, 365];

/** The value of the choice to make a key without an end. */
export const NEVER = "never";

/** The form for a new key as it was filled in, with its errors; or the created key, which is shown only now. */
export interface KeyForm {
  name?: string;
  scope?: string;
  end?: string;
  error?: string;
  endError?: string;
  key?: string;
}

interface KeysProps {
  ui: Ui;
  keys: ApiKey[];
  form?: KeyForm;
  /** Signed in recently enough to create one. */
  mayCreate: boolean;
}

export function KeysPage({ ui, keys, form = {}, mayCreate }: KeysProps) {
  return (
    <Page ui={ui} name="keys">
      <div class="heading">
        <h1>{ui.t("settings.title")}</h1>
        <SettingsSections ui={ui} here="/settings/keys" />
      </div>
      <div class="stack">
        <p class="quiet">{ui.t("access.keys_text")}</p>
        {form.key && (
          <Once
            id="new-key"
            label={ui.t("access.new_key")}
            text={ui.t("access.key_text")}
            value={form.key}
            copy={ui.t("access.copy")}
            copied={ui.t("access.copied")}
          />
        )}
        <Beside
          title={ui.t("access.new")}
          form={mayCreate
            ? <NewKeyForm ui={ui} form={form.key ? {} : form} />
            : <SignInAgain ui={ui} path="/settings/keys" text="access.keys_stale" />}
        >
          {keys.length > 0 ? <KeyTable ui={ui} keys={keys} /> : <p class="quiet">{ui.t("access.no_keys")}</p>}
        </Beside>
      </div>
    </Page>
  );
}

function NewKeyForm({ ui, form }: { ui: Ui; form: KeyForm }) {
  const scopes = KEY_SCOPES.filter((scope) => scope !== "admin" || ui.mayAdminister);
  return (
    <form class="form form--narrow" method="post" action="/settings/keys" novalidate>
      <Field
        ui={ui}
        name="name"
        label={ui.t("access.key_name")}
        value={form.name}
        error={form.error}
        autocomplete="off"
        maxlength={255}
      />
      <Select name="scope" label={ui.t("access.scopes")}>
        {scopes.map((scope) => (
          <option value={scope} selected={scope === form.scope}>{ui.t(`access.scope_${scope}`)}</option>
        ))}
      </Select>
      <Select
        name="expires_in_days"
        label={ui.t("access.expires_in")}
        error={form.endError}
      >
        <option value="">{ui.t("access.choose_end")}</option>
        {LIFETIMES.map((days) => (
          <option value={String(days)} selected={String(days) === form.end}>
            {ui.plural("access.days", days)}
          </option>
        ))}
        <option value={NEVER} selected={form.end === NEVER}>{ui.t("access.no_end")}</option>
      </Select>
      <button class="button button--main" type="submit">{ui.t("access.create")}</button>
    </form>
  );
}

function KeyTable({ ui, keys }: { ui: Ui; keys: ApiKey[] }) {
  return (
    <table class="table" aria-label={ui.t("access.key_list")}>
      <thead>
        <tr>
          <th scope="col">{ui.t("access.key")}</th>
          <th scope="col">{ui.t("access.scopes")}</th>
          <th scope="col">{ui.t("people.state")}</th>
          <th scope="col">{ui.t("access.expires")}</th>
          <th scope="col">{ui.t("access.last_used")}</th>
          <th scope="col">
            <span class="sr-only">{ui.t("access.actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => <KeyRow ui={ui} apiKey={key} />)}
      </tbody>
    </table>
  );
}

function KeyRow({ ui, apiKey }: { ui: Ui; apiKey: ApiKey }) {
  const end = apiKey.revoked_at ?? apiKey.expires_at;
  return (
    <tr>
      <td class="table__title" dir="auto">
        {apiKey.name}
        <span class="table__sub">
          <code>{apiKey.key_prefix}…</code> {apiKey.user_id !== ui.viewer!.id && apiKey.user_email}
        </span>
      </td>
      <td>{apiKey.scopes.map((scope) => ui.t(`access.scope_${scope}`)).join(", ")}</td>
      <td class="table__state">
        <span class={`state state--${apiKey.is_active ? "ok" : "idle"}`}>
          <Icon name={apiKey.is_active ? "check" : "cancel"} /> {ui.t(keyState(apiKey))}
        </span>
      </td>
      <td class="table__state">
        {end
          ? (
            <span class="quiet">
              <Moment ui={ui} at={end} />
            </span>
          )
          : <NoEnd ui={ui} />}
      </td>
      <td class="table__age quiet" title={apiKey.last_used_from ?? undefined}>
        {apiKey.last_used_at ? <Ago ui={ui} at={apiKey.last_used_at} /> : ui.t("access.unused")}
      </td>
      <td class="table__act">
        {!apiKey.revoked_at && (
          <form method="post" action={`/settings/keys/${apiKey.id}/revoke`}>
            <button class="button button--small button--bare" type="submit">
              {ui.t("access.revoke")} <span class="sr-only">{apiKey.name}</span>
            </button>
          </form>
        )}
      </td>
    </tr>
  );
}

/** A key that lasts until it is revoked stands out. */
function NoEnd({ ui }: { ui: Ui }) {
  return (
    <span class="state">
      <Icon name="warning" /> {ui.t("access.no_end")}
    </span>
  );
}

function keyState({ is_active, revoked_at }: ApiKey): TextKey {
  if (revoked_at) return "access.key_revoked";
  return is_active ? "access.key_active" : "access.key_ended";
}
