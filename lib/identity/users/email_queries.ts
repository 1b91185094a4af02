import type { Sql } from "../../platform/db/database.ts";
import { isPrincipal } from "../principals/principals.ts";

/** The address that a link gives an account, once it is opened. */
export interface OpenEmailChange {
  user_id: string;
  /** The present address. */
  email: string;
  new_email: string;
  role: string;
  tenant_id: string;
  tenant_code: string;
  tenant_name: string;
}

interface NewRow {
  userId: string;
  tenantId: string;
  tokenHash: string;
  email: string;
  lifetimeSeconds: number;
}

/** An account has one pending change: a later one replaces it. */
export function replaceChange(sql: Sql, row: NewRow) {
  return sql`
    insert into email_changes (user_id, tenant_id, token_hash, email, expires_at)
    values (${row.userId}, ${row.tenantId}, ${row.tokenHash}, ${row.email},
            now() + make_interval(secs => ${row.lifetimeSeconds}))
    on conflict (user_id) do update set token_hash = excluded.token_hash, email = excluded.email,
      created_at = now(), expires_at = excluded.expires_at`;
}

const open = (sql: Sql, tokenHash: string) =>
  sql`
    select c.user_id, u.email, c.email as new_email, u.role, t.id as tenant_id, t.code as tenant_code,
           t.name as tenant_name
    from email_changes c join users u on u.id = c.user_id join tenants t on t.id = c.tenant_id
    where c.token_hash = ${tokenHash} and c.expires_at > now() and ${isPrincipal(sql)}`;

export function findByToken(sql: Sql, tokenHash: string) {
  return sql<OpenEmailChange[]>`${open(sql, tokenHash)}`;
}

/** Locks the change, so that it is made once. */
export function lockByToken(sql: Sql, tokenHash: string) {
  return sql<OpenEmailChange[]>`${open(sql, tokenHash)} for update of c`;
}

export function deleteChangeOf(sql: Sql, userId: string) {
  return sql`delete from email_changes where user_id = ${userId}`;
}

export function updateEmail(sql: Sql, userId: string, email: string) {
  return sql`update users set email = ${email}, updated_at = now() where id = ${userId}`;
}

/** An account of the tenant with this address. */
export function findTaken(sql: Sql, tenantId: string, email: string) {
  return sql`select 1 from users where tenant_id = ${tenantId} and email = ${email}`;
}

export function deleteExpired(sql: Sql, limit: number) {
  return sql`
    delete from email_changes where user_id in (
      select user_id from email_changes where expires_at < now() limit ${limit})`;
}
