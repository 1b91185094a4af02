import { z } from "zod";
import { ROLES } from "../../access/context.ts";
import { text } from "../../platform/text.ts";
import { LANGUAGES } from "../../platform/languages.ts";
import { emailSchema, nameFields, passwordSchema } from "../users/schema.ts";
import { defineReasons } from "../../platform/errors.ts";

/** An invitation as lists show it. Its token is returned once, when it is created. */
export const invitationSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  role: z.enum(ROLES),
  invited_by: z.uuid().nullable(),
  invited_by_name: z.string().nullable(),
  created_at: z.string(),
  expires_at: z.string(),
  /** Whether the mail was sent; null when e-mail is not set up. */
  mail_status: z.enum(["waiting", "sent", "failed"]).nullable(),
});
export type Invitation = z.infer<typeof invitationSchema>;

export const newInvitationSchema = z.object({
  email: emailSchema,
  role: z.enum(ROLES).default("user"),
  /** Language of the mail; by default that of the inviting account. */
  language: z.enum(LANGUAGES).optional(),
});
export type NewInvitation = z.output<typeof newInvitationSchema>;

/** What an invited person sends to accept. */
export const acceptanceSchema = z.object({
  token: text(200).min(1),
  ...nameFields,
  password: passwordSchema,
});
export type Acceptance = z.infer<typeof acceptanceSchema>;

/** Why an invitation cannot be used. */
export const invitationError = defineReasons("invitation", {
  not_found: { code: "not_found", detail: "There is no such invitation." },
  expired: {
    code: "invalid",
    detail: "This invitation was used, taken back or has run out. Ask for a new one.",
    field: "token",
  },
});
