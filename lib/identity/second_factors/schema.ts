import { z } from "zod";
import { text } from "../../platform/text.ts";
import { defineReasons } from "../../platform/errors.ts";

/** A code of an authenticator app or a recovery code, as typed. */
export const otpSchema = text(64).trim().min(1);

/** The second factors of an account. */
export const secondFactorSchema = z.object({
  /** The password alone is not enough to sign in. */
  is_enabled: z.boolean(),
  /** The tenant requires one. */
  is_required: z.boolean(),
  totp: z.object({ confirmed_at: z.string(), last_used_at: z.string().nullable() }).nullable(),
  passkeys: z.number().int(),
  recovery_codes_left: z.number().int(),
});
export type SecondFactor = z.infer<typeof secondFactorSchema>;

/** For an authenticator app: the secret in base32, and as an otpauth URI for a QR code. */
export const totpSetupSchema = z.object({ secret: z.string(), uri: z.string() });
export type TotpSetup = z.infer<typeof totpSetupSchema>;

/** Shown once; null when the account has codes already, which stay valid. */
export const enabledSchema = z.object({ recovery_codes: z.array(z.string()).nullable() });
export const recoveryCodesSchema = z.object({ recovery_codes: z.array(z.string()) });

/** Why an operation on a second factor fails. */
export const secondFactorError = defineReasons("second_factor", {
  not_set_up: { code: "conflict", detail: "Recovery codes belong to a second factor. Set one up first." },
  required: {
    code: "conflict",
    detail: "Your organisation asks for a second factor. Set up another one before you remove the last.",
  },
  own_account: { code: "conflict", detail: "Change your own second factor in your settings." },
  code_invalid: {
    code: "invalid",
    detail: "This code is not right. Type the one that is shown now.",
    field: "code",
  },
  app_not_found: { code: "not_found", detail: "No authenticator app is set up." },
  nothing_pending: { code: "conflict", detail: "No authenticator app waits to be confirmed. Begin again." },
});
