// The pages that the link to a new address opens.
import type { Ui } from "../../kit/ui.ts";
import { Gate } from "./gate.tsx";

interface ConfirmProps {
  ui: Ui;
  token: string;
  email: string;
  tenant: string;
  /** Another account has the address meanwhile. */
  isTaken?: boolean;
}

/** Asks to confirm: mail programs open links by themselves, and must not decide. */
export function ConfirmEmailPage({ ui, token, email, tenant, isTaken }: ConfirmProps) {
  if (isTaken) return <Ended ui={ui} text={ui.t("error.user.email_taken")} />;
  return (
    <Gate ui={ui} title="confirm_email.title" text={ui.t("confirm_email.text", { email, tenant })}>
      <form class="form" method="post" action="/confirm-email">
        <input type="hidden" name="token" value={token} />
        <button class="button button--main button--wide" type="submit">{ui.t("confirm_email.submit")}</button>
      </form>
    </Gate>
  );
}

/** Confirms that the address counts. */
export function EmailConfirmedPage({ ui }: { ui: Ui }) {
  return (
    <Gate ui={ui} title="confirm_email.done_title" text={ui.t("confirm_email.done_text")}>
      <ToSettings ui={ui} />
    </Gate>
  );
}

/** Shown for a link that was used, was replaced or has expired. */
export function SpentEmailPage({ ui }: { ui: Ui }) {
  return <Ended ui={ui} text={ui.t("confirm_email.spent_text")} />;
}

function Ended({ ui, text }: { ui: Ui; text: string }) {
  return (
    <Gate ui={ui} title="reset.spent_title" text={text}>
      <ToSettings ui={ui} />
    </Gate>
  );
}

function ToSettings({ ui }: { ui: Ui }) {
  return <a class="button button--wide" href="/settings">{ui.t("settings.title")}</a>;
}
