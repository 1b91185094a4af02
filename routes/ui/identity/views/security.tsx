// Settings › Security: second factors, passkeys, recovery codes and linked identity providers.
import type { Passkey } from "../../../../lib/identity/passkeys/schema.ts";
import type { Identity } from "../../../../lib/identity/providers/schema.ts";
import type { SecondFactor } from "../../../../lib/identity/second_factors/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { SettingsSections } from "./settings_sections.tsx";
import { Confirm } from "../../kit/views/confirm.tsx";
import { Field } from "../../kit/views/field.tsx";
import { Page } from "../../kit/views/frame.tsx";
import { Icon } from "../../kit/views/icons.tsx";
import { PasskeyForm } from "./passkey_form.tsx";
import { SignInAgain } from "./sign_in_again.tsx";
import { Ago, Moment } from "../../kit/views/states.tsx";

const PATH = "/settings/security";

interface SecurityProps {
  ui: Ui;
  methods: SecondFactor;
  passkeys: Passkey[];
  identities: Identity[];
  /** Signed in recently enough to change anything on this page. */
  mayChange: boolean;
  error?: string;
}

export function SecurityPage({ ui, methods, passkeys, identities, mayChange, error }: SecurityProps) {
  return (
    <Page ui={ui} name="security">
      <div class="heading">
        <h1>{ui.t(ui.mustEnrol ? "security.enrol_title" : "settings.title")}</h1>
        {!ui.mustEnrol && <SettingsSections ui={ui} here={PATH} />}
      </div>
      <div class="sheet">
        {ui.mustEnrol && <p>{ui.t("security.enrol_text", { organisation: ui.viewer!.tenantName })}</p>}
        {error && (
          <div class="notice notice--bad" role="alert">
            <Icon name="warning" /> <p>{error}</p>
          </div>
        )}
        {!mayChange && <SignInAgain ui={ui} path={PATH} text="security.stale" />}
        <AppSection ui={ui} totp={methods.totp} mayChange={mayChange} />
        <PasskeySection ui={ui} passkeys={passkeys} mayChange={mayChange} />
        {identities.length > 0 && <ProviderSection ui={ui} identities={identities} mayChange={mayChange} />}
        {methods.is_enabled && (
          <section aria-labelledby="security-codes">
            <h2 id="security-codes">{ui.t("security.codes")}</h2>
            <p>{ui.plural("security.codes_left", methods.recovery_codes_left)}</p>
            {mayChange && (
              <form class="form__row" method="post" action={`${PATH}/recovery-codes`}>
                <button class="button" type="submit">{ui.t("security.new_codes")}</button>
              </form>
            )}
          </section>
        )}
      </div>
    </Page>
  );
}

interface AppProps {
  ui: Ui;
  totp: SecondFactor["totp"];
  mayChange: boolean;
}

function AppSection({ ui, totp, mayChange }: AppProps) {
  return (
    <section aria-labelledby="security-app">
      <h2 id="security-app">{ui.t("security.app")}</h2>
      {totp
        ? (
          <dl class="facts">
            <dt>{ui.t("security.since")}</dt>
            <dd>
              <Moment ui={ui} at={totp.confirmed_at} />
            </dd>
            <dt>{ui.t("access.last_used")}</dt>
            <dd>{totp.last_used_at ? <Ago ui={ui} at={totp.last_used_at} /> : ui.t("access.unused")}</dd>
          </dl>
        )
        : <p class="quiet">{ui.t("security.app_text")}</p>}
      {mayChange && (
        <div class="form__row">
          <form method="post" action={`${PATH}/totp`}>
            <button class={totp ? "button" : "button button--main"} type="submit">
              {ui.t(totp ? "security.app_replace" : "security.app_set_up")}
            </button>
          </form>
          {totp && (
            <Confirm
              ui={ui}
              id="remove-app"
              label={ui.t("security.remove")}
              title={ui.t("security.app_remove_title")}
              text={ui.t("security.remove_text")}
              action={`${PATH}/totp/delete`}
            />
          )}
        </div>
      )}
    </section>
  );
}

/** The identity providers that the account is linked to. */
function ProviderSection(
  { ui, identities, mayChange }: Pick<SecurityProps, "ui" | "identities" | "mayChange">,
) {
  return (
    <section aria-labelledby="security-providers">
      <h2 id="security-providers">{ui.t("security.providers")}</h2>
      <ul class="methods">
        {identities.map(({ provider_id, provider_name, last_used_at }) => (
          <li>
            <div>
              <b dir="auto">{provider_name}</b>
              <span class="table__sub">{ui.t("security.used", { when: ui.ago(last_used_at, ui.now) })}</span>
            </div>
            {mayChange && (
              <Confirm
                ui={ui}
                id={`remove-${provider_id}`}
                label={ui.t("security.remove")}
                of={provider_name}
                title={ui.t("security.passkey_remove_title", { name: provider_name })}
                text={ui.t("security.remove_text")}
                action={`${PATH}/identities/${provider_id}/delete`}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function PasskeySection({ ui, passkeys, mayChange }: { ui: Ui; passkeys: Passkey[]; mayChange: boolean }) {
  return (
    <section aria-labelledby="security-passkeys">
      <h2 id="security-passkeys">{ui.t("security.passkeys")}</h2>
      <p class="quiet">{ui.t("security.passkeys_text")}</p>
      {passkeys.length > 0 && (
        <ul class="methods">
          {passkeys.map((passkey) => <PasskeyRow ui={ui} passkey={passkey} mayChange={mayChange} />)}
        </ul>
      )}
      {mayChange && (
        <PasskeyForm
          ui={ui}
          ceremony="create"
          options="/api/v1/auth/me/passkeys/options"
          action={`${PATH}/passkeys`}
        >
          <div class="form__row form__row--fields">
            <Field
              ui={ui}
              name="name"
              label={ui.t("security.passkey_name")}
              value={ui.t("security.passkey_default", { number: ui.number(passkeys.length + 1) })}
              autocomplete="off"
              maxlength={255}
            />
            <button class="button" type="submit">{ui.t("security.passkey_add")}</button>
          </div>
        </PasskeyForm>
      )}
    </section>
  );
}

function PasskeyRow({ ui, passkey, mayChange }: { ui: Ui; passkey: Passkey; mayChange: boolean }) {
  const { id, name, is_synced, created_at, last_used_at } = passkey;
  return (
    <li>
      <div>
        <b dir="auto">{name}</b>
        <span class="table__sub">
          {ui.t(is_synced ? "security.synced" : "security.on_one_device")} ·{" "}
          {ui.t("security.added", { when: ui.dateTime(created_at) })} ·{" "}
          {last_used_at
            ? ui.t("security.used", { when: ui.ago(last_used_at, ui.now) })
            : ui.t("access.unused")}
        </span>
      </div>
      {mayChange && (
        <Confirm
          ui={ui}
          id={`remove-${id}`}
          label={ui.t("security.remove")}
          of={name}
          title={ui.t("security.passkey_remove_title", { name })}
          text={ui.t("security.remove_text")}
          action={`${PATH}/passkeys/${id}/delete`}
        />
      )}
    </li>
  );
}
