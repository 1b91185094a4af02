import { z } from "zod";
import type { AssetType } from "../../media/schema.ts";
import { jsonObject, text } from "../../platform/text.ts";
import { quotaSchema } from "../quotas/schema.ts";
import { usageSchema } from "../usage/schema.ts";
import { defineReasons } from "../../platform/errors.ts";

export const TENANT_TYPES = ["broadcaster", "production", "agency", "archive"] as const;
/** Members may read and change, only read, or not sign in at all. */
export const TENANT_STATUSES = ["active", "read_only", "suspended"] as const;

/** Types that a single file can have by its content; a sequence consists of several files. */
export const ACCEPTED_TYPES = ["video", "audio", "image", "document"] as const satisfies AssetType[];
const acceptedTypesSchema = z.array(z.enum(ACCEPTED_TYPES)).min(1).max(ACCEPTED_TYPES.length);

/** The types of file that a tenant accepts. Stored settings may be older than this schema, so anything else is ignored. */
export function acceptedTypes(settings: Record<string, unknown>): readonly AssetType[] {
  return acceptedTypesSchema.catch([...ACCEPTED_TYPES]).parse(settings.asset_types);
}

/** What happens to bytes that the library has: a second asset, the one that is there, or a refusal. */
export const DUPLICATE_RULES = ["keep", "link", "refuse"] as const;
export type DuplicateRule = typeof DUPLICATE_RULES[number];
export const duplicateRuleSchema = z.enum(DUPLICATE_RULES);

/** The rule about duplicates in these settings; `keep` where they have none. */
export function duplicateRuleOf(settings: Record<string, unknown>): DuplicateRule {
  return duplicateRuleSchema.catch("keep").parse(settings.duplicate_rule);
}

/** Settings of a tenant. Unknown keys are kept. */
const settingsSchema = jsonObject.pipe(z.looseObject({
  /** Members must set up a second factor before anything else. */
  require_second_factor: z.boolean().optional(),
  /** The types of file that are accepted; all by default. */
  asset_types: acceptedTypesSchema.optional(),
  /** What happens to a file whose bytes are in the library; `keep` by default. */
  duplicate_rule: duplicateRuleSchema.optional(),
}));

/** The tenant to act in; some clients send null for a field that they leave out. */
export const tenantCodeSchema = text(50).min(1).nullish();

export const tenantSchema = z.object({
  id: z.uuid(),
  code: z.string(),
  name: z.string(),
  type: z.enum(TENANT_TYPES),
  status: z.enum(TENANT_STATUSES),
  settings: z.record(z.string(), z.unknown()),
  quota: quotaSchema,
  created_at: z.string(),
  updated_at: z.string(),
});
export type Tenant = z.infer<typeof tenantSchema>;
export const tenantDetailSchema = tenantSchema.extend({ usage: usageSchema });
export type TenantDetail = z.infer<typeof tenantDetailSchema>;

const name = text(255).trim().min(1);

export const newTenantSchema = z.object({
  code: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,49}$/, "must be 1 to 50 small letters, digits, _ or -"),
  name,
  type: z.enum(TENANT_TYPES).default("production"),
  settings: settingsSchema.default({}),
  quota: quotaSchema.partial().default({}),
});
export type NewTenant = z.output<typeof newTenantSchema>;

/** The code cannot change: it is part of object keys. */
export const tenantPatchSchema = z.object({
  name: name.optional(),
  type: z.enum(TENANT_TYPES).optional(),
  settings: settingsSchema.optional(),
  quota: quotaSchema.partial().optional(),
  status: z.enum(TENANT_STATUSES).optional(),
});
export type TenantPatch = z.infer<typeof tenantPatchSchema>;

/** Why an operation on a tenant fails. */
export const tenantError = defineReasons("tenant", {
  not_found: { code: "not_found", detail: "There is no such tenant." },
  code_unknown: { code: "not_found", detail: "There is no tenant {code}." },
  foreign: { code: "forbidden", detail: "tenant_code names a tenant that is not yours." },
  code_taken: { code: "conflict", detail: "The code {code} is taken." },
  own_tenant: { code: "conflict", detail: "Nobody suspends the tenant that they are in." },
  type_refused: { code: "unsupported", detail: "This tenant takes {types}; by its content this is {type}." },
});
