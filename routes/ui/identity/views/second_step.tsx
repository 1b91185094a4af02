import type { SecondFactor } from "../../../../lib/identity/second_factors/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { BareDocument } from "../../kit/views/frame.tsx";
import { Field } from "../../kit/views/field.tsx";
import { Icon, Mark } from "../../kit/views/icons.tsx";
import { PasskeyForm } from "./passkey_form.tsx";

const PATH = "/sign-in/second-step";

interface SecondStepProps {
  ui: Ui;
  methods: SecondFactor;
  /** Where to go afterwards; a path of this site. */
  next: string;
  problem?: string;
}

/** Asks for the second factor: a code, in a plain form that works without scripts, or a passkey. */
export function SecondStepPage({ ui, methods, next, problem }: SecondStepProps) {
  return (
    <BareDocument ui={ui} title={ui.t("sign_in.step_title")}>
      <main class="gate">
        <div class="gate__box">
          <div class="gate__mark">
            <Mark />
            <h1>{ui.t("sign_in.step_title")}</h1>
          </div>
          {problem && (
            <div class="notice notice--bad" role="alert">
              <Icon name="warning" /> <p>{problem}</p>
            </div>
          )}
          {methods.passkeys > 0 && (
            <PasskeyForm ui={ui} ceremony="get" options={`${PATH}/options`} action={`${PATH}/passkey`}>
              <input type="hidden" name="next" value={next} />
              <button class="button button--main button--wide" type="submit">
                <Icon name="key" /> {ui.t("sign_in.passkey")}
              </button>
            </PasskeyForm>
          )}
          <form class="form" method="post" action={PATH} novalidate>
            <input type="hidden" name="next" value={next} />
            <Field
              ui={ui}
              name="otp"
              label={ui.t(methods.totp ? "sign_in.code" : "sign_in.recovery_code")}
              hint={ui.t(methods.totp ? "sign_in.code_hint" : "sign_in.recovery_code_hint")}
              autocomplete="one-time-code"
              maxlength={64}
              autofocus={methods.totp !== null}
              required
            />
            <button class={`button button--wide ${methods.passkeys > 0 ? "" : "button--main"}`} type="submit">
              {ui.t("sign_in.submit")}
            </button>
          </form>
          <p class="center">
            <a href={next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`}>
              {ui.t("sign_in.start_again")}
            </a>
          </p>
        </div>
      </main>
    </BareDocument>
  );
}
