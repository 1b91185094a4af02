import { z } from "zod";
import { text } from "../../platform/text.ts";
import { otpSchema } from "../second_factors/schema.ts";
import { tenantCodeSchema } from "../../tenancy/tenants/schema.ts";
import { emailSchema } from "../users/schema.ts";

export const signInSchema = z.object({
  email: emailSchema,
  // Not the rules for new passwords: what does not fit is simply wrong.
  password: text(1024).min(1),
  tenant_code: tenantCodeSchema,
});
export type SignInInput = z.infer<typeof signInSchema>;

/** As pages sign in, and with the second factor at once. */
export const logInSchema = signInSchema.extend({ otp: otpSchema.optional() });
export type LogInInput = z.infer<typeof logInSchema>;

/** What came of a first step: a session (the cookie's value), or the token of the second step that is owed. */
export type Entry = { token: string } | { step: string };
