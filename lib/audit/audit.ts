// The audit: every change that somebody may one day be asked about, recorded in the transaction that makes it.
import type { Ctx } from "../access/context.ts";
import type { Sql } from "../platform/db/database.ts";
import { newId } from "../platform/ids.ts";
import { hashStatement, NOTHING_BEFORE } from "./chain.ts";
import * as queries from "./queries.ts";
import type { AuditAction, AuditEntry, AuditFilter } from "./schema.ts";

/** Who acts, from where. */
export type Witness = Pick<Ctx, "actor" | "address"> & { requestId?: string };

export interface AuditEvent {
  action: AuditAction;
  target: { id: string; name?: string };
  /** The fields that changed, as they were and as they are. Never a secret, not even hashed. */
  before?: object;
  after?: object;
}

/**
 * Adds an entry to the chain of the actor's tenant. Others of that tenant wait until this transaction ends: record last,
 * when no other lock is needed any more.
 */
export async function record(sql: Sql, by: Witness, event: AuditEvent): Promise<void> {
  const { tenantId, userId, email, keyId } = by.actor;
  await queries.lockChain(sql, tenantId);
  const [head] = await queries.findHead(sql, tenantId);
  const previous = head?.hash ?? NOTHING_BEFORE;
  const statement = {
    id: newId(),
    tenant_id: tenantId,
    seq: (head?.seq ?? 0) + 1,
    action: event.action,
    target_id: event.target.id,
    target_name: event.target.name ?? null,
    actor_id: userId,
    actor_name: email ?? null,
    api_key_id: keyId ?? null,
    before: asJson(event.before),
    after: asJson(event.after),
    address: by.address ?? null,
    request_id: by.requestId ?? null,
    created_at: new Date().toISOString(),
  };
  const hash = hashStatement(previous, statement);
  await queries.insertEntry(sql, { ...statement, previous_hash: previous, hash });
}

/** Of two states of a thing, the fields among `names` that differ; undefined when none does. */
export function difference<T extends object>(
  before: T,
  after: T,
  names: readonly (keyof T & string)[],
): { before: Partial<T>; after: Partial<T> } | undefined {
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  if (changed.length === 0) return undefined;
  const pick = (state: T) => Object.fromEntries(changed.map((name) => [name, state[name]])) as Partial<T>;
  return { before: pick(before), after: pick(after) };
}

/** The rows of one page and one more, newest first, of the tenant that the transaction sees. */
export function readEntries(sql: Sql, filter: AuditFilter): Promise<AuditEntry[]> {
  return queries.listEntries(sql, filter);
}

/** How many entries match, counted to `COUNT_LIMIT` + 1 and not further. */
export async function countEntries(sql: Sql, filter: AuditFilter): Promise<number> {
  const [counted] = await queries.countEntries(sql, filter);
  return counted!.count;
}

/** As it will be read back: without what JSON does not know. */
function asJson(value: object | undefined): Record<string, unknown> | null {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}
