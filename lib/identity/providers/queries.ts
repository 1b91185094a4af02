import type { Sql } from "../../platform/db/database.ts";
import type { Sealed } from "../../platform/secrets.ts";
import { tenantIsOpen } from "../../tenancy/tenants/tenants.ts";
import type { Identity, Provider } from "./schema.ts";

/** A provider as stored, with its sealed client secret and its tenant. */
export interface ProviderRow extends Omit<Provider, "has_client_secret"> {
  client_secret: string | null;
  tenant_id: string;
  tenant_code: string;
  tenant_status: string;
}

const columns = (sql: Sql) =>
  sql`p.id, p.tenant_id, t.code as tenant_code, t.status as tenant_status, p.name, p.issuer, p.client_id,
      p.client_secret, p.scopes, p.group_claim, p.group_roles, p.creates_users, p.default_role, p.links_users,
      p.trusts_emails,
      p.email_domains, p.is_strong, p.is_enabled, p.created_at, p.updated_at`;

const from = (sql: Sql) => sql`select ${columns(sql)} from providers p join tenants t on t.id = p.tenant_id`;

/** The providers of the tenant that the transaction sees, the oldest first. */
export function listProviders(sql: Sql, limit: number) {
  return sql<ProviderRow[]>`${from(sql)} order by p.created_at, p.id limit ${limit}`;
}

export function findProvider(sql: Sql, id: string) {
  return sql<ProviderRow[]>`${from(sql)} where p.id = ${id}`;
}

export function lockProvider(sql: Sql, id: string) {
  return sql<ProviderRow[]>`${from(sql)} where p.id = ${id} for update of p`;
}

const isOpen = (sql: Sql) => sql`p.is_enabled and ${tenantIsOpen(sql)}`;

/** A provider that can be used to sign in. */
export function findOpen(sql: Sql, id: string) {
  return sql<ProviderRow[]>`${from(sql)} where p.id = ${id} and ${isOpen(sql)}`;
}

/** Providers of the tenant with this code or, without one, of the only tenant. */
export function listOpen(sql: Sql, tenantCode: string | undefined, limit: number) {
  const tenant = tenantCode === undefined
    ? sql`(select count(*) from (select 1 from tenants limit 2) few) = 1`
    : sql`t.code = ${tenantCode}`;
  return sql<{ id: string; name: string }[]>`
    select p.id, p.name from providers p join tenants t on t.id = p.tenant_id
    where ${isOpen(sql)} and ${tenant} order by p.created_at, p.id limit ${limit}`;
}

/** Whether any tenant has a provider that can be used. */
export function existsOpen(sql: Sql) {
  return sql`select 1 from providers p join tenants t on t.id = p.tenant_id where ${isOpen(sql)} limit 1`;
}

export type ProviderFields = Omit<
  ProviderRow,
  "id" | "tenant_id" | "tenant_code" | "tenant_status" | "created_at" | "updated_at"
>;

export function insertProvider(sql: Sql, id: string, tenantId: string, fields: ProviderFields) {
  const row = { id, tenant_id: tenantId, ...fields, group_roles: sql.json(fields.group_roles) };
  return sql`insert into providers ${sql(row as Record<string, any>)}`;
}

export function updateProvider(sql: Sql, id: string, fields: Partial<ProviderFields>) {
  const row = { ...fields, ...(fields.group_roles && { group_roles: sql.json(fields.group_roles) }) };
  return sql`update providers set ${sql(row as Record<string, any>)}, updated_at = now() where id = ${id}`;
}

export function deleteProvider(sql: Sql, id: string) {
  return sql`delete from providers where id = ${id}`;
}

/** Serializes the sign-ins of one subject: a parallel first sign-in waits and then finds the account. */
export function lockSubject(sql: Sql, providerId: string, subject: string) {
  return sql`select pg_advisory_xact_lock(hashtextextended(${`${providerId} ${subject}`}, 8))`;
}

export function touchIdentity(sql: Sql, providerId: string, subject: string) {
  return sql<{ user_id: string }[]>`
    update identities set last_used_at = now() where provider_id = ${providerId} and subject = ${subject}
    returning user_id`;
}

interface NewIdentity {
  providerId: string;
  subject: string;
  tenantId: string;
  userId: string;
}

export function insertIdentity(sql: Sql, { providerId, subject, tenantId, userId }: NewIdentity) {
  return sql`
    insert into identities (provider_id, subject, tenant_id, user_id)
    values (${providerId}, ${subject}, ${tenantId}, ${userId})`;
}

/** Unlinks every account of a provider. */
export function deleteIdentities(sql: Sql, providerId: string) {
  return sql`delete from identities where provider_id = ${providerId}`;
}

/** The identities of an account at enabled providers, the last used first. */
export function listIdentities(sql: Sql, userId: string, limit: number) {
  return sql<Identity[]>`
    select i.provider_id, p.name as provider_name, i.created_at, i.last_used_at
    from identities i join providers p on p.id = i.provider_id
    where i.user_id = ${userId} and p.is_enabled order by i.last_used_at desc, i.provider_id limit ${limit}`;
}

/** One identity of an account, with whether the account has another way to sign in. Locks the account. */
export function lockIdentity(sql: Sql, providerId: string, userId: string) {
  return sql<(Identity & { has_other_way: boolean })[]>`
    select i.provider_id, p.name as provider_name, i.created_at, i.last_used_at,
           u.password_hash is not null or exists (select from passkeys k where k.user_id = u.id) as has_other_way
    from identities i join providers p on p.id = i.provider_id join users u on u.id = i.user_id
    where i.provider_id = ${providerId} and i.user_id = ${userId} limit 1 for update of u`;
}

export function deleteIdentity(sql: Sql, providerId: string, userId: string) {
  return sql`delete from identities where provider_id = ${providerId} and user_id = ${userId}`;
}

/** Sealed client secrets in the order of ids, after one of them. */
export function listSealed(sql: Sql, afterId: string, limit: number) {
  return sql<Sealed[]>`
    select id, client_secret as sealed from providers where client_secret is not null and id > ${afterId}
    order by id limit ${limit}`;
}

/** Replaces a sealed secret unless it was changed meanwhile. */
export function reseal(sql: Sql, { id, sealed }: Sealed, resealed: string) {
  return sql`update providers set client_secret = ${resealed} where id = ${id} and client_secret = ${sealed}`;
}
