// What can be written to people. A letter says what about; the pages' catalogues make words of it when it is sent.
import { z } from "zod";
import { LANGUAGES } from "../platform/languages.ts";
import { defineReasons } from "../platform/errors.ts";

/** What somebody is told of that was done to how they sign in. */
export const CHANGES = [
  "password_changed",
  "password_reset",
  "codes_renewed",
  "factor_reset",
  "app_added",
  "app_removed",
  "passkey_added",
  "passkey_removed",
  "provider_linked",
  "provider_unlinked",
] as const;
export type Change = typeof CHANGES[number];

const envelope = { to: z.string(), language: z.enum(LANGUAGES) };

export const letterSchema = z.discriminatedUnion("kind", [
  z.object({
    ...envelope,
    kind: z.literal("invitation"),
    invitation_id: z.uuid(),
    token: z.string(),
  }),
  z.object({
    ...envelope,
    kind: z.literal("change"),
    change: z.enum(CHANGES),
    tenant: z.string(),
  }),
  // Whose account it is, if anybody's, is found out when it is sent: asking takes as long for strangers.
  z.object({
    ...envelope,
    kind: z.literal("password_reset"),
    address: z.string().optional(),
    request_id: z.string().optional(),
  }),
]);
export type Letter = z.infer<typeof letterSchema>;
export type LetterOf<Kind extends Letter["kind"]> = Extract<Letter, { kind: Kind }>;

/** Why no message can be sent. */
export const mailError = defineReasons("mail", {
  not_set_up: {
    code: "unavailable",
    detail: "E-mail is not set up in this installation. Set SMTP_URL and MAIL_FROM.",
  },
});
