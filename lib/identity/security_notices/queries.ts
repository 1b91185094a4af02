import type { Language } from "../../platform/languages.ts";
import type { Sql } from "../../platform/db/database.ts";

/** The mailbox of an account. */
export interface Recipient {
  email: string;
  language: Language | null;
  tenant_name: string;
}

const select = (sql: Sql) =>
  sql`select u.email, u.language, t.name as tenant_name from users u join tenants t on t.id = u.tenant_id`;

export function findOwner(sql: Sql, userId: string) {
  return sql<Recipient[]>`${select(sql)} where u.id = ${userId}`;
}

/** The active administrators of a tenant, the longest there first. */
export function listAdministrators(sql: Sql, tenantId: string, limit: number) {
  return sql<Recipient[]>`
    ${select(sql)} where u.tenant_id = ${tenantId} and u.role = 'admin' and u.is_active
    order by u.created_at, u.id limit ${limit}`;
}
