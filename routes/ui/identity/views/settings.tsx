import type { Ui } from "../../kit/ui.ts";
import { EndKeys } from "./end_keys.tsx";
import { SettingsSections } from "./settings_sections.tsx";
import { Field } from "../../kit/views/field.tsx";
import { Page } from "../../kit/views/frame.tsx";
import { Appearance } from "../../kit/views/user_menu.tsx";

/** Errors by field, and the name as typed. */
export interface SettingsErrors {
  name?: string;
  typedName?: string;
  current_password?: string;
  new_password?: string;
}

interface SettingsProps {
  ui: Ui;
  /** False for accounts that only sign in at an identity provider. */
  hasPassword: boolean;
  errors?: SettingsErrors;
}

export function SettingsPage({ ui, hasPassword, errors = {} }: SettingsProps) {
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
            <dl class="facts">
              <dt>{ui.t("settings.email")}</dt>
              <dd>{viewer.email}</dd>
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
          {hasPassword ? <PasswordForm ui={ui} errors={errors} /> : <p>{ui.t("settings.no_password")}</p>}
        </section>
      </div>
    </Page>
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
