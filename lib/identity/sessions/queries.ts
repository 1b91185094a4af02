import type { Sql } from "../../platform/db/database.ts";
import type { Role } from "../../access/context.ts";
import type { Language } from "../../platform/languages.ts";
import type { Theme } from "../users/schema.ts";
import type { Session } from "./schema.ts";

/** A live session with the person it belongs to and their tenant. */
export interface SessionRow {
  id: string;
  kind: "browser" | "api";
  stale: boolean;
  rotation_due: boolean;
  age_seconds: number;
  /** Their tenant asks for a second factor, and they have none and came by no provider that stands for one. */
  must_enrol: boolean;
  user_id: string;
  user_name: string;
  email: string;
  role: Role;
  is_superuser: boolean;
  language: Language | null;
  theme: Theme;
  tenant_id: string;
  tenant_code: string;
  tenant_name: string;
  is_read_only: boolean;
}

// A session of somebody deactivated, or of a suspended tenant, is none: the next request is a stranger's.
const live = (sql: Sql) =>
  sql`s.revoked_at is null and s.expires_at > now() and u.is_active and t.status <> 'suspended'`;

function selectSession(sql: Sql) {
  return sql`
    select s.id, s.kind, s.last_used_at < now() - interval '1 minute' as stale,
           extract(epoch from now() - s.created_at)::int as age_seconds, u.id as user_id, u.name as user_name,
           u.email, u.role, u.is_superuser, u.language, u.theme, s.rotation_due,
           t.id as tenant_id, t.code as tenant_code, t.name as tenant_name,
           t.status = 'read_only' as is_read_only,
           t.settings -> 'require_second_factor' is not distinct from 'true'::jsonb and not s.is_strong
             and not exists (select from totp_secrets f where f.user_id = u.id and f.secret is not null)
             and not exists (select from passkeys p where p.user_id = u.id) as must_enrol
    from sessions s join users u on u.id = s.user_id join tenants t on t.id = s.tenant_id`;
}

/** By the present token, or by the one before it while requests with that may still be on their way. */
export function findByToken(sql: Sql, tokenHash: string, graceSeconds: number) {
  return sql<SessionRow[]>`
    ${selectSession(sql)}
    where (s.token_hash = ${tokenHash} or (s.previous_token_hash = ${tokenHash}
             and s.rotated_at > now() - make_interval(secs => ${graceSeconds}))) and ${live(sql)}`;
}

export function markForRotation(sql: Sql, id: string) {
  return sql`update sessions set rotation_due = true where id = ${id} and kind = 'browser' and revoked_at is null`;
}

/** Another token where one is due; the count tells. */
export function rotateToken(sql: Sql, id: string, tokenHash: string) {
  return sql`
    update sessions set previous_token_hash = token_hash, token_hash = ${tokenHash}, rotated_at = now(),
                        rotation_due = false
    where id = ${id} and rotation_due and revoked_at is null`;
}

/** The session when it began, by signing in, within the last minutes. */
export function findRecent(sql: Sql, id: string, minutes: number) {
  return sql`
    select 1 from sessions
    where id = ${id} and revoked_at is null and created_at > now() - make_interval(mins => ${minutes})`;
}

export function findById(sql: Sql, id: string) {
  return sql<SessionRow[]>`${selectSession(sql)} where s.id = ${id} and ${live(sql)}`;
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

export function revokeSession(sql: Sql, id: string) {
  return sql`update sessions set revoked_at = now() where id = ${id} and revoked_at is null`;
}

export function revokeByToken(sql: Sql, tokenHash: string) {
  return sql`update sessions set revoked_at = now() where token_hash = ${tokenHash} and revoked_at is null`;
}

export function revokeSessionsOf(sql: Sql, userId: string, exceptId: string | null) {
  return sql`
    update sessions set revoked_at = now()
    where user_id = ${userId} and revoked_at is null and id is distinct from ${exceptId}`;
}

/** The live sessions of one person, the last used first. */
export function listSessions(sql: Sql, userId: string, currentId: string | null, limit: number) {
  return sql<Session[]>`
    select id, kind, user_agent, address, created_at, last_used_at, expires_at,
           coalesce(id = ${currentId}, false) as is_current
    from sessions where user_id = ${userId} and revoked_at is null and expires_at > now()
    order by last_used_at desc, id desc limit ${limit}`;
}

export function revokeOwnSession(sql: Sql, id: string, userId: string) {
  return sql`
    update sessions set revoked_at = now()
    where id = ${id} and user_id = ${userId} and revoked_at is null and expires_at > now()`;
}

export interface RefreshRow {
  session_id: string;
  tenant_id: string;
  user_id: string;
  spent: boolean;
  /** Spent so recently that the answer may have been lost on the way. */
  within_grace: boolean;
  expired: boolean;
  successor_hash: string | null;
}

/** Locks the token's row: of parallel refreshes one spends it, the others see it spent when they then read it. */
export function lockRefreshToken(sql: Sql, tokenHash: string) {
  return sql`select 1 from refresh_tokens where token_hash = ${tokenHash} for update`;
}

/** A statement of its own: whoever waited for the lock has to see what was written meanwhile, the successor too. */
export function findRefreshToken(sql: Sql, tokenHash: string, graceSeconds: number) {
  return sql<RefreshRow[]>`
    select r.session_id, r.tenant_id, s.user_id, r.spent_at is not null as spent,
           coalesce(r.spent_at > now() - make_interval(secs => ${graceSeconds}), false)
             and exists (select from refresh_tokens n where n.token_hash = r.successor_hash and n.spent_at is null)
             as within_grace,
           r.expires_at <= now() as expired, r.successor_hash
    from refresh_tokens r join sessions s on s.id = r.session_id
    where r.token_hash = ${tokenHash}`;
}

export function spendRefreshToken(sql: Sql, tokenHash: string, successorHash: string) {
  return sql`
    update refresh_tokens set spent_at = now(), successor_hash = ${successorHash} where token_hash = ${tokenHash}`;
}

interface NewRefreshToken {
  tokenHash: string;
  tenantId: string;
  sessionId: string;
  lifetimeSeconds: number;
}

export function insertRefreshToken(sql: Sql, token: NewRefreshToken) {
  return sql`
    insert into refresh_tokens (token_hash, tenant_id, session_id, expires_at)
    values (${token.tokenHash}, ${token.tenantId}, ${token.sessionId},
            now() + make_interval(secs => ${token.lifetimeSeconds}))`;
}

/** Sessions that ended a month ago or more; their refresh tokens go with them. */
export function deleteEndedSessions(sql: Sql, limit: number) {
  return sql`
    delete from sessions where id in (
      select id from sessions where least(expires_at, coalesce(revoked_at, 'infinity')) < now() - interval '30 days'
      limit ${limit})`;
}
