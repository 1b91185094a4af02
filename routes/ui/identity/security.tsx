// Settings › Security: authenticator app, passkeys, recovery codes and linked identity providers.
import type { Routes } from "../../declare.ts";
import { createPasskey, deletePasskey, listPasskeys } from "../../../lib/identity/passkeys/passkeys.ts";
import { newPasskeySchema } from "../../../lib/identity/passkeys/schema.ts";
import { deleteIdentity, listIdentities } from "../../../lib/identity/providers/identities.ts";
import { explain } from "../kit/errors.ts";
import { providerError } from "../../../lib/identity/providers/schema.ts";
import { otpSchema, secondFactorError, type TotpSetup } from "../../../lib/identity/second_factors/schema.ts";
import { getSecondFactor, renewRecoveryCodes } from "../../../lib/identity/second_factors/second_factors.ts";
import {
  beginTotp,
  confirmTotp,
  deleteTotp,
  findPendingTotp,
} from "../../../lib/identity/second_factors/totp.ts";
import { isRecentSignIn } from "../../../lib/identity/sessions/own_sessions.ts";
import { siteOf } from "../../middleware/session.ts";
import { defineNotice, flash, type Notice } from "../kit/flash.tsx";
import { idOf, parseJson, readForm } from "../kit/form.ts";
import { goTo, renderPage, uiOf } from "../kit/render.tsx";
import type { UiContext } from "../kit/ui.ts";
import { SecurityPage } from "./views/security.tsx";
import { RecoveryCodesPage, TotpPage } from "./views/security_steps.tsx";

const PATH = "/settings/security";

const APP_ADDED = defineNotice("security.app_added");
const APP_REMOVED = defineNotice("security.app_removed");
const PASSKEY_ADDED = defineNotice("security.passkey_added");
const REMOVED = defineNotice("security.passkey_removed");

export function addSecurity(pages: Routes): void {
  pages.get(PATH, { who: "account.read", beforeEnrolment: true }, (c) => show(c));

  pages.post(
    `${PATH}/totp`,
    {
      who: "account.change",
      audit: { none: "nothing holds before it is confirmed" },
      beforeEnrolment: true,
      recent: "always",
    },
    async (c) => {
      await beginTotp(c.var.ctx);
      return goTo(c, `${PATH}/totp`);
    },
  );

  pages.get(`${PATH}/totp`, { who: "account.change", beforeEnrolment: true }, async (c) => {
    const setup = await isRecentSignIn(c.var.ctx) ? await findPendingTotp(c.var.ctx) : undefined;
    return setup ? await showTotp(c, setup) : goTo(c, PATH);
  });

  pages.post(
    `${PATH}/totp/confirm`,
    { who: "account.change", audit: ["totp.create"], beforeEnrolment: true, recent: "always" },
    async (c) => {
      const code = otpSchema.safeParse((await readForm(c)).code);
      const setup = await findPendingTotp(c.var.ctx);
      if (!setup) return goTo(c, PATH);
      try {
        // A malformed code counts as a wrong one.
        const codes = await confirmTotp(c.var.ctx, code.data ?? "");
        return await showCodes(c, codes, APP_ADDED);
      } catch (error) {
        const text = explain(uiOf(c), error, secondFactorError, "code_invalid");
        return await showTotp(c, setup, text, 422);
      }
    },
  );

  pages.post(
    `${PATH}/totp/delete`,
    { who: "account.change", audit: ["totp.delete"], beforeEnrolment: true, recent: "always" },
    async (c) => {
      await deleteTotp(c.var.ctx);
      flash(c, APP_REMOVED);
      return goTo(c, PATH);
    },
  );

  pages.post(
    `${PATH}/recovery-codes`,
    { who: "account.change", audit: ["recovery_codes.create"], beforeEnrolment: true, recent: "always" },
    async (c) => {
      const codes = await renewRecoveryCodes(c.var.ctx);
      return await showCodes(c, codes, APP_ADDED);
    },
  );

  pages.post(
    `${PATH}/passkeys`,
    { who: "account.change", audit: ["passkey.create"], beforeEnrolment: true, recent: "always" },
    async (c) => {
      const { name, credential } = await readForm(c);
      const parsed = newPasskeySchema.safeParse({ name, credential: parseJson(credential) });
      if (!parsed.success) return await show(c, uiOf(c).t("security.passkey_not_made"), 422);
      const { recovery_codes } = await createPasskey(c.var.ctx, siteOf(c), parsed.data);
      return await showCodes(c, recovery_codes, PASSKEY_ADDED);
    },
  );

  pages.post(`${PATH}/identities/:id/delete`, {
    who: "account.change",
    audit: ["identity.delete"],
    beforeEnrolment: true,
    recent: "always",
  }, async (c) => {
    try {
      const { provider_name } = await deleteIdentity(c.var.ctx, idOf(c));
      flash(c, REMOVED, { title: provider_name });
      return goTo(c, PATH);
    } catch (error) {
      return await show(c, explain(uiOf(c), error, providerError, "only_sign_in_method"), 422);
    }
  });

  pages.post(`${PATH}/passkeys/:id/delete`, {
    who: "account.change",
    audit: ["passkey.delete"],
    beforeEnrolment: true,
    recent: "always",
  }, async (c) => {
    const { name } = await deletePasskey(c.var.ctx, idOf(c));
    flash(c, REMOVED, { title: name });
    return goTo(c, PATH);
  });
}

async function show(c: UiContext, error?: string, status: 200 | 422 = 200): Promise<Response> {
  const ui = uiOf(c);
  const [methods, passkeys, identities, mayChange] = await Promise.all([
    getSecondFactor(c.var.ctx),
    listPasskeys(c.var.ctx),
    listIdentities(c.var.ctx),
    isRecentSignIn(c.var.ctx),
  ]);
  const view = (
    <SecurityPage
      ui={ui}
      methods={methods}
      passkeys={passkeys}
      identities={identities}
      mayChange={mayChange}
      error={error}
    />
  );
  return await renderPage(c, ui.t("security.title"), view, status);
}

function showTotp(
  c: UiContext,
  setup: TotpSetup,
  error?: string,
  status: 200 | 422 = 200,
): Promise<Response> {
  const ui = uiOf(c);
  c.header("Cache-Control", "no-store");
  return renderPage(c, ui.t("security.app_set_up"), <TotpPage ui={ui} setup={setup} error={error} />, status);
}

/** Shows new recovery codes, which is possible only now; without new ones a notice says what was done. */
async function showCodes(
  c: UiContext,
  codes: string[] | null,
  done: Notice,
): Promise<Response> {
  if (codes) {
    const ui = uiOf(c);
    return await renderPage(c, ui.t("security.codes"), <RecoveryCodesPage ui={ui} codes={codes} />);
  }
  flash(c, done);
  return goTo(c, PATH);
}
