import { z } from "zod";
import { text } from "../../platform/text.ts";
import { LANGUAGES } from "../../platform/languages.ts";
import { emailSchema, passwordSchema } from "../users/schema.ts";
import { defineReasons } from "../../platform/errors.ts";

export const resetRequestSchema = z.object({
  email: emailSchema,
  /** Language of the mail for an account without one. */
  language: z.enum(LANGUAGES).optional(),
});
export type ResetRequest = z.infer<typeof resetRequestSchema>;

export const resetSchema = z.object({
  token: text(200).min(1),
  new_password: passwordSchema,
  /** Also revokes the account's API keys. */
  end_api_keys: z.boolean().default(false),
});
export type Reset = z.output<typeof resetSchema>;

/** Why a password cannot be reset. */
export const passwordResetError = defineReasons("password_reset", {
  link_expired: {
    code: "invalid",
    detail: "This link was used or has run out. Ask for a new one.",
    field: "token",
  },
});
