import { z } from "zod";
import { pageSchema } from "../platform/page.ts";
import { moment, text } from "../platform/text.ts";

/** What is recorded: of each noun, the verbs. Pages have a word for either; one without it does not compile. */
const ACTIONS = {
  api_key: ["create", "update", "revoke", "delete"],
  asset: ["create", "fill", "update", "share", "trash", "restore", "delete"],
  group: ["create", "update", "delete", "add_member", "remove_member"],
  audit: ["export", "prune"],
  identity: ["create", "delete"],
  invitation: ["create", "accept", "delete"],
  job: ["retry", "cancel", "run_now"],
  passkey: ["create", "update", "delete"],
  provider: ["create", "update", "delete"],
  recovery_codes: ["create"],
  rendition: ["replace", "take_back"],
  second_factor: ["reset"],
  password: ["change", "ask", "reset"],
  session: ["create", "delete", "delete_all"],
  tenant: ["create", "read", "update"],
  totp: ["create", "delete"],
  user: ["create", "update", "deactivate", "reactivate"],
} as const;

type Table = typeof ACTIONS;
export type AuditNoun = keyof Table;
export type AuditVerb = Table[AuditNoun][number];
/** `noun.verb`, as in the table. */
export type AuditAction = { [Noun in AuditNoun]: `${Noun}.${Table[Noun][number]}` }[AuditNoun];

export const AUDIT_ACTIONS = Object.entries(ACTIONS).flatMap(([noun, verbs]) =>
  verbs.map((verb) => `${noun}.${verb}` as AuditAction)
);

/** True for an action of this version; an entry may be of another. */
export function isAuditAction(action: string): action is AuditAction {
  return (AUDIT_ACTIONS as string[]).includes(action);
}

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

/** An entry as the history of a thing shows it. */
export type HistoryEntry =
  & Pick<AuditEntry, "id" | "action" | "actor_name" | "before" | "after" | "created_at">
  & {
    by_key: boolean;
  };

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
