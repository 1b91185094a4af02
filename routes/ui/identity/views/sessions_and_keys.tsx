// The sessions and API keys of the signed-in account.
import { type ApiKey, KEY_SCOPES } from "../../../../lib/identity/api_keys/schema.ts";
import type { Session } from "../../../../lib/identity/sessions/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import type { TextKey } from "../../kit/words.ts";
import { Once } from "../../kit/views/once.tsx";
import { Sections } from "../../kit/views/sections.tsx";
import { Field } from "../../kit/views/field.tsx";
import { Page } from "../../kit/views/frame.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { SignInAgain } from "./sign_in_again.tsx";
import { Ago } from "../../kit/views/states.tsx";

const SECTIONS: [path: string, text: TextKey][] = [
  ["/settings", "settings.profile"],
  ["/settings/security", "security.title"],
  ["/settings/sessions", "access.sessions"],
  ["/settings/keys", "access.keys"],
];
const LIFETIMES = [7, 30, 90, 365];

/** Links between the settings pages. */
export function SettingsSections({ ui, here }: { ui: Ui; here: string }) {
  return <Sections ui={ui} label="access.sections" here={here} sections={SECTIONS} />;
}

interface SessionsProps {
  ui: Ui;
  sessions: Session[];
  /** Signed in recently enough to end other sessions. */
  mayEnd: boolean;
}

export function SessionsPage({ ui, sessions, mayEnd }: SessionsProps) {
  return (
    <Page ui={ui} name="sessions">
      <div class="heading">
        <h1>{ui.t("settings.title")}</h1>
        <SettingsSections ui={ui} here="/settings/sessions" />
      </div>
      <div class="stack">
        <p class="quiet">{ui.t("access.sessions_text")}</p>
        {!mayEnd && sessions.length > 1 && (
          <SignInAgain ui={ui} path="/settings/sessions" text="access.stale" />
        )}
        <table class="table" aria-label={ui.t("access.session_list")}>
          <thead>
            <tr>
              <th scope="col">{ui.t("access.device")}</th>
              <th scope="col">{ui.t("access.address")}</th>
              <th scope="col">{ui.t("access.last_used")}</th>
              <th scope="col">
                <span class="sr-only">{ui.t("access.actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sessions.map((session) => <SessionRow ui={ui} session={session} mayEnd={mayEnd} />)}
          </tbody>
        </table>
      </div>
    </Page>
  );
}

function SessionRow({ ui, session, mayEnd }: { ui: Ui; session: Session; mayEnd: boolean }) {
  return (
    <tr>
      <td class="table__title" title={session.user_agent ?? undefined}>
        {deviceText(ui, session)}{" "}
        {session.is_current && <span class="quiet">({ui.t("access.this_one")})</span>}
      </td>
      <td class="quiet">{session.address}</td>
      <td class="table__age quiet">
        <Ago ui={ui} at={session.last_used_at} />
      </td>
      <td class="table__act">
        {mayEnd && !session.is_current && (
          <form method="post" action={`/settings/sessions/${session.id}/end`}>
            <button class="button button--small button--bare" type="submit">
              {ui.t("access.end")} <span class="sr-only">{deviceText(ui, session)}</span>
            </button>
          </form>
        )}
      </td>
    </tr>
  );
}

/** The form for a new key with its error, or the created key, which is shown only now. */
export interface KeyForm {
  name?: string;
  error?: string;
  key?: string;
}

export function KeysPage({ ui, keys, form = {} }: { ui: Ui; keys: ApiKey[]; form?: KeyForm }) {
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
        <NewKeyForm ui={ui} form={form.key ? {} : form} />
        {keys.length > 0 && <KeyTable ui={ui} keys={keys} />}
      </div>
    </Page>
  );
}

function NewKeyForm({ ui, form }: { ui: Ui; form: KeyForm }) {
  const scopes = KEY_SCOPES.filter((scope) => scope !== "admin" || ui.mayAdminister);
  return (
    <form class="form__row form__row--fields" method="post" action="/settings/keys" novalidate>
      <Field
        ui={ui}
        name="name"
        label={ui.t("access.key_name")}
        value={form.name}
        error={form.error}
        autocomplete="off"
        maxlength={255}
      />
      <select class="input select" name="scope" aria-label={ui.t("access.scopes")}>
        {scopes.map((scope) => <option value={scope}>{ui.t(`access.scope_${scope}`)}</option>)}
      </select>
      <select class="input select" name="expires_in_days" aria-label={ui.t("access.expires_in")}>
        {LIFETIMES.map((days) => (
          <option value={String(days)} selected={days === 90}>{ui.plural("access.days", days)}</option>
        ))}
        <option value="">{ui.t("access.no_end")}</option>
      </select>
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
      <td class="quiet">{end ? ui.dateTime(end) : ui.t("access.no_end")}</td>
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

function keyState({ is_active, revoked_at }: ApiKey): TextKey {
  if (revoked_at) return "access.key_revoked";
  return is_active ? "access.key_active" : "access.key_ended";
}

const BROWSERS: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** "Firefox on Linux", as the user agent claims; for other clients the user agent itself. */
function deviceText(ui: Ui, { kind, user_agent }: Session): string {
  const agent = user_agent ?? "";
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1];
  if (kind === "browser" && browser && system) return ui.t("access.on", { browser, system });
  return agent.slice(0, 60) || ui.t("access.program");
}
