import type { Sql } from "../../platform/db/database.ts";
import { isPrincipal } from "../principals/principals.ts";

interface NewRow {
  tokenHash: string;
  tenantId: string;
  userId: string;
  email: string;
  lifetimeSeconds: number;
}

export function insertReset(sql: Sql, row: NewRow) {
  return sql`
    insert into password_resets (token_hash, tenant_id, user_id, email, expires_at)
    values (${row.tokenHash}, ${row.tenantId}, ${row.userId}, ${row.email},
            now() + make_interval(secs => ${row.lifetimeSeconds}))`;
}

/** A valid reset with its account and tenant. */
export interface OpenReset {
  user_id: string;
  email: string;
  name: string;
  tenant_id: string;
  tenant_code: string;
  tenant_name: string;
}

// A link that went to an address which the account no longer has is not valid.
const open = (sql: Sql, tokenHash: string) =>
  sql`
    select r.user_id, u.email, u.name, t.id as tenant_id, t.code as tenant_code, t.name as tenant_name
    from password_resets r join users u on u.id = r.user_id join tenants t on t.id = r.tenant_id
    where r.token_hash = ${tokenHash} and r.expires_at > now() and coalesce(r.email = u.email, true) and ${
    isPrincipal(sql)
  }`;

export function findByToken(sql: Sql, tokenHash: string) {
  return sql<OpenReset[]>`${open(sql, tokenHash)}`;
}

/** Locks the reset, so that it is used once. */
export function lockByToken(sql: Sql, tokenHash: string) {
  return sql<OpenReset[]>`${open(sql, tokenHash)} for update of r`;
}

/** Deletes every reset of an account, unused ones too. */
export function deleteResetsOf(sql: Sql, userId: string) {
  return sql`delete from password_resets where user_id = ${userId}`;
}

export function deleteExpired(sql: Sql, limit: number) {
  return sql`
    delete from password_resets where token_hash in (
      select token_hash from password_resets where expires_at < now() limit ${limit})`;
}
