// The steps of Settings › Security: setting up an authenticator app, and the recovery codes, which are shown once.
import type { TotpSetup } from "../../../../lib/identity/second_factors/schema.ts";
import type { Ui } from "../../kit/ui.ts";
import { Field } from "../../kit/views/field.tsx";
import { Page } from "../../kit/views/frame.tsx";
import { QrCode } from "./qr.tsx";

const PATH = "/settings/security";

export function TotpPage({ ui, setup, error }: { ui: Ui; setup: TotpSetup; error?: string }) {
  return (
    <Page ui={ui} name="security">
      <div class="heading">
        <h1>{ui.t("security.app_set_up")}</h1>
      </div>
      <div class="sheet">
        <section aria-labelledby="totp-scan">
          <h2 id="totp-scan">{ui.t("security.scan")}</h2>
          <QrCode text={setup.uri} label={ui.t("security.qr")} />
          <p class="quiet">{ui.t("security.scan_text")}</p>
          <p>
            <code class="secret">{setup.secret.match(/.{1,4}/g)!.join(" ")}</code>
          </p>
        </section>
        <section aria-labelledby="totp-confirm">
          <h2 id="totp-confirm">{ui.t("security.confirm")}</h2>
          <form class="form" method="post" action={`${PATH}/totp/confirm`} novalidate>
            <Field
              ui={ui}
              name="code"
              label={ui.t("security.code")}
              hint={ui.t("security.code_hint")}
              error={error}
              autocomplete="one-time-code"
              inputmode="numeric"
              maxlength={20}
              autofocus
            />
            <div class="form__row">
              <button class="button button--main" type="submit">{ui.t("security.confirm_app")}</button>
              <a class="button button--bare" href={PATH}>{ui.t("app.cancel")}</a>
            </div>
          </form>
        </section>
      </div>
    </Page>
  );
}

export function RecoveryCodesPage({ ui, codes }: { ui: Ui; codes: string[] }) {
  const text = `${codes.join("\n")}\n`;
  return (
    <Page ui={ui} name="security">
      <div class="heading">
        <h1>{ui.t("security.codes")}</h1>
      </div>
      <div class="sheet">
        <section>
          <p>{ui.t("security.codes_text")}</p>
          <textarea
            class="input codes"
            id="recovery-codes"
            aria-label={ui.t("security.codes")}
            rows={codes.length}
            spellcheck={false}
            readonly
          >
            {text}
          </textarea>
          <div class="form__row">
            <a
              class="button"
              download="akashi-recovery-codes.txt"
              href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
              hx-nonce={ui.nonce}
              hx-boost="false"
            >
              {ui.t("security.save_codes")}
            </a>
            {!ui.mustEnrol && (
              <button
                class="button needs-script"
                type="button"
                data-copy="recovery-codes"
                data-copied={ui.t("security.codes_copied")}
              >
                {ui.t("security.copy_codes")}
              </button>
            )}
          </div>
        </section>
        <a class="button button--main button--wide" href={ui.mustEnrol ? "/" : PATH}>
          {ui.t("security.codes_kept")}
        </a>
      </div>
    </Page>
  );
}
