import type { Sql } from "../platform/db.ts";
import type { NewTenant, Tenant, TenantFilter, TenantPatch } from "./schema.ts";

const columns = (sql: Sql) => sql`id, code, name, type, status, settings, created_at, updated_at`;

export function findByCode(sql: Sql, code: string) {
  return sql<Tenant[]>`select ${columns(sql)} from tenants where code = ${code}`;
}

export function findById(sql: Sql, id: string) {
  return sql<Tenant[]>`select ${columns(sql)} from tenants where id = ${id}`;
}

/** Not `for update`: everything that is written refers to its tenant, and would have to wait. */
export function lockTenant(sql: Sql, id: string) {
  return sql<Tenant[]>`select ${columns(sql)} from tenants where id = ${id} for no key update`;
}

export function listTenants(sql: Sql, { limit, skip }: TenantFilter) {
  return sql<Tenant[]>`
    select ${columns(sql)} from tenants order by lower(name), id limit ${limit} offset ${skip}`;
}

/** Adds a tenant unless its code is taken; the count tells. */
export function insertTenant(sql: Sql, id: string, tenant: NewTenant) {
  return sql`
    insert into tenants (id, code, name, type, settings)
    values (${id}, ${tenant.code}, ${tenant.name}, ${tenant.type}, ${sql.json(tenant.settings as never)})
    on conflict on constraint tenants_code_key do nothing`;
}

export function updateTenant(sql: Sql, id: string, { settings, ...patch }: TenantPatch) {
  const changed = { ...patch, ...(settings && { settings: sql.json(settings as never) }) };
  return sql`
    update tenants set ${sql(changed as Record<string, string>)}, updated_at = now() where id = ${id}`;
}
