import type { Offer } from "../../../../lib/identity/providers/identities.ts";
import type { Ui } from "../../kit/ui.ts";
import { BareDocument } from "../../kit/views/frame.tsx";
import { Field } from "../../kit/views/field.tsx";
import { Icon, Mark } from "../../kit/views/icons.tsx";
import { PasskeyForm } from "./passkey_form.tsx";

export interface SignInForm {
  /** Where to go afterwards; a path of this site. */
  next: string;
  email?: string;
  /** The error to show. */
  problem?: string;
  /** A signed-in person has to sign in once more. */
  isAgain?: boolean;
  /** The code of the tenant to sign in to. */
  tenant?: string;
  /** Ask for the tenant, because the address has accounts in several. */
  needsTenant?: boolean;
}

/** The sign-in page. A plain form that works without scripts; only passkeys need one. */
export function SignInPage({ ui, form, offer }: { ui: Ui; form: SignInForm; offer: Offer }) {
  const asksTenant = Boolean(form.needsTenant || form.tenant);
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
            {form.isAgain && (
              <div class="notice">
                <p>{ui.t("sign_in.again")}</p>
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
            {asksTenant && (
              <Field
                ui={ui}
                name="tenant_code"
                label={ui.t("sign_in.tenant")}
                value={form.tenant}
                hint={form.needsTenant ? ui.t("sign_in.tenant_hint") : undefined}
                autocomplete="organization"
                autofocus={form.needsTenant}
              />
            )}
            <button class="button button--main button--wide" type="submit">{ui.t("sign_in.submit")}</button>
          </form>
          <Providers ui={ui} form={form} offer={offer} />
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

/** Links, not forms: the policy (`form-action`) refuses a form that redirects to another site. */
function Providers({ ui, form, offer }: { ui: Ui; form: SignInForm; offer: Offer }) {
  if (offer.hasOthers) return <AskTenant ui={ui} next={form.next} />;
  if (offer.providers.length === 0) return null;
  return (
    <ul class="ways" aria-label={ui.t("sign_in.providers")}>
      {offer.providers.map(({ id, name }) => (
        <li>
          <a
            class="button button--wide"
            href={`/sign-in/with/${id}?next=${encodeURIComponent(form.next)}`}
            dir="auto"
          >
            {ui.t("sign_in.with", { name })}
          </a>
        </li>
      ))}
    </ul>
  );
}

function AskTenant({ ui, next }: { ui: Ui; next: string }) {
  return (
    <details class="ways">
      <summary class="button button--wide">{ui.t("sign_in.with_organisation")}</summary>
      <form class="form" method="get" action="/sign-in">
        <input type="hidden" name="next" value={next} />
        <Field
          ui={ui}
          name="tenant"
          label={ui.t("sign_in.tenant")}
          autocomplete="organization"
          required
          maxlength={50}
        />
        <button class="button button--wide" type="submit">{ui.t("sign_in.go_on")}</button>
      </form>
    </details>
  );
}
