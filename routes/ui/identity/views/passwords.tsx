import type { Ui } from "../../kit/ui.ts";
import { EndKeys } from "./end_keys.tsx";
import { Field } from "../../kit/views/field.tsx";
import { Gate } from "./gate.tsx";

export interface ForgotForm {
  email?: string;
  error?: string;
  /** The mail is sent if the address has an account. */
  isSent?: boolean;
}

/** Asks for the address. The answer is the same whether or not the address has an account. */
export function ForgotPage({ ui, form }: { ui: Ui; form: ForgotForm }) {
  const { email, error, isSent } = form;
  if (isSent) {
    const how = ui.mail === "smtp" ? "sent" : "logged";
    return (
      <Gate ui={ui} title={`forgot.${how}_title`} text={ui.t(`forgot.${how}_text`, { email: email! })}>
        <BackToSignIn ui={ui} />
      </Gate>
    );
  }
  return (
    <Gate ui={ui} title="forgot.title" text={ui.t("forgot.text")}>
      <form class="form" method="post" action="/forgot" novalidate>
        <Field
          ui={ui}
          name="email"
          type="email"
          label={ui.t("sign_in.email")}
          value={email}
          error={error}
          autocomplete="username"
          maxlength={254}
          autofocus
        />
        <button class="button button--main button--wide" type="submit">{ui.t("forgot.submit")}</button>
      </form>
      <BackToSignIn ui={ui} />
    </Gate>
  );
}

/** Shown where no mail is configured. */
export function NoMailPage({ ui }: { ui: Ui }) {
  return (
    <Gate ui={ui} title="forgot.title" text={ui.t("forgot.no_mail")}>
      <BackToSignIn ui={ui} />
    </Gate>
  );
}

interface ResetForm {
  token: string;
  email: string;
  tenant: string;
  error?: string;
}

/** The form for a new password that the link in the mail opens. */
export function ResetPage({ ui, form }: { ui: Ui; form: ResetForm }) {
  return (
    <Gate
      ui={ui}
      title="reset.title"
      text={ui.t("reset.text", { email: form.email, tenant: form.tenant })}
    >
      <form class="form" method="post" action="/reset" novalidate>
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
          name="new_password"
          type="password"
          label={ui.t("settings.new_password")}
          hint={ui.t("reset.hint")}
          error={form.error}
          autocomplete="new-password"
          autofocus
        />
        <EndKeys ui={ui} />
        <button class="button button--main button--wide" type="submit">{ui.t("reset.submit")}</button>
      </form>
    </Gate>
  );
}

/** Confirms that the password is changed. */
export function ResetDonePage({ ui }: { ui: Ui }) {
  return (
    <Gate ui={ui} title="reset.done_title" text={ui.t("reset.done_text")}>
      <a class="button button--main button--wide" href="/sign-in">{ui.t("join.sign_in")}</a>
    </Gate>
  );
}

/** Shown for a link that was used or has expired. */
export function SpentResetPage({ ui }: { ui: Ui }) {
  return (
    <Gate ui={ui} title="reset.spent_title" text={ui.t("reset.spent_text")}>
      <a class="button button--main button--wide" href="/forgot">{ui.t("reset.ask_again")}</a>
      <BackToSignIn ui={ui} />
    </Gate>
  );
}

function BackToSignIn({ ui }: { ui: Ui }) {
  return <a class="button button--wide" href="/sign-in">{ui.t("forgot.back")}</a>;
}
