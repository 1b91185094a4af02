import { z } from "zod";
import { text, yesOrNo } from "../../platform/text.ts";
import { defineReasons } from "../../platform/errors.ts";

export const KEY_SCOPES = ["read", "write", "admin"] as const;
export type KeyScope = typeof KEY_SCOPES[number];

const MAX_DAYS = 365;

const name = text(255).trim().min(1);
const scopes = z.array(z.enum(KEY_SCOPES)).min(1).max(KEY_SCOPES.length)
  .transform((list) => KEY_SCOPES.filter((scope) => list.includes(scope)));

/** A key as lists show it, without the key itself. */
export const apiKeySchema = z.object({
  id: z.uuid(),
  name: z.string(),
  key_prefix: z.string(),
  scopes: z.array(z.enum(KEY_SCOPES)),
  is_active: z.boolean(),
  user_id: z.uuid(),
  user_name: z.string(),
  user_email: z.string(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
  last_used_from: z.string().nullable(),
  revoked_at: z.string().nullable(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

export const newApiKeySchema = z.object({
  name,
  scopes: scopes.default(["read"]),
  /** Null for a key without an end, which is never given by leaving it out. */
  expires_in_days: z.number().int().min(1).max(MAX_DAYS).nullable().default(MAX_DAYS),
});
export type NewApiKey = z.output<typeof newApiKeySchema>;

export const apiKeyPatchSchema = z.object({ name: name.optional(), scopes: scopes.optional() });
export type ApiKeyPatch = z.output<typeof apiKeyPatchSchema>;

export const apiKeyFilterSchema = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  skip: z.coerce.number().int().min(0).max(1_000_000).default(0),
  include_inactive: yesOrNo.default(true),
});
export type ApiKeyFilter = z.output<typeof apiKeyFilterSchema>;

/** Why an operation on an API key fails. */
export const apiKeyError = defineReasons("api_key", {
  not_found: { code: "not_found", detail: "There is no such API key." },
  foreign_tenant: {
    code: "invalid",
    detail: "A key is made in one's own tenant. Leave tenant_code out.",
    field: "tenant_code",
  },
  admin_scope: { code: "forbidden", detail: "Only administrators may give a key the scope admin." },
});
