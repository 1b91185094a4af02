import type { Ui } from "../ui.ts";
import { BareDocument } from "./frame.tsx";
import { Field } from "./field.tsx";
import { Icon, Mark } from "./icons.tsx";
import { PasskeyForm } from "./passkey_form.tsx";

export interface SignInForm {
  /** Where to go afterwards; a path of ours. */
  next: string;
  email?: string;
  /** What was wrong, in words. */
  problem?: string;
  /** Ask for the organisation, because the address belongs to several. */
  needsTenant?: boolean;
}

/** The only page of a stranger. A plain form: it works without any script; only passkeys need one. */
export function SignInPage({ ui, form }: { ui: Ui; form: SignInForm }) {
  return (
    <BareDocument ui={ui} title={ui.t("sign_in.title")}>
      <main class="gate">
        <div class="gate__box">
          <div class="gate__mark">
            <Mark />
            <h1>{ui.t("sign_in.lead")}</h1>
          </div>
          <form class="form" method="post" action="/sign-in" novalidate>
            {form.problem && (
              <div class="notice notice--bad" role="alert">
                <Icon name="warning" /> <p>{form.problem}</p>
              </div>
            )}
            <input type="hidden" name="next" value={form.next} />
            <Field
              ui={ui}
              name="email"
              type="email"
              label={ui.t("sign_in.email")}
              value={form.email}
              autocomplete="username"
              autofocus={!form.email}
              required
            />
            <Field
              ui={ui}
              name="password"
              type="password"
              label={ui.t("sign_in.password")}
              autocomplete="current-password"
              autofocus={Boolean(form.email) && !form.needsTenant}
              required
            />
            {form.needsTenant && (
              <Field
                ui={ui}
                name="tenant_code"
                label={ui.t("sign_in.tenant")}
                hint={ui.t("sign_in.tenant_hint")}
                autocomplete="organization"
                autofocus
              />
            )}
            <button class="button button--main button--wide" type="submit">{ui.t("sign_in.submit")}</button>
          </form>
          <PasskeyForm
            ui={ui}
            ceremony="get"
            options="/api/v1/auth/login/passkey/options"
            action="/sign-in/passkey"
          >
            <input type="hidden" name="next" value={form.next} />
            <button class="button button--wide" type="submit">
              <Icon name="key" /> {ui.t("sign_in.passkey")}
            </button>
          </PasskeyForm>
          <p class="gate__aside">
            <a href="/forgot">{ui.t("sign_in.forgot")}</a>
          </p>
        </div>
      </main>
    </BareDocument>
  );
}
