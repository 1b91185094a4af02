// Recording: an audit entry is written in the transaction that makes the change it describes.
import type { Ctx } from "../access/context.ts";
import { requireStanding } from "../access/standing/standing.ts";
import type { Sql } from "../platform/db/database.ts";
import { newId } from "../platform/ids.ts";
import { GENESIS_HASH, hashStatement } from "./chain.ts";
import * as queries from "./queries.ts";
import type { AuditAction } from "./schema.ts";

/** Where a request came from. */
export type RequestOrigin = Pick<Ctx, "address"> & { requestId?: string };

/** The actor of a change, and where the request came from. */
export type AuditSource = Pick<Ctx, "actor"> & RequestOrigin;

export interface AuditEvent {
  action: AuditAction;
  target: { id: string; name?: string };
  /** The changed fields, before and after. Never a secret, not even hashed. */
  before?: object;
  after?: object;
}

/**
 * Adds an entry to the hash chain of the actor's tenant, or of `tenantId`. The chain is locked until the transaction ends,
 * so record last, after every other lock is taken. Every change passes here, so the actor's rights are read again:
 * throws `unauthenticated` or `forbidden` when they were taken away since the request began.
 */
export async function record(
  sql: Sql,
  by: AuditSource,
  event: AuditEvent,
  tenantId: string = by.actor.tenantId,
): Promise<void> {
  const { userId, email, keyId } = by.actor;
  await requireStanding(sql, by.actor);
  await queries.lockChain(sql, tenantId);
  const [head] = await queries.findHead(sql, tenantId);
  const previous = head?.hash ?? GENESIS_HASH;
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

/** The fields among `names` that differ between two states of an object; undefined when none does. */
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

/** As jsonb returns it: without undefined values and the like, so that the hash can be computed again. */
function asJson(value: object | undefined): Record<string, unknown> | null {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}
