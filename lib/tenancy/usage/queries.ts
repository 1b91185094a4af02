import type { Sql } from "../../platform/db/database.ts";
import type { AmountRow } from "../quotas/quotas.ts";

/** Replaces the entries of up to `limit` measures by one sum each. */
export function foldEntries(sql: Sql, limit: number) {
  return sql`
    with crowded as (
      select tenant_id, measure, label from usage_entries group by 1, 2, 3 having count(*) > 1 limit ${limit}),
    taken as (
      delete from usage_entries e using crowded c
      where e.tenant_id = c.tenant_id and e.measure = c.measure and e.label = c.label
      returning e.tenant_id, e.measure, e.label, e.amount)
    insert into usage_entries (tenant_id, measure, label, amount)
    select tenant_id, measure, label, sum(amount) from taken group by 1, 2, 3 having sum(amount) <> 0`;
}

export interface UsageRow extends AmountRow {
  /** A tenant's code, or `(other)`. */
  tenant: string;
}

/** The `most` tenants that use most bytes, and the sums of all others. */
export function listUsage(sql: Sql, most: number) {
  return sql<UsageRow[]>`
    with ranked as (
      select t.id, t.code, row_number() over (
        order by coalesce(sum(e.amount) filter (where e.measure = 'bytes'), 0) desc, t.code) as rank
      from tenants t left join usage_entries e on e.tenant_id = t.id group by t.id)
    select case when rank <= ${most} then r.code else '(other)' end as tenant, e.measure, e.label,
           sum(e.amount)::float8 as value
    from ranked r join usage_entries e on e.tenant_id = r.id group by 1, 2, 3`;
}
