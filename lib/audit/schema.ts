import { z } from "zod";
import { pageSchema } from "../platform/page.ts";
import { moment, text } from "../platform/text.ts";

/** Audited actions, as `noun.verb`. Pages translate both halves. */
export const AUDIT_ACTIONS = [
  "api_key.create",
  "api_key.update",
  "api_key.revoke",
  "api_key.delete",
  "asset.create",
  "asset.update",
  "asset.share",
  "asset.trash",
  "asset.restore",
  "asset.delete",
  "group.create",
  "group.update",
  "group.delete",
  "group.add_member",
  "group.remove_member",
  "audit.prune",
  "identity.create",
  "identity.delete",
  "invitation.create",
  "invitation.accept",
  "invitation.delete",
  "passkey.create",
  "passkey.update",
  "passkey.delete",
  "provider.create",
  "provider.update",
  "provider.delete",
  "recovery_codes.create",
  "second_factor.reset",
  "password.change",
  "password.ask",
  "password.reset",
  "session.create",
  "session.delete",
  "session.delete_all",
  "tenant.create",
  "tenant.update",
  "totp.create",
  "totp.delete",
  "user.create",
  "user.update",
  "user.deactivate",
  "user.reactivate",
] as const;
export type AuditAction = typeof AUDIT_ACTIONS[number];

/** One entry as the API shows it. `seq` counts from 1 in each tenant. */
export const auditEntrySchema = z.object({
  id: z.uuid(),
  seq: z.number().int(),
  action: z.string(),
  target_id: z.string().nullable(),
  target_name: z.string().nullable(),
  actor_id: z.uuid().nullable(),
  actor_name: z.string().nullable(),
  api_key_id: z.uuid().nullable(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  address: z.string().nullable(),
  request_id: z.string().nullable(),
  hash: z.string(),
  created_at: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** The columns of the export. */
export const AUDIT_COLUMNS = auditEntrySchema.keyof().options;

const filterShape = {
  action: z.enum(AUDIT_ACTIONS).optional(),
  actor_id: z.uuid().optional(),
  target_id: text(100).min(1).optional(),
  from: moment.optional(),
  to: moment.optional(),
};

/** The filter of the list; `from` is inclusive, `to` exclusive. */
export const auditFilterSchema = pageSchema.extend(filterShape);
export type AuditFilter = z.infer<typeof auditFilterSchema>;

export const auditExportSchema = z.object(filterShape);
export type AuditExport = z.infer<typeof auditExportSchema>;
