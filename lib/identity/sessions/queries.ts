import type { Sql } from "../../platform/db/database.ts";
import {
  hasSecondFactor,
  isPrincipal,
  principalColumns,
  type PrincipalRow,
  requiresSecondFactor,
} from "../principals/principals.ts";
import type { Session } from "./schema.ts";

/** A live session with its account and tenant. */
export interface SessionRow extends PrincipalRow {
  id: string;
  kind: "browser" | "api";
  /** Last use was noted more than a minute ago. */
  stale: boolean;
  rotation_due: boolean;
  age_seconds: number;
  /** The tenant requires a second factor, the account has none and no strong provider authenticated it. */
  must_enrol: boolean;
}

const selectSession = (sql: Sql) =>
  sql`
    select s.id, s.kind, s.last_used_at < now() - interval '1 minute' as stale,
           extract(epoch from now() - s.created_at)::int as age_seconds, s.rotation_due, ${
    principalColumns(sql)
  },
           ${requiresSecondFactor(sql)} and not s.is_strong and not ${hasSecondFactor(sql)} as must_enrol
    from sessions s join users u on u.id = s.user_id join tenants t on t.id = s.tenant_id`;

// Of a deactivated account or a suspended tenant no session is live: the request stays unauthenticated.
const live = (sql: Sql) => sql`s.revoked_at is null and s.expires_at > now() and ${isPrincipal(sql)}`;

/** By the present token, or by the previous one while requests that carry it may still be in flight. */
export function findByToken(sql: Sql, tokenHash: string, graceSeconds: number) {
  return sql<SessionRow[]>`
    ${selectSession(sql)}
    where (s.token_hash = ${tokenHash} or (s.previous_token_hash = ${tokenHash}
             and s.rotated_at > now() - make_interval(secs => ${graceSeconds}))) and ${live(sql)}`;
}

export function findById(sql: Sql, id: string) {
  return sql<SessionRow[]>`${selectSession(sql)} where s.id = ${id} and ${live(sql)}`;
}

/** The session if it was started, by signing in, within the last minutes. */
export function findRecent(sql: Sql, id: string, minutes: number) {
  return sql`
    select 1 from sessions
    where id = ${id} and revoked_at is null and created_at > now() - make_interval(mins => ${minutes})`;
}

/** The live sessions of one account, the last used first. */
export function listSessions(sql: Sql, userId: string, currentId: string | null, limit: number) {
  return sql<Session[]>`
    select id, kind, user_agent, address, created_at, last_used_at, expires_at,
           coalesce(id = ${currentId}, false) as is_current
    from sessions where user_id = ${userId} and revoked_at is null and expires_at > now()
    order by last_used_at desc, id desc limit ${limit}`;
}

interface NewSession {
  id: string;
  tenantId: string;
  userId: string;
  kind: "browser" | "api";
  tokenHash: string | null;
  userAgent: string | null;
  address: string | null;
  isStrong: boolean;
  lifetimeSeconds: number;
}

export function insertSession(sql: Sql, session: NewSession) {
  return sql`
    insert into sessions (id, tenant_id, user_id, kind, token_hash, user_agent, address, is_strong, expires_at)
    values (${session.id}, ${session.tenantId}, ${session.userId}, ${session.kind}, ${session.tokenHash},
            ${session.userAgent?.slice(0, 500) ?? null}, ${session.address},
            ${session.isStrong}, now() + make_interval(secs => ${session.lifetimeSeconds}))`;
}

export function touchSession(sql: Sql, id: string, lifetimeSeconds: number) {
  return sql`
    update sessions set last_used_at = now(), expires_at = now() + make_interval(secs => ${lifetimeSeconds})
    where id = ${id} and revoked_at is null`;
}

export function markForRotation(sql: Sql, id: string) {
  return sql`update sessions set rotation_due = true where id = ${id} and kind = 'browser' and revoked_at is null`;
}

export function markAllForRotation(sql: Sql, userId: string) {
  return sql`
    update sessions set rotation_due = true
    where user_id = ${userId} and kind = 'browser' and revoked_at is null`;
}

/** Replaces the token if rotation is due; the count tells. */
export function rotateToken(sql: Sql, id: string, tokenHash: string) {
  return sql`
    update sessions set previous_token_hash = token_hash, token_hash = ${tokenHash}, rotated_at = now(),
                        rotation_due = false
    where id = ${id} and rotation_due and revoked_at is null`;
}

export function revokeSession(sql: Sql, id: string) {
  return sql`update sessions set revoked_at = now() where id = ${id} and revoked_at is null`;
}

export function revokeByToken(sql: Sql, tokenHash: string) {
  return sql`update sessions set revoked_at = now() where token_hash = ${tokenHash} and revoked_at is null`;
}

export function revokeOwnSession(sql: Sql, id: string, userId: string) {
  return sql`
    update sessions set revoked_at = now()
    where id = ${id} and user_id = ${userId} and revoked_at is null and expires_at > now()`;
}

export function revokeAll(sql: Sql, userId: string, exceptId: string | null) {
  return sql`
    update sessions set revoked_at = now()
    where user_id = ${userId} and revoked_at is null and id is distinct from ${exceptId}`;
}

/** Sessions that ended at least a month ago; their refresh tokens are deleted by cascade. */
export function deleteEndedSessions(sql: Sql, limit: number) {
  return sql`
    delete from sessions where id in (
      select id from sessions where least(expires_at, coalesce(revoked_at, 'infinity')) < now() - interval '30 days'
      limit ${limit})`;
}
