import type { Ui } from "../../kit/ui.ts";
import { signInAgain } from "../../kit/form.ts";
import type { TextKey } from "../../kit/words.ts";

/** A note that a recent sign-in is required, with a link to sign in again and return to `path`. */
export function SignInAgain({ ui, path, text }: { ui: Ui; path: string; text: TextKey }) {
  return (
    <div class="notice">
      <p>{ui.t(text)}</p>
      <a
        class="button"
        href={signInAgain(path)}
        hx-nonce={ui.nonce}
        hx-boost="false"
      >
        {ui.t("security.sign_in_again")}
      </a>
    </div>
  );
}
