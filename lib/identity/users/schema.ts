import { z } from "zod";
import { ROLES } from "../../access/context.ts";
import { LANGUAGES } from "../../platform/languages.ts";
import { THEMES } from "../principals/schema.ts";
import { exactText, text, yesOrNo } from "../../platform/text.ts";

/** Without spaces around it and in lower case, since addresses are compared without case. */
export const emailSchema = z.string().trim().toLowerCase().pipe(z.email().max(254));

/** NIST SP 800-63B: length, not composition. */
export const MIN_PASSWORD_LENGTH = 8;
export const passwordSchema = exactText(256).min(MIN_PASSWORD_LENGTH);

/** A person's name as requests send it: clients of the contract say `full_name`, and `name` is an alias of it. */
export const nameFields = {
  full_name: text(255).trim().min(1).optional(),
  name: text(255).trim().min(1).optional(),
};

/** The same fields with the name under `name` alone. Where both are sent, `full_name` counts. */
export function withOneName<T extends { full_name?: string; name?: string }>(
  { full_name, ...fields }: T,
): Omit<T, "full_name"> {
  return full_name === undefined ? fields : { ...fields, name: full_name };
}

/** An account as the API shows it. */
export const userSchema = z.object({
  id: z.uuid(),
  tenant_id: z.uuid(),
  tenant_code: z.string(),
  email: z.string(),
  /** The address that counts once the link that was sent there is opened. */
  pending_email: z.string().nullable(),
  full_name: z.string(),
  /** The same as `full_name`. */
  name: z.string(),
  role: z.enum(ROLES),
  is_superuser: z.boolean(),
  is_active: z.boolean(),
  /** False for an account that signs in by an identity provider only. */
  has_password: z.boolean(),
  /** An authenticator app or a passkey: the password alone is not enough. */
  has_second_factor: z.boolean(),
  language: z.enum(LANGUAGES).nullable(),
  theme: z.enum(THEMES),
  last_login_at: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type User = z.infer<typeof userSchema>;

export const profilePatchSchema = z.object({
  ...nameFields,
  email: emailSchema.optional(),
  language: z.enum(LANGUAGES).nullable().optional(),
  theme: z.enum(THEMES).optional(),
});
export const emailConfirmationSchema = z.object({ token: text(200).min(1) });

export type ProfilePatch = z.infer<typeof profilePatchSchema>;

/** The filter of `GET /auth/users`. */
export const userFilterSchema = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  skip: z.coerce.number().int().min(0).max(1_000_000).default(0),
  include_inactive: yesOrNo.default(false),
});
export type UserFilter = z.output<typeof userFilterSchema>;

export const newUserSchema = z.object({
  email: emailSchema,
  password: passwordSchema,
  ...nameFields,
  role: z.enum(ROLES).default("user"),
});
export type NewUser = z.output<typeof newUserSchema>;

export const userPatchSchema = z.object({
  ...nameFields,
  email: emailSchema.optional(),
  role: z.enum(ROLES).optional(),
  is_active: z.boolean().optional(),
});
export type UserPatch = z.infer<typeof userPatchSchema>;
