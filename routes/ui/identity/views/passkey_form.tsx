import type { Child } from "hono/jsx";
import type { Ui } from "../../kit/ui.ts";

interface PasskeyFormProps {
  ui: Ui;
  /** Registration of a passkey, or authentication with one. */
  ceremony: "create" | "get";
  /** The path that returns the WebAuthn options. */
  options: string;
  action: string;
  /** Further fields and the button. */
  children?: Child;
}

/** A form that is submitted with a WebAuthn credential. Its island shows it where the browser supports passkeys. */
export function PasskeyForm({ ui, ceremony, options, action, children }: PasskeyFormProps) {
  return (
    <passkey-form
      data-ceremony={ceremony}
      data-options={options}
      data-failed={ui.t(ceremony === "create" ? "security.passkey_not_made" : "sign_in.passkey_failed")}
      hidden
    >
      <form class="form" method="post" action={action} novalidate>
        <input type="hidden" name="credential" value="" />
        {children}
        <p class="field__error" role="alert"></p>
      </form>
      <script type="module" src={ui.asset("passkeys.js")} nonce={ui.nonce} />
    </passkey-form>
  );
}
