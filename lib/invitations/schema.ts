import { z } from "zod";
import { ROLES } from "../context.ts";
import { text } from "../platform/text.ts";
import { emailSchema, passwordSchema } from "../users/schema.ts";

/** An invitation as lists show it; its token is told once, when it is made. */
export const invitationSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  role: z.enum(ROLES),
  invited_by: z.uuid().nullable(),
  invited_by_name: z.string().nullable(),
  created_at: z.string(),
  expires_at: z.string(),
});
export type Invitation = z.infer<typeof invitationSchema>;

export const newInvitationSchema = z.object({ email: emailSchema, role: z.enum(ROLES).default("user") });
export type NewInvitation = z.output<typeof newInvitationSchema>;

/** What somebody who was invited brings. */
export const acceptanceSchema = z.object({
  token: text(200).min(1),
  name: text(255).trim().min(1).optional(),
  password: passwordSchema,
});
export type Acceptance = z.infer<typeof acceptanceSchema>;
