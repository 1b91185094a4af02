import type { Sql } from "../platform/db.ts";

export interface TenantRow {
  id: string;
  code: string;
  name: string;
  type: string;
  status: string;
}

export function findByCode(sql: Sql, code: string) {
  return sql<TenantRow[]>`select id, code, name, type, status from tenants where code = ${code}`;
}

export function insertTenant(sql: Sql, tenant: { id: string; code: string; name: string }) {
  return sql`
    insert into tenants (id, code, name) values (${tenant.id}, ${tenant.code}, ${tenant.name})
    on conflict on constraint tenants_code_key do nothing`;
}
