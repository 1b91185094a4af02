import type { Sql } from "../../platform/db/database.ts";
import { isPrincipal, principalColumns, type PrincipalRow } from "../principals/principals.ts";
import type { ApiKey, ApiKeyFilter, ApiKeyPatch, KeyScope } from "./schema.ts";

const live = (sql: Sql) => sql`k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`;

const select = (sql: Sql) =>
  sql`
    select k.id, k.name, k.key_prefix, k.scopes, ${live(sql)} and u.is_active as is_active, k.user_id,
           u.name as user_name, u.email as user_email, k.created_at, k.expires_at, k.last_used_at, k.last_used_from,
           k.revoked_at
    from api_keys k join users u on u.id = k.user_id`;

/** Keys of one account, or of all in the tenant that the transaction sees, newest first. */
export function listKeys(sql: Sql, ownerId: string | null, { limit, skip, include_inactive }: ApiKeyFilter) {
  return sql<ApiKey[]>`
    ${select(sql)} where true ${ownerId ? sql`and k.user_id = ${ownerId}` : sql``}
    ${include_inactive ? sql`` : sql`and u.is_active and ${live(sql)}`}
    order by k.created_at desc, k.id desc limit ${limit} offset ${skip}`;
}

export function findKey(sql: Sql, id: string, ownerId: string | null) {
  return sql<ApiKey[]>`
    ${select(sql)} where k.id = ${id} ${ownerId ? sql`and k.user_id = ${ownerId}` : sql``}`;
}

interface NewRow {
  id: string;
  tenantId: string;
  userId: string;
  name: string;
  prefix: string;
  hmac: string;
  scopes: KeyScope[];
  days: number | null;
}

export function insertKey(sql: Sql, row: NewRow) {
  return sql`
    insert into api_keys (id, tenant_id, user_id, name, key_prefix, key_hmac, scopes, expires_at)
    values (${row.id}, ${row.tenantId}, ${row.userId}, ${row.name}, ${row.prefix}, ${row.hmac}, ${row.scopes},
            now() + make_interval(days => ${row.days}::int))`;
}

export function updateKey(sql: Sql, id: string, patch: ApiKeyPatch) {
  return sql`update api_keys set ${
    sql(patch as Record<string, string>)
  }, updated_at = now() where id = ${id}`;
}

export function revokeKey(sql: Sql, id: string) {
  return sql`update api_keys set revoked_at = now(), updated_at = now() where id = ${id} and revoked_at is null`;
}

/** Revokes the live keys of one account. */
export function revokeKeysOf(sql: Sql, userId: string) {
  return sql<{ id: string; name: string }[]>`
    update api_keys k set revoked_at = now(), updated_at = now() where k.user_id = ${userId} and ${live(sql)}
    returning k.id, k.name`;
}

export function deleteKey(sql: Sql, id: string) {
  return sql`delete from api_keys where id = ${id}`;
}

/** A live key with its account and tenant. */
export interface KeyRow extends PrincipalRow {
  id: string;
  key_hmac: string;
  scopes: KeyScope[];
  /** Last use was noted more than a minute ago, or never. */
  stale: boolean;
}

export function findByHmac(sql: Sql, hmacs: string[]) {
  return sql<KeyRow[]>`
    select k.id, k.key_hmac, k.scopes, coalesce(k.last_used_at < now() - interval '1 minute', true) as stale, ${
    principalColumns(sql)
  }
    from api_keys k join users u on u.id = k.user_id join tenants t on t.id = k.tenant_id
    where k.key_hmac in ${sql(hmacs)} and ${live(sql)} and ${isPrincipal(sql)}`;
}

export function isLive(sql: Sql, id: string) {
  return sql`
    select 1 from api_keys k join users u on u.id = k.user_id join tenants t on t.id = k.tenant_id
    where k.id = ${id} and ${live(sql)} and ${isPrincipal(sql)}`;
}

export function updateHmac(sql: Sql, id: string, hmac: string) {
  return sql`update api_keys set key_hmac = ${hmac} where id = ${id}`;
}

export function touchKey(sql: Sql, id: string, address: string | null) {
  return sql`update api_keys set last_used_at = now(), last_used_from = ${address} where id = ${id}`;
}
