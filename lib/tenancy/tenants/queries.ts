import type { Sql } from "../../platform/db/database.ts";
import { followsCursor, pageSlice } from "../../platform/db/keyset.ts";
import { COUNT_LIMIT, type PageInput } from "../../platform/page.ts";
import { quotaColumn } from "../quotas/quotas.ts";
import type { Quota } from "../quotas/schema.ts";
import type { NewTenant, Tenant, TenantPatch } from "./schema.ts";

const columns = (sql: Sql) =>
  sql`t.id, t.code, t.name, t.type, t.status, t.settings, ${
    quotaColumn(sql)
  } as quota, t.created_at, t.updated_at`;

/** True of a tenant, joined as `t`, that is not suspended. */
export const tenantIsOpen = (sql: Sql) => sql`t.status <> 'suspended'`;

export function findByCode(sql: Sql, code: string) {
  return sql<Tenant[]>`select ${columns(sql)} from tenants t where t.code = ${code}`;
}

export function findOpen(sql: Sql, code: string) {
  return sql`select 1 from tenants t where t.code = ${code} and ${tenantIsOpen(sql)}`;
}

export function findById(sql: Sql, id: string) {
  return sql<Tenant[]>`select ${columns(sql)} from tenants t where t.id = ${id}`;
}

/** Not `for update`, which would block every insert that references the tenant. */
export function lockTenant(sql: Sql, id: string) {
  return sql<Tenant[]>`select ${columns(sql)} from tenants t where t.id = ${id} for no key update`;
}

export function listTenants(sql: Sql, limit: number) {
  return sql<Tenant[]>`
    select ${columns(sql)} from tenants t order by lower(t.name), t.id limit ${limit}`;
}

/** One row more than the page holds, newest first. */
export function pageTenants(sql: Sql, page: PageInput) {
  return sql<Tenant[]>`
    select ${columns(sql)} from tenants t where ${followsCursor(sql, "t", page)}
    order by t.created_at desc, t.id desc ${pageSlice(sql, page)}`;
}

export function countTenants(sql: Sql) {
  return sql<{ count: number }[]>`
    select count(*) from (select 1 from tenants limit ${COUNT_LIMIT + 1}) counted`;
}

export function findSettings(sql: Sql, id: string) {
  return sql<Pick<Tenant, "settings">[]>`select settings from tenants where id = ${id}`;
}

/** The count is 0 when the code is taken. */
export function insertTenant(sql: Sql, id: string, tenant: NewTenant) {
  return sql`
    insert into tenants ${
    sql({
      id,
      code: tenant.code,
      name: tenant.name,
      type: tenant.type,
      settings: sql.json(tenant.settings as never),
      ...quotaColumns(tenant.quota),
    } as never)
  }
    on conflict on constraint tenants_code_key do nothing`;
}

export function updateTenant(sql: Sql, id: string, { settings, quota, ...patch }: TenantPatch) {
  const changed = {
    ...patch,
    ...quotaColumns(quota),
    ...(settings && { settings: sql.json(settings as never) }),
  };
  return sql`
    update tenants set ${sql(changed as Record<string, string>)}, updated_at = now() where id = ${id}`;
}

function quotaColumns(quota: Partial<Quota> = {}): Record<string, number | null> {
  return Object.fromEntries(Object.entries(quota).map(([name, limit]) => [`quota_${name}`, limit]));
}
