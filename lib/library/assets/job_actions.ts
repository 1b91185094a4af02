// What people do about the work on assets. The jobs themselves know nothing of assets, so their states meet here.
import { type Ctx, sightOf } from "../../access/context.ts";
import { cancelJob, type Job, retryJob, runNow } from "../../work/jobs/jobs.ts";
import { jobError, type ProcessPendingInput } from "../../work/jobs/schema.ts";
import { announce } from "../../work/live/live.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { Sql } from "../../platform/db/database.ts";
import { assetError } from "./reasons.ts";
import { requireEdit } from "./access.ts";
import { assetEvent } from "./events.ts";
import * as queries from "./queries.ts";
import { reopenAsset, settleAsset } from "./work.ts";

/** Starts a failed or cancelled job anew; its asset is in work again. Throws `not_found` or `conflict`. */
export async function retryWork(ctx: Ctx, jobId: string): Promise<Job> {
  requirePermission(ctx, "jobs.change");
  const job = await retryJob(ctx, jobId, (sql, assetId) => reopenKept(ctx, sql, assetId));
  await announceAsset(ctx, job);
  return job;
}

/** Stops a job that waits or runs. Throws `not_found` or `conflict`. */
export async function cancelWork(ctx: Ctx, jobId: string): Promise<Job> {
  requirePermission(ctx, "jobs.change");
  const job = await cancelJob(ctx, jobId, async (sql, assetId) => {
    await lockEditable(ctx, sql, assetId);
    await settleAsset(sql, assetId);
  });
  await announceAsset(ctx, job);
  return job;
}

/** Makes waiting jobs due at once; see `runNow` of jobs. Throws `forbidden`. */
export function runPendingNow(ctx: Ctx, input: ProcessPendingInput) {
  requirePermission(ctx, "jobs.run_now");
  return runNow(ctx, input);
}

/** What is in the trash is not worked on: restore it first. */
async function reopenKept(ctx: Ctx, sql: Sql, assetId: string): Promise<void> {
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
