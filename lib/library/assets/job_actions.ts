// What people do about the jobs of assets. Jobs know nothing of assets, so both statuses change here, together.
import { type Ctx, sightOf } from "../../access/context.ts";
import { record } from "../../audit/audit.ts";
import { findReason } from "../../platform/errors.ts";
import { getJobGroup } from "../../work/jobs/groups.ts";
import { cancelJob, type Job, retryJob } from "../../work/jobs/jobs.ts";
import { runNow } from "../../work/jobs/run_now.ts";
import { jobError, type ProcessPendingInput } from "../../work/jobs/schema.ts";
import { announce } from "../../work/live/live.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { Sql } from "../../platform/db/database.ts";
import { assetError } from "./reasons.ts";
import { requireEdit } from "./access.ts";
import { assetEvent } from "./events.ts";
import * as queries from "./queries.ts";
import { reopenAsset, settleAsset } from "./work.ts";

/** Restarts a failed or cancelled job; its asset is processing again. Throws `not_found` or `conflict`. */
export async function retryWork(ctx: Ctx, jobId: string): Promise<Job> {
  requirePermission(ctx, "jobs.change");
  const job = await retryJob(ctx, jobId, async (sql, { id, asset_id, job_type }) => {
    if (asset_id) await reopenEditable(ctx, sql, asset_id);
    await record(sql, ctx, { action: "job.retry", target: { id, name: job_type }, after: { asset_id } });
  });
  await announceAsset(ctx, job);
  return job;
}

/** Cancels a pending or running job. Throws `not_found` or `conflict`. */
export async function cancelWork(ctx: Ctx, jobId: string): Promise<Job> {
  requirePermission(ctx, "jobs.change");
  const job = await cancelJob(ctx, jobId, async (sql, { id, asset_id, job_type }) => {
    if (asset_id) {
      await lockEditable(ctx, sql, asset_id);
      await settleAsset(sql, asset_id);
    }
    await record(sql, ctx, { action: "job.cancel", target: { id, name: job_type }, after: { asset_id } });
  });
  await announceAsset(ctx, job);
  return job;
}

/**
 * Cancels all jobs that wait or run on the asset of a job. Those that end meanwhile stay as they ended. Throws
 * `not_found`, or `conflict` when none was open.
 */
export async function cancelAllWork(ctx: Ctx, jobId: string): Promise<void> {
  requirePermission(ctx, "jobs.change");
  const { jobs } = await getJobGroup(ctx, jobId);
  const open = jobs.filter(({ status }) => status === "pending" || status === "processing");
  if (open.length === 0) throw jobError("not_cancellable", { status: jobs.at(-1)!.status });
  for (const { id } of open) {
    // Cancelling a job also cancels those that wait for it.
    await cancelWork(ctx, id).catch((error) => {
      if (findReason(error, jobError) !== "not_cancellable") throw error;
    });
  }
}

/** Makes waiting jobs due at once; see `runNow` of jobs. Throws `forbidden`. */
export function runPendingNow(ctx: Ctx, input: ProcessPendingInput) {
  requirePermission(ctx, "jobs.run_now");
  const { tenantId, tenantCode } = ctx.actor;
  const target = { id: tenantId, name: tenantCode };
  return runNow(
    ctx,
    input,
    (sql, jobs) => record(sql, ctx, { action: "job.run_now", target, after: { jobs } }),
  );
}

/** Sets the asset back to processing. Throws `conflict` for one in the trash. */
async function reopenEditable(ctx: Ctx, sql: Sql, assetId: string): Promise<void> {
  const asset = await lockEditable(ctx, sql, assetId);
  if (asset.deleted_at) throw assetError("in_trash");
  await reopenAsset(sql, assetId);
}

async function lockEditable(ctx: Ctx, sql: Sql, assetId: string): Promise<queries.LockedAsset> {
  const [asset] = await queries.lockAsset(sql, sightOf(ctx.actor), assetId);
  if (!asset) throw jobError("not_found");
  requireEdit(ctx, asset);
  return asset;
}

async function announceAsset(ctx: Ctx, job: Job): Promise<void> {
  if (!job.asset_id) return;
  await announce(ctx, ctx.actor.tenantId, assetEvent, {
    id: job.asset_id,
    change: "updated",
    status: "processing",
  });
}
