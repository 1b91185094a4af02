import type { Sight } from "../../access/context.ts";
import { assetOpenTo } from "../../access/grants/grants.ts";
import type { Sql } from "../../platform/db/database.ts";
import type { Job, JobStatus } from "./schema.ts";

interface Filter {
  status?: string;
  job_type?: string;
  asset_id?: string;
}

/** The columns of a job `j` on the asset `a`. */
export function jobColumns(sql: Sql) {
  return sql`
    j.id, j.asset_id, a.title as asset_title, j.job_type, j.status, j.progress, j.attempts, j.max_attempts,
    j.error_code, j.error_message, j.run_after, j.started_at, j.finished_at, j.created_at`;
}

/** Jobs on assets that this viewer may see, and jobs without an asset. */
export function isOpenTo(sql: Sql, sight: Sight) {
  if (sight === null) return sql`true`;
  return sql`
    (j.asset_id is null
     or exists (select from asset_labels s where s.id = j.asset_id and ${
    assetOpenTo(sql, sight, "view", "s")
  }))`;
}

function matches(sql: Sql, sight: Sight, { status, job_type, asset_id }: Filter) {
  return sql`
    ${isOpenTo(sql, sight)} ${status ? sql`and j.status = ${status}` : sql``}
    ${job_type ? sql`and j.job_type = ${job_type}` : sql``}
    ${asset_id ? sql`and j.asset_id = ${asset_id}` : sql``}`;
}

export function listJobs(sql: Sql, sight: Sight, filter: Filter, limit: number) {
  return sql<Job[]>`
    select ${jobColumns(sql)} from jobs j left join asset_labels a on a.id = j.asset_id
    where ${matches(sql, sight, filter)} order by j.created_at desc, j.id desc limit ${limit}`;
}

export function findJobs(sql: Sql, sight: Sight, ids: string[]) {
  return sql<Job[]>`
    select ${jobColumns(sql)} from jobs j left join asset_labels a on a.id = j.asset_id
    where j.id = any(${ids}::uuid[]) and ${isOpenTo(sql, sight)} order by j.created_at, j.id`;
}

/** Failed jobs of assets in the trash do not count. */
export function countOpen(sql: Sql, sight: Sight) {
  return sql<{ pending: number; processing: number; failed: number }[]>`
    select count(*) filter (where j.status = 'pending') as pending,
           count(*) filter (where j.status = 'processing') as processing,
           count(*) filter (where j.status = 'failed' and a.deleted_at is null) as failed
    from jobs j left join asset_labels a on a.id = j.asset_id
    where j.status in ('pending', 'processing', 'failed') and ${isOpenTo(sql, sight)}`;
}

export interface NewJob {
  id: string;
  tenant_id: string;
  asset_id: string | null;
  job_type: string;
  payload: unknown;
  waits_for: string | null;
  max_attempts: number;
  priority: number;
  is_long: boolean;
  request_id: string | null;
  trace_parent: string | null;
  created_by: string | null;
}

export function insertJobs(sql: Sql, jobs: NewJob[]) {
  const rows = jobs.map((job) => ({ ...job, payload: sql.json(job.payload as never) }));
  return sql`insert into jobs ${sql(rows)}`;
}

/** Locks a job, its prerequisite and its dependents, in the order of their ids so that two callers do not deadlock. */
export function lockFamily(sql: Sql, sight: Sight, id: string) {
  return sql<
    {
      id: string;
      asset_id: string | null;
      job_type: string;
      status: JobStatus;
      waits_for: string | null;
      error_code: string | null;
    }[]
  >`
    select j.id, j.asset_id, j.job_type, j.status, j.waits_for, j.error_code from jobs j
    where (j.id = ${id} or j.waits_for = ${id} or j.id = (select waits_for from jobs where id = ${id}))
      and ${isOpenTo(sql, sight)}
    order by j.id for update of j`;
}

/** Resets jobs as if they had never run. A job whose prerequisite is completed does not wait for it again. */
export function resetJobs(sql: Sql, ids: string[]) {
  return sql`
    update jobs j
    set status = 'pending', progress = 0, attempts = 0, losses = 0, run_after = now(), published_at = null, run_id = null,
        lease_expires_at = null, worker = null, started_at = null, finished_at = null, error_code = null,
        error_message = null, result = null, updated_at = now(),
        waits_for = (select p.id from jobs p where p.id = j.waits_for and p.status <> 'completed')
    where id = any(${ids}::uuid[])`;
}

export function cancelJobs(sql: Sql, ids: string[], reason: { code: string | null; message: string }) {
  return sql`
    update jobs
    set status = 'cancelled', run_id = null, lease_expires_at = null, finished_at = now(), updated_at = now(),
        error_code = ${reason.code}, error_message = ${reason.message}
    where id = any(${ids}::uuid[]) and status in ('pending', 'processing')`;
}

/** Makes up to `limit` pending jobs due now, including those that back off after a failure. */
export function makeDue(sql: Sql, sight: Sight, limit: number) {
  return sql<{ id: string }[]>`
    update jobs set run_after = now(), published_at = null, updated_at = now()
    where id in (
      select j.id from jobs j where j.status = 'pending' and j.waits_for is null and ${isOpenTo(sql, sight)}
      order by j.priority desc, j.run_after limit ${limit} for update of j skip locked)
    returning id`;
}
