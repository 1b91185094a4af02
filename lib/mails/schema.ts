// Letters: what a message is about. Its words come from the texts of the pages, when it is sent.
import { z } from "zod";
import { LANGUAGES } from "../platform/languages.ts";
import { defineReasons } from "../platform/errors.ts";

/** The changes to how a person signs in of which they are notified. */
export const CHANGES = [
  "email_changed",
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

/** Lasting access to a tenant of which its owner or the administrators are told. */
export const ACCESS_CHANGES = [
  "key_added",
  "key_changed",
  "admin_key_added",
  "admin_key_changed",
  "administrator_added",
  "administrator_invited",
  "provider_added",
  "provider_changed",
] as const;
export type AccessChange = typeof ACCESS_CHANGES[number];

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
  z.object({
    ...envelope,
    kind: z.literal("access"),
    change: z.enum(ACCESS_CHANGES),
    tenant: z.string(),
    /** The key, the provider, or the person's address. */
    name: z.string(),
    /** Who gave it. */
    by: z.string(),
  }),
  z.object({ ...envelope, kind: z.literal("email_change"), token: z.string() }),
  // The account is looked up when the letter is sent, so that the request takes as long for an unknown address.
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
