import { defineReasons } from "../../platform/errors.ts";

/** Why a sign-in is refused. */
export const signInError = defineReasons("sign_in", {
  invalid_credentials: { code: "unauthenticated", detail: "Incorrect email or password" },
  tenant_required: {
    code: "conflict",
    detail: "tenant_code needed: this address has accounts in several tenants.",
  },
  passkey_unknown: {
    code: "unauthenticated",
    detail: "This passkey is not known here, or it answered too late. Try again.",
  },
  otp_required: {
    code: "unauthenticated",
    detail: "Send a code of your authenticator app, or a recovery code, as otp.",
    field: "otp",
  },
  otp_invalid: {
    code: "unauthenticated",
    detail: "This code is not right, or it was used before. Send another one as otp.",
    field: "otp",
  },
  step_expired: { code: "unauthenticated", detail: "This sign-in took too long. Begin again." },
  step_code_invalid: {
    code: "invalid",
    detail: "This code is not right, or it was used before.",
    field: "otp",
  },
  step_passkey_invalid: { code: "invalid", detail: "This passkey is not one of yours.", field: "credential" },
  refresh_token_invalid: {
    code: "unauthenticated",
    detail: "This refresh token is spent, revoked or unknown. Sign in again.",
  },
});
