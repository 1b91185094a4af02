// SQL for workers and relays (runs.ts).
import type { Sql } from "../../platform/db/database.ts";
import type { JobMessage } from "../../platform/queue/queue.ts";
import type { Run } from "./schema.ts";

/** How many jobs the tenant may run at once; no row without a quota. */
export function findJobQuota(sql: Sql, tenantId: string) {
  return sql<{ jobs: number }[]>`
    select quota_jobs as jobs from tenants where id = ${tenantId} and quota_jobs is not null`;
}

export function lockJobQuota(sql: Sql, tenantId: string) {
  return sql`select pg_advisory_xact_lock(hashtextextended(${`jobs:${tenantId}`}, 0))`;
}

export function countRunning(sql: Sql, tenantId: string) {
  return sql<{ count: number }[]>`
    select count(*) from jobs where tenant_id = ${tenantId} and status = 'processing'`;
}

/** Claims a job. Of all workers that hold a message about it, one gets a row. */
export function claimJob(
  sql: Sql,
  message: JobMessage,
  run: { runId: string; worker: string; kinds: readonly string[]; leaseSeconds: number },
) {
  return sql<Omit<Run, "leaseSeconds">[]>`
    update jobs j
    set status = 'processing', run_id = ${run.runId}, worker = ${run.worker}, attempts = attempts + 1, progress = 0,
        lease_expires_at = clock_timestamp() + ${run.leaseSeconds} * interval '1 second',
        started_at = now(), error_code = null, error_message = null, updated_at = now()
    where id = ${message.jobId} and status = 'pending' and waits_for is null and run_after <= now()
      and job_type = any(${run.kinds as string[]})
    returning id, run_id as "runId", tenant_id as "tenantId", asset_id as "assetId", job_type as kind, payload, attempts,
              max_attempts as "maxAttempts", is_long as "isLong", request_id as "requestId", trace_parent as "traceParent",
              extract(epoch from clock_timestamp() - run_after)::float8 as "waitedSeconds",
              (select code from tenants t where t.id = j.tenant_id) as "tenantCode"`;
}

export function renewLease(sql: Sql, run: Run, progress: number) {
  return sql<{ id: string }[]>`
    update jobs
    set lease_expires_at = clock_timestamp() + ${run.leaseSeconds} * interval '1 second', progress = ${progress},
        updated_at = now()
    where id = ${run.id} and run_id = ${run.runId} and status = 'processing' and lease_expires_at > clock_timestamp()
    returning id`;
}

export function completeRun(sql: Sql, run: Run, result: unknown) {
  return sql<{ id: string }[]>`
    update jobs
    set status = 'completed', progress = 100, result = ${
    sql.json((result ?? null) as null)
  }, lease_expires_at = null,
        finished_at = now(), updated_at = now()
    where id = ${run.id} and run_id = ${run.runId} and status = 'processing' and lease_expires_at > clock_timestamp()
    returning id`;
}

export function releaseDependents(sql: Sql, id: string) {
  return sql<{ id: string }[]>`
    update jobs set waits_for = null, run_after = now(), updated_at = now()
    where waits_for = ${id} and status = 'pending' returning id`;
}

/** Locks the job if the run still holds its lease. */
export function lockRun(sql: Sql, run: Run) {
  return sql<{ id: string }[]>`
    select id from jobs
    where id = ${run.id} and run_id = ${run.runId} and status = 'processing' and lease_expires_at > clock_timestamp()
    for update`;
}

interface Failure {
  code: string;
  message: string;
}

export function postponeJob(sql: Sql, id: string, delayMs: number, { code, message }: Failure) {
  return sql`
    update jobs
    set status = 'pending', run_after = now() + ${delayMs} * interval '1 millisecond', published_at = null,
        run_id = null, lease_expires_at = null, worker = null, progress = 0, error_code = ${code},
        losses = losses + ${code === "worker_lost" ? 1 : 0}, error_message = ${message}, updated_at = now()
    where id = ${id}`;
}

export function failJob(sql: Sql, id: string, { code, message }: Failure) {
  return sql`
    update jobs
    set status = 'failed', lease_expires_at = null, finished_at = now(), error_code = ${code}, error_message = ${message},
        updated_at = now()
    where id = ${id}`;
}

export function listDependents(sql: Sql, id: string) {
  return sql<{ id: string }[]>`select id from jobs where waits_for = ${id} and status = 'pending' for update`;
}

/** Undoes a claim: the attempt does not count. */
export function releaseRun(sql: Sql, run: Run, isLong: boolean) {
  return sql<{ id: string }[]>`
    update jobs
    set status = 'pending', attempts = greatest(attempts - 1, 0), run_after = now(), published_at = null, run_id = null,
        lease_expires_at = null, worker = null, progress = 0, started_at = null, is_long = ${isLong},
        updated_at = now()
    where id = ${run.id} and run_id = ${run.runId} and status = 'processing'
    returning id`;
}

/** How many jobs of a kind, long or short, can usefully be published. */
export interface Room {
  kind: string;
  room: number;
  isLong?: boolean;
}

/**
 * Messages of one kind and length that are under way at most. Messages only wake slots, so that a backlog needs no more
 * of them.
 */
const MOST_PUBLISHED = 100;

export type DueJob = JobMessage & { isLong: boolean };

/**
 * Marks due jobs as published, at most `room` of each kind and length, and skips those that another relay has locked. A published
 * job that is not claimed is taken again, first after `retrySeconds` and then at intervals that double, so that a long
 * backlog does not fill the broker with copies of its messages. Of a tenant with a quota it takes no more jobs than may
 * run now, so that waiting ones do not block the queue for other tenants.
 */
export function takeDue(sql: Sql, rooms: Room[], retrySeconds: number) {
  const kinds = rooms.map((each) => each.kind);
  const sizes = rooms.map((each) => each.room);
  const lengths = rooms.map((each) => String(each.isLong ?? false));
  return sql<DueJob[]>`
    with limited as (
      select t.id, t.quota_jobs - (select count(*) from jobs where tenant_id = t.id and status = 'processing') as room
      from tenants t where t.quota_jobs is not null),
    fitting as (
      select next.id from limited cross join lateral (
        select id from jobs
        where tenant_id = limited.id and status = 'pending' and waits_for is null and run_after <= now()
          and job_type = any(${kinds}::text[])
        order by priority desc, run_after limit greatest(limited.room, 0)) next)
    update jobs set published_at = now()
    where id = any(array(
      select due.id
      from unnest(${kinds}::text[], ${sizes}::int[], ${lengths}::text[]::boolean[]) wanted (kind, room, is_long)
      cross join lateral (
        select id from jobs
        where status = 'pending' and waits_for is null and job_type = wanted.kind and is_long = wanted.is_long
          and run_after <= now()
          and (published_at is null
            or published_at < now() - greatest(${retrySeconds} * interval '1 second', published_at - run_after))
          and (tenant_id not in (select id from limited) or id in (select id from fitting))
        order by priority desc, run_after
        limit least(wanted.room, ${MOST_PUBLISHED} - (
          select count(*) from (
            select from jobs where status = 'pending' and waits_for is null and job_type = wanted.kind
              and is_long = wanted.is_long and published_at > now() - ${retrySeconds} * interval '1 second'
            limit ${MOST_PUBLISHED}) recent))
        for update skip locked) due))
    returning id as "jobId", tenant_id as "tenantId", job_type as kind, is_long as "isLong"`;
}

export function giveBack(sql: Sql, ids: string[]) {
  return sql`update jobs set published_at = null where id = any(${ids}::uuid[]) and status = 'pending'`;
}

export interface LostJob {
  id: string;
  runId: string;
  tenantId: string;
  assetId: string | null;
  kind: string;
  worker: string;
  exhausted: boolean;
}

export function listLost(sql: Sql, limit: number) {
  return sql<LostJob[]>`
    select id, run_id as "runId", tenant_id as "tenantId", asset_id as "assetId", job_type as kind, worker,
           losses + 1 >= max_attempts as exhausted
    from jobs where status = 'processing' and lease_expires_at < clock_timestamp()
    order by lease_expires_at limit ${limit}`;
}

/** As `lockRun`, for a run whose lease has expired. */
export function lockLost(sql: Sql, { id, runId }: LostJob) {
  return sql<{ id: string }[]>`
    select id from jobs
    where id = ${id} and run_id = ${runId} and status = 'processing' and lease_expires_at < clock_timestamp()
    for update skip locked`;
}
