// SQL that decides whose job is next (turns.ts).
import type { Sql } from "../../platform/db/database.ts";

/** Which jobs a free slot takes. */
export interface SlotFilter {
  /** The kinds that the worker can run. */
  kinds: readonly string[];
  isLong: boolean;
}

/** A job that may be claimed now. */
export interface NextJob {
  jobId: string;
  tenantId: string;
  kind: string;
  /** How many jobs of its tenant run already. */
  running: number;
  /** Whether a message about it is on its way. */
  isPublished: boolean;
}

/**
 * Due jobs in the order in which they should run: first the first job of each tenant, of tenants those with the fewest
 * running jobs, then those whose last turn is longest ago; tenants at their quota are left out. Within a tenant by
 * priority, then by the time they were due. Reads one index entry for each tenant with work, however many jobs wait.
 */
export function listNext(sql: Sql, { kinds, isLong }: SlotFilter, limits: { tenants: number; each: number }) {
  const due = sql`status = 'pending' and waits_for is null and is_long = ${isLong}`;
  const mine = sql`${due} and run_after <= now() and job_type = any(${kinds as string[]})`;
  return sql<NextJob[]>`
    with recursive working (tenant_id) as (
      (select tenant_id from jobs where ${due} order by is_long, tenant_id limit 1)
      union all
      select (select j.tenant_id from jobs j where ${due} and (j.is_long, j.tenant_id) > (${isLong}, w.tenant_id)
              order by j.is_long, j.tenant_id limit 1)
      from working w where w.tenant_id is not null),
    running as (select tenant_id, count(*) as jobs from jobs where status = 'processing' group by tenant_id),
    turns as (
      select w.tenant_id, coalesce(r.jobs, 0) as running,
             row_number() over (order by coalesce(r.jobs, 0), t.taken_at nulls first) as turn
      from working w
      join tenants on tenants.id = w.tenant_id
      left join running r on r.tenant_id = w.tenant_id
      left join job_turns t on t.tenant_id = w.tenant_id
      where (quota_jobs is null or quota_jobs > coalesce(r.jobs, 0))
        and exists (select from jobs j where j.tenant_id = w.tenant_id and ${mine})
      order by turn limit ${limits.tenants})
    select next.id as "jobId", turns.tenant_id as "tenantId", next.job_type as kind,
           turns.running, next.published_at is not null as "isPublished"
    from turns cross join lateral (
      select id, job_type, published_at, row_number() over (order by priority desc, run_after) as nth
      from jobs j where j.tenant_id = turns.tenant_id and ${mine}
      order by priority desc, run_after limit ${limits.each}) next
    order by next.nth, turns.turn`;
}

export function takeTurn(sql: Sql, tenantId: string) {
  return sql`
    insert into job_turns (tenant_id, taken_at) values (${tenantId}, clock_timestamp())
    on conflict (tenant_id) do update set taken_at = excluded.taken_at`;
}
