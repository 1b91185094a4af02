// Verbs for workers and relays. A claim gives a run a fencing token (`runId`) and a lease. What the run writes later
// counts only while it holds both, so that of two workers on one job only one can change anything.
import type { Database, Sql } from "../../platform/db/database.ts";
import { newId } from "../../platform/ids.ts";
import type { JobMessage } from "../../platform/queue/queue.ts";
import { cancelJobs } from "./queries.ts";
import * as queries from "./run_queries.ts";
import type { Run } from "./schema.ts";
import { takeTurn } from "./turn_queries.ts";

export type { Run } from "./schema.ts";
export type { LostJob, Room } from "./run_queries.ts";

/** Attempts while a dependency is unavailable: about half an hour with the backoff below. */
const OUTAGE_ATTEMPTS = 12;
const BACKOFF_MS = { first: 2_000, longest: 5 * 60_000 };
/** A published job that is not claimed within this time is published again. */
const REPUBLISH_SECONDS = 60;
const LOST_BATCH = 100;

/** Who claims, and for how long. */
export interface Claim {
  worker: string;
  /** The kinds that the worker can run. */
  kinds: readonly string[];
  leaseSeconds: number;
}

/**
 * Claims this job for this worker. Undefined when it is not due, already claimed, ended or deleted, or when the quota of its
 * tenant is used up; then the relay publishes it again later.
 */
export function claimJob(db: Database, message: JobMessage, claim: Claim): Promise<Run | undefined> {
  return db.asTenant(message.tenantId, async (sql) => {
    if (!await mayRun(sql, message.tenantId)) return void await queries.giveBack(sql, [message.jobId]);
    const [run] = await queries.claimJob(sql, message, { runId: newId(), ...claim });
    if (run) await takeTurn(sql, message.tenantId);
    return run && { ...run, leaseSeconds: claim.leaseSeconds };
  });
}

/** True when the tenant may run one more job. Holds a lock, so that claims of one tenant are counted one at a time. */
async function mayRun(sql: Sql, tenantId: string): Promise<boolean> {
  const [quota] = await queries.findJobQuota(sql, tenantId);
  if (!quota) return true;
  await queries.lockJobQuota(sql, tenantId);
  return await countRunning(sql, tenantId) < quota.jobs;
}

/** The number of running jobs of a tenant. */
export async function countRunning(sql: Sql, tenantId: string): Promise<number> {
  const [running] = await queries.countRunning(sql, tenantId);
  return running!.count;
}

/** Renews the lease and records `progress` (percent). False when the lease is lost: the run must stop at once. */
export async function renewLease(db: Database, run: Run, progress: number): Promise<boolean> {
  const rows = await db.asTenant(run.tenantId, (sql) => queries.renewLease(sql, run, progress));
  return rows.length === 1;
}

interface Ending {
  /** Writes what follows from the end of the job, in the same transaction. */
  write?: (sql: Sql) => Promise<void>;
}

/** Completes a job and releases its dependents. False, with nothing written, when the lease is lost. */
export function finishRun(
  db: Database,
  run: Run,
  { result, write }: Ending & { result?: unknown },
): Promise<boolean> {
  return db.asTenant(run.tenantId, async (sql) => {
    const [completed] = await queries.completeRun(sql, run, result);
    if (!completed) return false;
    await queries.releaseDependents(sql, run.id);
    await write?.(sql);
    return true;
  });
}

export interface RunFailure extends Ending {
  code: string;
  /** An English sentence for people. */
  message: string;
  /** A retry cannot succeed. */
  permanent: boolean;
}

/**
 * Records a failed run. The job is retried after a backoff, unless the failure is permanent or no attempts are left: then
 * it has failed, its dependents are cancelled and `write` runs. Answers `lost` when the lease is lost.
 */
export function failRun(db: Database, run: Run, failure: RunFailure): Promise<"retry" | "failed" | "lost"> {
  return db.asTenant(run.tenantId, async (sql) => {
    const [held] = await queries.lockRun(sql, run);
    if (!held) return "lost";
    const limit = failure.code === "unavailable"
      ? Math.max(run.maxAttempts, OUTAGE_ATTEMPTS)
      : run.maxAttempts;
    if (!failure.permanent && run.attempts < limit) {
      await queries.postponeJob(sql, run.id, backoffMs(run.attempts), failure);
      return "retry";
    }
    await failForGood(sql, run.id, failure);
    return "failed";
  });
}

async function failForGood(
  sql: Sql,
  id: string,
  { code, message, write }: Omit<RunFailure, "permanent">,
): Promise<void> {
  await queries.failJob(sql, id, { code, message });
  const waiting = (await queries.listDependents(sql, id)).map((row) => row.id);
  await cancelJobs(sql, waiting, {
    code: "prerequisite_failed",
    message: "What it waited for has failed.",
  });
  await write?.(sql);
}

/** Milliseconds before the next attempt: exponential backoff up to five minutes, with 25 % jitter. */
export function backoffMs(attempts: number): number {
  const delay = Math.min(BACKOFF_MS.first * 2 ** Math.min(attempts - 1, 20), BACKOFF_MS.longest);
  return Math.round(delay * (0.75 + Math.random() / 2));
}

/**
 * Releases a job without counting the attempt: for a worker that shuts down, and with `isLong` for a job that turned
 * out to be long in a slot for short ones.
 */
export async function releaseRun(db: Database, run: Run, isLong = run.isLong): Promise<boolean> {
  const rows = await db.asTenant(run.tenantId, (sql) => queries.releaseRun(sql, run, isLong));
  return rows.length === 1;
}

/**
 * Takes due jobs for publishing, at most `room` of each kind and length. They are marked as published; give back those that could
 * not be published. If a relay dies in between, its jobs are published again after a minute.
 */
export function takeDueJobs(db: Database, rooms: queries.Room[]): Promise<queries.DueJob[]> {
  return db.asSystem(async (sql) => [...await queries.takeDue(sql, rooms, REPUBLISH_SECONDS)]);
}

/** Marks jobs as not published, after the transport refused them. */
export async function giveBackJobs(db: Database, messages: JobMessage[]): Promise<void> {
  await db.asSystem((sql) => queries.giveBack(sql, messages.map((message) => message.jobId)));
}

/**
 * Reclaims jobs whose lease has expired. A job that lost its worker `max_attempts` times has failed, because it may be
 * what crashes workers; `settle` runs in the transaction of that failure. Answers the jobs that changed.
 */
export async function reclaimExpired(
  db: Database,
  settle: (sql: Sql, job: queries.LostJob) => Promise<void>,
): Promise<queries.LostJob[]> {
  const lost = await db.asSystem((sql) => queries.listLost(sql, LOST_BATCH));
  const changed: queries.LostJob[] = [];
  for (const job of lost) {
    if (await db.asTenant(job.tenantId, (sql) => reclaim(sql, job, settle))) changed.push(job);
  }
  return changed;
}

/** False when the job has ended or been reclaimed by another worker meanwhile. */
async function reclaim(
  sql: Sql,
  job: queries.LostJob,
  settle: (sql: Sql, job: queries.LostJob) => Promise<void>,
): Promise<boolean> {
  const [held] = await queries.lockLost(sql, job);
  if (!held) return false;
  const failure = { code: "worker_lost", message: LOST_MESSAGE };
  if (job.exhausted) await failForGood(sql, job.id, { ...failure, write: (sql) => settle(sql, job) });
  else await queries.postponeJob(sql, job.id, 0, failure);
  return true;
}

const LOST_MESSAGE =
  "The worker stopped while it was at it. The file may need more memory or time than there is.";
