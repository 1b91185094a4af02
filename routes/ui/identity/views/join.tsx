import type { Ui } from "../../kit/ui.ts";
import { Field } from "../../kit/views/field.tsx";
import { BareDocument } from "../../kit/views/frame.tsx";
import { Mark } from "../../kit/views/icons.tsx";

export interface JoinForm {
  token: string;
  email: string;
  tenant: string;
  name?: string;
  errors?: { name?: string; password?: string };
}

/** The form that an invitation opens: name and password of the new account. */
export function JoinPage({ ui, form }: { ui: Ui; form: JoinForm }) {
  const { errors = {} } = form;
  return (
    <BareDocument ui={ui} title={ui.t("join.title")}>
      <main class="gate">
        <div class="gate__box">
          <div class="gate__mark">
            <Mark />
            <h1 dir="auto">{ui.t("join.lead", { tenant: form.tenant })}</h1>
            <p class="quiet">{ui.t("join.text", { email: form.email })}</p>
          </div>
          <form class="form" method="post" action="/join" novalidate>
            <input type="hidden" name="token" value={form.token} />
            <input
              class="sr-only"
              type="email"
              name="username"
              value={form.email}
              autocomplete="username"
              tabindex={-1}
              aria-hidden="true"
              readonly
            />
            <Field
              ui={ui}
              name="name"
              label={ui.t("join.name")}
              value={form.name}
              error={errors.name}
              autocomplete="name"
              maxlength={255}
              autofocus
            />
            <Field
              ui={ui}
              name="password"
              type="password"
              label={ui.t("sign_in.password")}
              hint={ui.t("settings.short_password")}
              error={errors.password}
              autocomplete="new-password"
            />
            <button class="button button--main button--wide" type="submit">{ui.t("join.submit")}</button>
          </form>
        </div>
      </main>
    </BareDocument>
  );
}

/** Shown for an invitation that was used, revoked or has expired. */
export function SpentPage({ ui }: { ui: Ui }) {
  return (
    <BareDocument ui={ui} title={ui.t("join.title")}>
      <main class="gate">
        <div class="gate__box">
          <div class="gate__mark">
            <Mark />
            <h1>{ui.t("join.spent_title")}</h1>
            <p class="quiet">{ui.t("join.spent_text")}</p>
          </div>
          <a class="button button--wide" href="/sign-in">{ui.t("join.sign_in")}</a>
        </div>
      </main>
    </BareDocument>
  );
}
