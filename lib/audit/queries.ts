import type { Sql } from "../platform/db/database.ts";
import { followsCursor, pageSlice } from "../platform/db/keyset.ts";
import { COUNT_LIMIT } from "../platform/page.ts";
import type { Statement } from "./chain.ts";
import type { AuditEntry, AuditExport, AuditFilter } from "./schema.ts";

/** Serializes additions to a tenant's chain; the lock ends with the transaction. */
export function lockChain(sql: Sql, tenantId: string) {
  return sql`select pg_advisory_xact_lock(hashtextextended(${`audit:${tenantId}`}, 0))`;
}

export function findHead(sql: Sql, tenantId: string) {
  return sql<{ seq: number; hash: string }[]>`
    select seq, hash from audit_entries where tenant_id = ${tenantId} order by seq desc limit 1`;
}

export function insertEntry(sql: Sql, entry: Statement & { previous_hash: string; hash: string }) {
  const { before, after, ...rest } = entry;
  return sql`
    insert into audit_entries ${
    sql({ ...rest, before: jsonOrNull(sql, before), after: jsonOrNull(sql, after) } as never)
  }`;
}

function jsonOrNull(sql: Sql, value: unknown) {
  return value === null ? null : sql.json(value as never);
}

const columns = (sql: Sql) =>
  sql`id, seq, action, target_id, target_name, actor_id, actor_name, api_key_id, before, after, address, request_id,
      hash, created_at`;

export function listEntries(sql: Sql, filter: AuditFilter) {
  return sql<AuditEntry[]>`
    select ${columns(sql)} from audit_entries e
    where ${matches(sql, filter)} and ${followsCursor(sql, "e", filter)}
    order by created_at desc, id desc ${pageSlice(sql, filter)}`;
}

/** An entry of this kind about `target` by the same account, of the last `seconds`. */
export function findRecent(sql: Sql, { actorId, action, target, seconds }: RecentEntry) {
  return sql`
    select 1 from audit_entries
    where actor_id = ${actorId} and action = ${action} and target_id = ${target}
      and created_at > now() - make_interval(secs => ${seconds}) limit 1`;
}

interface RecentEntry {
  actorId: string;
  action: string;
  target: string;
  seconds: number;
}

/** Counts up to `COUNT_LIMIT` + 1 and stops there. */
export function countEntries(sql: Sql, filter: AuditFilter) {
  return sql<{ count: number }[]>`
    select count(*) from (select 1 from audit_entries where ${matches(sql, filter)} limit ${
    COUNT_LIMIT + 1
  }) counted`;
}

function matches(sql: Sql, { action, actor_id, target_id, from, to }: AuditExport) {
  return sql`
    true
    ${action ? sql`and action = ${action}` : sql``}
    ${actor_id ? sql`and actor_id = ${actor_id}` : sql``}
    ${target_id ? sql`and target_id = ${target_id}` : sql``}
    ${from ? sql`and created_at >= ${from}` : sql``}
    ${to ? sql`and created_at < ${to}` : sql``}`;
}

export interface LinkRow extends Statement {
  previous_hash: string;
  hash: string;
}

/** Consecutive links of a tenant's chain, oldest first. */
export function listLinks(sql: Sql, tenantId: string, afterSeq: number, limit: number) {
  return sql<LinkRow[]>`
    select tenant_id, previous_hash, ${columns(sql)} from audit_entries
    where tenant_id = ${tenantId} and seq > ${afterSeq} order by seq limit ${limit}`;
}

/** The last entry of every chain. */
export function listHeads(sql: Sql) {
  return sql<{ tenant: string; seq: number; hash: string }[]>`
    select t.code as tenant, head.seq, head.hash
    from tenants t cross join lateral (
      select seq, hash from audit_entries where tenant_id = t.id order by seq desc limit 1) head
    order by t.code`;
}

/** Deletes old entries of one chain through the only function that may; no row when none is old enough. */
export function pruneEntries(sql: Sql, tenantId: string, olderThan: string, most: number) {
  return sql<{ seq: number; hash: string; entries: number }[]>`
    select seq, hash, entries from prune_audit_entries(${tenantId}, ${olderThan}, ${most})`;
}

export function listChains(sql: Sql) {
  return sql<{ id: string; code: string }[]>`select id, code from tenants order by code`;
}
