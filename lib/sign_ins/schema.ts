import { z } from "zod";
import { text } from "../platform/text.ts";
import { emailSchema } from "../users/schema.ts";

export const signInSchema = z.object({
  email: emailSchema,
  // Not the rules for new passwords: what does not fit is simply wrong.
  password: text(1024).min(1),
  tenant_code: text(50).min(1).optional(),
});
export type SignInInput = z.infer<typeof signInSchema>;
