// Jobs: background work on media. Verbs for requests; those for workers are in runs.ts, those for the noun that keeps
// assets in asset_jobs.ts.
import { type Ctx, readOnly, sightOf, transaction } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { announce } from "../live/live.ts";
import type { Sql } from "../../platform/db/database.ts";
import { found } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { traceParent } from "../../platform/observe/trace.ts";
import { jobEvent } from "./events.ts";
import type { JobOrder } from "./kinds.ts";
import * as queries from "./queries.ts";
import { type Job, jobError, type JobFilter } from "./schema.ts";

export type { Job } from "./schema.ts";

/** Channel on which relays are told of new jobs, so that they need not wait for the next poll. */
export const JOBS_CHANNEL = "jobs";

interface NewJobs {
  tenantId: string;
  assetId: string | null;
  orders: readonly JobOrder[];
  requestId: string | null;
  createdBy: string | null;
}

/**
 * Adds jobs in the caller's transaction. A kind with a prerequisite waits for the job of that kind when it is among
 * them. Call `nudge` after the commit.
 */
export async function enqueueJobs(sql: Sql, { orders, ...common }: NewJobs): Promise<Job[]> {
  if (orders.length === 0) return [];
  // Prerequisites first: ids sort by creation, and jobs are locked in the order of their ids.
  const sorted = orders.toSorted((a, b) =>
    Number(Boolean(a.kind.waitsFor)) - Number(Boolean(b.kind.waitsFor))
  );
  const jobs = sorted.map((order) => ({ id: newId(), ...order }));
  const rows = jobs.map(({ id, kind, payload, priority }): queries.NewJob => ({
    id,
    tenant_id: common.tenantId,
    asset_id: common.assetId,
    job_type: kind.name,
    payload: kind.payload.parse(payload),
    waits_for: jobs.find((other) => other.kind === kind.waitsFor)?.id ?? null,
    max_attempts: kind.attempts,
    priority: priority ?? kind.priority,
    is_long: kind.mayBeLong,
    request_id: common.requestId,
    trace_parent: traceParent(),
    created_by: common.createdBy,
  }));
  await queries.insertJobs(sql, rows);
  return [...await queries.findJobs(sql, null, jobs.map((job) => job.id))];
}

/** Tells the relays of all workers that jobs are due. Never throws, because relays also poll. */
export async function nudge({ cache, log }: Pick<Platform, "cache" | "log">): Promise<void> {
  try {
    await cache.publish(JOBS_CHANNEL, {});
  } catch (error) {
    log.warn("relay_wakeup_lost", { error });
  }
}

/** The newest jobs, at most `limit`, without those on assets that the actor may not see. */
export async function listJobs(ctx: Ctx, { limit, ...filter }: JobFilter): Promise<Job[]> {
  return [...await transaction(ctx, (sql) => queries.listJobs(sql, sightOf(ctx.actor), filter, limit))];
}

/** One job. Throws `not_found`. */
export function getJob(ctx: Ctx, id: string): Promise<Job> {
  return transaction(ctx, (sql) => readJob(ctx, sql, id));
}

/** Several jobs, without those that the actor may not see. */
export async function readJobs(ctx: Ctx, ids: string[]): Promise<Job[]> {
  return [...await transaction(ctx, (sql) => queries.findJobs(sql, sightOf(ctx.actor), ids))];
}

/** Counts the jobs that wait, run and failed, as far as the actor may see them. */
export async function countJobs(ctx: Ctx): Promise<{ pending: number; processing: number; failed: number }> {
  const [counts] = await readOnly(ctx, (sql) => queries.countOpen(sql, sightOf(ctx.actor)));
  return counts!;
}

/** What a caller does last in the transaction that changes a job, for example to the status of its asset. */
type AlsoInTransaction = (sql: Sql, job: Pick<Job, "id" | "asset_id" | "job_type">) => Promise<unknown>;

/**
 * Restarts a failed or cancelled job, its prerequisite if that ended the same way, and the jobs that were cancelled
 * because of it. Throws `not_found`, or `conflict` for a job in any other status.
 */
export async function retryJob(ctx: Ctx, id: string, also?: AlsoInTransaction): Promise<Job> {
  const job = await transaction(ctx, async (sql) => {
    const family = await queries.lockFamily(sql, sightOf(ctx.actor), id);
    const job = family.find((each) => each.id === id);
    if (!job) throw jobError("not_found");
    if (!hasEnded(job.status)) throw jobError("not_retryable", { status: job.status });
    const ids = family.filter((each) => each.id === id || belongsToRetry(each, job)).map((each) => each.id);
    await queries.resetJobs(sql, ids);
    await also?.(sql, job);
    return await readJob(ctx, sql, id);
  });
  await nudge(ctx);
  await announceJob(ctx, job);
  return job;
}

function belongsToRetry(
  other: { id: string; status: string; error_code: string | null },
  job: { waits_for: string | null },
) {
  if (other.id === job.waits_for) return hasEnded(other.status);
  return other.status === "cancelled" && other.error_code === "prerequisite_failed";
}

function hasEnded(status: string): boolean {
  return status === "failed" || status === "cancelled";
}

/**
 * Cancels a job that waits or runs, and the jobs that wait for it. A running worker notices at its next heartbeat. Throws
 * `not_found`, or `conflict` when the job has ended already.
 */
export async function cancelJob(ctx: Ctx, id: string, also?: AlsoInTransaction): Promise<Job> {
  const job = await transaction(ctx, async (sql) => {
    const family = await queries.lockFamily(sql, sightOf(ctx.actor), id);
    const job = family.find((each) => each.id === id);
    if (!job) throw jobError("not_found");
    if (job.status !== "pending" && job.status !== "processing") {
      throw jobError("not_cancellable", { status: job.status });
    }
    await queries.cancelJobs(sql, [id], { code: null, message: "Cancelled." });
    const waiting = family.filter((each) => each.waits_for === id).map((each) => each.id);
    await queries.cancelJobs(sql, waiting, {
      code: "prerequisite_failed",
      message: "What it waited for was cancelled.",
    });
    await also?.(sql, job);
    return await readJob(ctx, sql, id);
  });
  await announceJob(ctx, job);
  return job;
}

async function readJob(ctx: Ctx, sql: Sql, id: string): Promise<Job> {
  return found(await queries.findJobs(sql, sightOf(ctx.actor), [id]), jobError);
}

async function announceJob(ctx: Ctx, { id, asset_id, job_type, status, progress }: Job): Promise<void> {
  await announce(ctx, ctx.actor.tenantId, jobEvent, { id, asset_id, job_type, status, progress });
}
