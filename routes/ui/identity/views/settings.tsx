import type { User } from "../../../../lib/identity/users/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { EndKeys } from "./end_keys.tsx";
import { SettingsSections } from "./settings_sections.tsx";
import { SignInAgain } from "./sign_in_again.tsx";
import { Field } from "../../kit/views/field.tsx";
import { Page } from "../../kit/views/frame.tsx";
import { Appearance } from "../../kit/views/user_menu.tsx";

/** Errors by field, and name and address as typed. */
export interface SettingsErrors {
  name?: string;
  typedName?: string;
  email?: string;
  typedEmail?: string;
  current_password?: string;
  new_password?: string;
}

interface SettingsProps {
  ui: Ui;
  account: User;
  /** Signed in recently enough to change the address. */
  mayChangeEmail: boolean;
  errors?: SettingsErrors;
}

export function SettingsPage({ ui, account, mayChangeEmail, errors = {} }: SettingsProps) {
  const viewer = ui.viewer!;
  return (
    <Page ui={ui} name="settings">
      <div class="heading">
        <h1>{ui.t("settings.title")}</h1>
        <SettingsSections ui={ui} here="/settings" />
      </div>
      <div class="sheet">
        <section aria-labelledby="settings-profile">
          <h2 id="settings-profile">{ui.t("settings.profile")}</h2>
          <form class="form" method="post" action="/settings/profile" novalidate>
            <Field
              ui={ui}
              name="name"
              label={ui.t("settings.name")}
              value={errors.typedName ?? viewer.name}
              error={errors.name}
              autocomplete="name"
              maxlength={255}
            />
            {mayChangeEmail
              ? <EmailField ui={ui} account={account} errors={errors} />
              : <SignInAgain ui={ui} path="/settings" text="settings.email_stale" />}
            {account.pending_email && (
              <div class="notice">
                <p>{ui.t("settings.email_pending", { email: account.pending_email })}</p>
              </div>
            )}
            <dl class="facts">
              {!mayChangeEmail && (
                <>
                  <dt>{ui.t("settings.email")}</dt>
                  <dd>{account.email}</dd>
                </>
              )}
              <dt>{ui.t("settings.organisation")}</dt>
              <dd>{viewer.tenantName} · {ui.t(`role.${viewer.role}`)}</dd>
            </dl>
            <div class="form__row">
              <button class="button button--main" type="submit">{ui.t("app.save")}</button>
            </div>
          </form>
        </section>
        <section aria-labelledby="settings-appearance">
          <h2 id="settings-appearance">{ui.t("settings.appearance")}</h2>
          <Appearance ui={ui} />
        </section>
        <section aria-labelledby="settings-password">
          <h2 id="settings-password">{ui.t("settings.password")}</h2>
          {account.has_password
            ? <PasswordForm ui={ui} errors={errors} />
            : <p>{ui.t("settings.no_password")}</p>}
        </section>
      </div>
    </Page>
  );
}

function EmailField({ ui, account, errors }: { ui: Ui; account: User; errors: SettingsErrors }) {
  return (
    <Field
      ui={ui}
      name="email"
      type="email"
      label={ui.t("settings.email")}
      value={errors.typedEmail ?? account.email}
      hint={ui.mail === "smtp" ? ui.t("settings.email_hint") : undefined}
      error={errors.email}
      autocomplete="email"
      maxlength={254}
    />
  );
}

function PasswordForm({ ui, errors }: { ui: Ui; errors: SettingsErrors }) {
  return (
    <form class="form" method="post" action="/settings/password" novalidate>
      <input
        class="sr-only"
        type="email"
        name="username"
        value={ui.viewer!.email}
        autocomplete="username"
        tabindex={-1}
        aria-hidden="true"
        readonly
      />
      <Field
        ui={ui}
        name="current_password"
        type="password"
        label={ui.t("settings.current_password")}
        error={errors.current_password}
        autocomplete="current-password"
      />
      <Field
        ui={ui}
        name="new_password"
        type="password"
        label={ui.t("settings.new_password")}
        hint={ui.t("settings.new_password_hint")}
        error={errors.new_password}
        autocomplete="new-password"
      />
      <EndKeys ui={ui} />
      <div class="form__row">
        <button class="button" type="submit">{ui.t("settings.change_password")}</button>
      </div>
    </form>
  );
}
