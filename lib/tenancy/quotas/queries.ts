import type { Sql } from "../../platform/db/database.ts";
import type { Quota } from "./schema.ts";

/** The quota of a tenant, joined as `t`, as the API shows it. */
export const quotaColumn = (sql: Sql) =>
  sql`json_build_object('bytes', t.quota_bytes, 'assets', t.quota_assets, 'users', t.quota_users, 'jobs', t.quota_jobs)`;

export function findQuota(sql: Sql, tenantId: string) {
  return sql<{ quota: Quota }[]>`select ${quotaColumn(sql)} as quota from tenants t where id = ${tenantId}`;
}

/** Serializes additions to a tenant's usage; the lock ends with the transaction. */
export function lockQuota(sql: Sql, tenantId: string, measure: string) {
  return sql`select pg_advisory_xact_lock(hashtextextended(${`quota:${measure}:${tenantId}`}, 0))`;
}

export interface AmountRow {
  measure: "assets" | "bytes" | "users";
  /** Type of asset or purpose of file. */
  label: string;
  value: number;
}

export function listAmounts(sql: Sql, tenantId: string) {
  return sql<AmountRow[]>`
    select measure, label, sum(amount)::bigint as value from usage_entries where tenant_id = ${tenantId}
    group by measure, label having sum(amount) <> 0 order by measure, label`;
}

export interface PromisedRow {
  uploads: number;
  bytes: number;
}

/** Unfinished uploads whose asset does not exist yet: their number, and their bytes in total. */
export function sumUploads(sql: Sql, tenantId: string) {
  return sql<PromisedRow[]>`
    select count(*) as uploads, coalesce(sum(total_bytes), 0)::bigint as bytes from uploads u
    where tenant_id = ${tenantId} and finished_at is null and expires_at > now()
      and not exists (select from asset_labels a where a.id = u.asset_id)`;
}
