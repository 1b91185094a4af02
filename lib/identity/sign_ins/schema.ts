import { z } from "zod";
import { exactText, text } from "../../platform/text.ts";
import { tenantCodeSchema } from "../../tenancy/tenants/schema.ts";
import { otpSchema } from "../second_factors/schema.ts";
import { emailSchema, userSchema } from "../users/schema.ts";

export const signInSchema = z.object({
  email: emailSchema,
  // Not the rules for new passwords: one that breaks them is simply wrong.
  password: exactText(1024).min(1),
  tenant_code: tenantCodeSchema,
});
export type SignInInput = z.infer<typeof signInSchema>;

/** As pages sign in, with the code of the second factor in the same request. */
export const clientSignInSchema = signInSchema.extend({ otp: otpSchema.optional() });
export type ClientSignInInput = z.infer<typeof clientSignInSchema>;

export const refreshSchema = z.object({ refresh_token: text(500).min(1) });

/** The answer to login and refresh; times in seconds. */
export const tokenPairSchema = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal("bearer"),
  expires_in: z.number().int(),
  refresh_expires_in: z.number().int(),
  user: userSchema,
});
export type TokenPair = z.infer<typeof tokenPairSchema>;

/** The result of a first step: a session (the cookie's value), or the token of the second step that must follow. */
export type SignInResult = { token: string } | { step: string };
