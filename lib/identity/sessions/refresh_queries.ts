import type { Sql } from "../../platform/db/database.ts";

export interface RefreshRow {
  session_id: string;
  tenant_id: string;
  user_id: string;
  spent: boolean;
  /** Spent so recently that the client may have lost the answer, and its successor is unspent. */
  within_grace: boolean;
  expired: boolean;
  successor_hash: string | null;
}

/** Locks the token's row: of parallel refreshes one spends it, the others then read it as spent. */
export function lockRefreshToken(sql: Sql, tokenHash: string) {
  return sql`select 1 from refresh_tokens where token_hash = ${tokenHash} for update`;
}

/** A statement after the lock, with a snapshot of its own, so that it sees the successor that was written meanwhile. */
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
