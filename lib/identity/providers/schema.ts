import { z } from "zod";
import { ROLES } from "../../access/context.ts";
import { exactText, text } from "../../platform/text.ts";
import { defineReasons } from "../../platform/errors.ts";

const name = text(100).trim().min(1);
const issuer = text(500).refine(
  isWebAddress,
  "expected an address such as https://login.example.org/realms/tv",
);
const scope = z.string().max(100).regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, "expected a scope without spaces");
const domain = z.string().max(253).regex(
  /^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/,
  "expected a domain such as example.org",
)
  .transform((domain) => domain.toLowerCase());

const fields = {
  name,
  issuer,
  client_id: text(500).trim().min(1),
  scopes: z.array(scope).max(20).refine((scopes) => scopes.includes("openid"), "must include openid"),
  group_claim: text(100).min(1).nullable(),
  group_roles: z.record(exactText(200).min(1), z.enum(ROLES)).refine(
    (roles) => Object.keys(roles).length <= 100,
    "at most 100 groups",
  ),
  creates_users: z.boolean(),
  default_role: z.enum(ROLES),
  links_users: z.boolean(),
  trusts_emails: z.boolean(),
  email_domains: z.array(domain).max(100),
  is_strong: z.boolean(),
  is_enabled: z.boolean(),
};

/** A provider as the API shows it, without its client secret. */
export const providerSchema = z.object({
  id: z.uuid(),
  ...fields,
  email_domains: z.array(z.string()),
  has_client_secret: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Provider = z.infer<typeof providerSchema>;

/** A link from an account to a provider. */
export const identitySchema = z.object({
  provider_id: z.uuid(),
  provider_name: z.string(),
  created_at: z.string(),
  last_used_at: z.string(),
});
export type Identity = z.infer<typeof identitySchema>;

const secret = exactText(1000).min(1).nullable();

export const newProviderSchema = z.object({
  ...fields,
  client_secret: secret.default(null),
  scopes: fields.scopes.default(["openid", "email", "profile"]),
  group_claim: fields.group_claim.default(null),
  group_roles: fields.group_roles.default({}),
  creates_users: fields.creates_users.default(false),
  default_role: fields.default_role.default("viewer"),
  links_users: fields.links_users.default(false),
  trusts_emails: fields.trusts_emails.default(false),
  email_domains: fields.email_domains.default([]),
  is_strong: fields.is_strong.default(false),
  is_enabled: fields.is_enabled.default(true),
});
export type NewProvider = z.output<typeof newProviderSchema>;

export const providerPatchSchema = z.object({ ...fields, client_secret: secret }).partial();
export type ProviderPatch = z.output<typeof providerPatchSchema>;

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, search, hash } = new URL(text);
  return ["https:", "http:"].includes(protocol) && !username && !search && !hash;
}

/** Why an operation on a provider or an identity fails. */
export const providerError = defineReasons("provider", {
  not_found: { code: "not_found", detail: "There is no such provider." },
  not_linked: { code: "not_found", detail: "You have not come in by this provider." },
  only_sign_in_method: { code: "conflict", detail: "Nothing else would let you in. Add a passkey first." },
  too_many: { code: "conflict", detail: "A tenant has {most} providers at most." },
  secret_required: {
    code: "invalid",
    detail: "Another issuer has another secret: send it too, or null for none.",
    field: "client_secret",
  },
  issuer_differs: {
    code: "invalid",
    detail: "The provider there calls itself {named}. Send exactly that as the issuer.",
    field: "issuer",
  },
  issuer_unsound: {
    code: "invalid",
    detail: "There is no OpenID provider at {address}: {error}.",
    field: "issuer",
  },
  issuer_insecure: {
    code: "invalid",
    detail: "The issuer's address must begin with https.",
    field: "issuer",
  },
});
