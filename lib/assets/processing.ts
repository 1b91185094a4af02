// What people do about the work on assets. The jobs themselves know nothing of assets, so their states meet here.
import type { Ctx } from "../context.ts";
import { cancelJob, type Job, processPending, retryJob } from "../jobs/jobs.ts";
import type { ProcessPendingInput } from "../jobs/schema.ts";
import { announce } from "../live/live.ts";
import { requirePermission } from "../users/permissions.ts";
import { reopenAsset, settleAsset } from "./work.ts";

/** Starts a failed or cancelled job anew; its asset is in work again. Throws `not_found` or `conflict`. */
export async function retryWork(ctx: Ctx, jobId: string): Promise<Job> {
  requirePermission(ctx, "jobs.change");
  const job = await retryJob(ctx, jobId, reopenAsset);
  await announceAsset(ctx, job);
  return job;
}

/** Stops a job that waits or runs. Throws `not_found` or `conflict`. */
export async function cancelWork(ctx: Ctx, jobId: string): Promise<Job> {
  requirePermission(ctx, "jobs.change");
  const job = await cancelJob(ctx, jobId, settleAsset);
  await announceAsset(ctx, job);
  return job;
}

/** Makes waiting jobs due at once, as `processPending` of jobs does. */
export function processPendingWork(ctx: Ctx, input: ProcessPendingInput) {
  requirePermission(ctx, "jobs.hurry");
  return processPending(ctx, input);
}

async function announceAsset(ctx: Ctx, job: Job): Promise<void> {
  if (!job.asset_id) return;
  await announce(ctx, ctx.actor.tenantId, {
    type: "asset",
    id: job.asset_id,
    change: "updated",
    status: "processing",
  });
}
