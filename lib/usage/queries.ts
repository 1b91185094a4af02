import type { Sql } from "../platform/db.ts";

/** Takes up to `limit` tenants that were not counted within `everySeconds`; what another worker takes is left to it. */
export function takeDue(sql: Sql, everySeconds: number, limit: number) {
  return sql<{ tenantId: string }[]>`
    insert into tenant_usage (tenant_id, counted_at)
    select t.id, now() from tenants t left join tenant_usage u on u.tenant_id = t.id
    where u.tenant_id is null or u.counted_at < now() - make_interval(secs => ${everySeconds})
    order by u.counted_at nulls first limit ${limit}
    on conflict (tenant_id) do update set counted_at = now()
      where tenant_usage.counted_at < now() - make_interval(secs => ${everySeconds})
    returning tenant_id as "tenantId"`;
}

/** A proxy that is the original itself lies in the bucket of originals and is counted there. */
export function countTenant(sql: Sql, tenantId: string, originals: string) {
  return sql`
    update tenant_usage set
      assets = (
        select coalesce(jsonb_object_agg(asset_type, count), '{}') from (
          select asset_type, count(*) from assets where tenant_id = ${tenantId} and deleted_at is null group by 1) a),
      bytes = (
        select coalesce(jsonb_object_agg(purpose, sum), '{}') from (
          select purpose, sum(file_size_bytes) from storage_locations
          where tenant_id = ${tenantId} and (purpose = 'original' or bucket <> ${originals}) group by 1) l),
      users = (select count(*) from users where tenant_id = ${tenantId} and is_active)
    where tenant_id = ${tenantId}`;
}

export interface UsageRow {
  /** A tenant's code, or `(other)`. */
  tenant: string;
  measure: "assets" | "bytes" | "users";
  /** Type of asset or purpose of file. */
  label: string;
  value: number;
}

/** Counts of the `most` tenants that take most room, and the sums of all others. */
export function listUsage(sql: Sql, most: number) {
  return sql<UsageRow[]>`
    with ranked as (
      select t.code, u.assets, u.bytes, u.users,
             row_number() over (
               order by (select coalesce(sum(value::numeric), 0) from jsonb_each_text(u.bytes)) desc, t.code) as rank
      from tenant_usage u join tenants t on t.id = u.tenant_id)
    select case when rank <= ${most} then code else '(other)' end as tenant, measure, label, sum(value)::float8 as value
    from ranked cross join lateral (
      select 'assets' as measure, key as label, value::numeric from jsonb_each_text(assets)
      union all select 'bytes', key, value::numeric from jsonb_each_text(bytes)
      union all select 'users', '', users) counted
    group by 1, 2, 3`;
}
