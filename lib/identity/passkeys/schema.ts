import { z } from "zod";
import { text } from "../../platform/text.ts";
import { defineReasons } from "../../platform/errors.ts";

/** A passkey as the API shows it to its owner. */
export const passkeySchema = z.object({
  id: z.uuid(),
  name: z.string(),
  /** Backed up by a password manager across devices, not bound to one. */
  is_synced: z.boolean(),
  created_at: z.string(),
  last_used_at: z.string().nullable(),
});
export type Passkey = z.infer<typeof passkeySchema>;

const name = text(255).trim().min(1);
const base64url = z.string().regex(/^[A-Za-z0-9_-]{1,8192}$/, "must be base64url");
const shared = {
  id: base64url,
  rawId: base64url,
  type: z.literal("public-key"),
  clientExtensionResults: z.looseObject({}).default({}),
};
const TRANSPORTS = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"] as const;

/** The JSON of a new credential from `PublicKeyCredential.toJSON()` (WebAuthn 3 §5.1), without unknown transports. */
export const registrationSchema = z.object({
  ...shared,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string()).max(20).default([])
      .transform((list) => TRANSPORTS.filter((each) => list.includes(each))),
  }),
});
export type Registration = z.output<typeof registrationSchema>;

/** The JSON of an assertion by an existing credential. */
export const assertionSchema = z.object({
  ...shared,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: z.string().max(200).nullish().transform((handle) => handle ?? undefined),
  }),
});
export type Assertion = z.output<typeof assertionSchema>;

export const newPasskeySchema = z.object({ name, credential: registrationSchema });
export type NewPasskey = z.output<typeof newPasskeySchema>;

export const passkeyPatchSchema = z.object({ name });
export const passkeySignInSchema = z.object({ credential: assertionSchema });

/** For `navigator.credentials.create`, as `PublicKeyCredential.parseCreationOptionsFromJSON` takes it. */
export const creationOptionsSchema = z.looseObject({ challenge: z.string() });
/** For `navigator.credentials.get`, as `PublicKeyCredential.parseRequestOptionsFromJSON` takes it. */
export const requestOptionsSchema = z.looseObject({ challenge: z.string() });

/** The relying party that passkeys are bound to: its domain, and the origin of its pages. */
export interface RelyingParty {
  id: string;
  origin: string;
}

/** Why an operation on a passkey fails. */
export const passkeyError = defineReasons("passkey", {
  not_found: { code: "not_found", detail: "There is no such passkey." },
  verification_failed: {
    code: "invalid",
    detail: "This passkey does not answer what was asked. Try again.",
    field: "credential",
  },
  already_registered: { code: "conflict", detail: "This passkey is registered already." },
});
