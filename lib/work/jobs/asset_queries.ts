// SQL about the jobs of one asset (asset_jobs.ts).
import type { Sql } from "../../platform/db/database.ts";

/** The average progress in percent of the open jobs of the asset whose id is in `column`, null without any. */
export function openProgress(sql: Sql, column: string) {
  return sql`
    (select round(avg(j.progress))::int from jobs j
     where j.asset_id = ${sql(column)} and j.status in ('pending', 'processing'))`;
}

export function lockAssetJobs(sql: Sql, assetId: string) {
  return sql`select id from jobs where asset_id = ${assetId} order by id for update`;
}

export interface AssetJobs {
  open: number;
  /** Whether an essential job failed, and why. */
  failed: boolean;
  error_code: string | null;
  error_message: string | null;
}

export function summarizeAssetJobs(sql: Sql, assetId: string, essential: string[]) {
  const failed = sql`status = 'failed' and job_type = any(${essential})`;
  return sql<AssetJobs[]>`
    select count(*) filter (where status in ('pending', 'processing')) as open,
           coalesce(bool_or(${failed}), false) as failed,
           min(error_code) filter (where ${failed}) as error_code,
           min(error_message) filter (where ${failed}) as error_message
    from jobs where asset_id = ${assetId}`;
}

export function markShort(sql: Sql, assetId: string, kind: string) {
  return sql`
    update jobs set is_long = false where asset_id = ${assetId} and job_type = ${kind} and status = 'pending'`;
}
