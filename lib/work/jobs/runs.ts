// What workers, relays and sweeps do with jobs. A claim gives a run a fencing id and a lease; whatever a run says later
// counts only while both hold, so that of two workers on one job the slower one changes nothing.
import type { Database, Sql } from "../../platform/db/database.ts";
import { newId } from "../../platform/ids.ts";
import type { JobMessage } from "../../platform/queue/queue.ts";
import { cancelJobs } from "./queries.ts";
import * as queries from "./run_queries.ts";
import type { Run } from "./schema.ts";

export type { Run } from "./schema.ts";
export type { JobLoad, LostJob, WorkerRow } from "./run_queries.ts";

/** Tries at a job while an outside system is away: with the backoff below about half an hour. */
const OUTAGE_ATTEMPTS = 12;
const BACKOFF_MS = { first: 2_000, longest: 5 * 60_000 };
/** A published job that nobody claims within this time is published again. */
const REPUBLISH_SECONDS = 60;
const LOST_BATCH = 100;
/** Workers say that they are there every 10 s. */
const WORKER_SEEN_SECONDS = 30;
const WORKER_FORGOTTEN_SECONDS = 24 * 3600;

interface Claim {
  worker: string;
  /** The kinds that the worker can run. */
  kinds: readonly string[];
  leaseSeconds: number;
}

/**
 * Takes the job for this worker. Undefined when it is not due, done, gone or somebody else's: then leave it alone. When
 * its tenant runs as many as it may, the job goes back to wait for the relay.
 */
export function claimJob(db: Database, message: JobMessage, claim: Claim): Promise<Run | undefined> {
  return db.asTenant(message.tenantId, async (sql) => {
    if (!await mayRun(sql, message.tenantId)) return void await queries.giveBack(sql, [message.jobId]);
    const [run] = await queries.claimJob(sql, message, { runId: newId(), ...claim });
    return run && { ...run, leaseSeconds: claim.leaseSeconds };
  });
}

/** True when the tenant may run one job more; its other claims wait until this one is through. */
async function mayRun(sql: Sql, tenantId: string): Promise<boolean> {
  const [quota] = await queries.findJobQuota(sql, tenantId);
  if (!quota) return true;
  await queries.lockJobQuota(sql, tenantId);
  return await countRunning(sql, tenantId) < quota.jobs;
}

/** How many jobs of the tenant run right now. */
export async function countRunning(sql: Sql, tenantId: string): Promise<number> {
  const [running] = await queries.countRunning(sql, tenantId);
  return running!.count;
}

/** Begins the lease anew and records `progress` (percent). False when the run no longer has the job: stop at once. */
export async function renewLease(db: Database, run: Run, progress: number): Promise<boolean> {
  const rows = await db.asTenant(run.tenantId, (sql) => queries.renewLease(sql, run, progress));
  return rows.length === 1;
}

interface Ending {
  /** What else is true once the job has ended; in the same transaction, after the job's own state. */
  write?: (sql: Sql) => Promise<void>;
}

/** Ends the job well and lets go of what waits for it. False, and nothing is written, when the run lost the job. */
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
  /** A sentence for people. */
  message: string;
  /** Trying again cannot help. */
  permanent: boolean;
}

/**
 * Ends a run that did not come through: the job is tried again after a while, or has failed when that cannot help or
 * was done often enough; then what waits for it is cancelled and `write` runs. `lost` when the run lost the job.
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

/** Milliseconds before the next try after `attempts`: doubled each time, up to five minutes, ±25 % so that jobs spread. */
export function backoffMs(attempts: number): number {
  const delay = Math.min(BACKOFF_MS.first * 2 ** Math.min(attempts - 1, 20), BACKOFF_MS.longest);
  return Math.round(delay * (0.75 + Math.random() / 2));
}

/** Hands the job back at once, as if it had not been taken: for a worker that shuts down. */
export async function releaseRun(db: Database, run: Run): Promise<boolean> {
  const rows = await db.asTenant(run.tenantId, (sql) => queries.releaseRun(sql, run));
  return rows.length === 1;
}

/**
 * Takes due jobs for publishing, at most as many of each kind as there is room for. They count as published from here
 * on; those that could not be are given back. A relay that dies in between costs a minute, not the job.
 */
export function takeDueJobs(db: Database, rooms: { kind: string; room: number }[]): Promise<JobMessage[]> {
  return db.asSystem(async (sql) => [...await queries.takeDue(sql, rooms, REPUBLISH_SECONDS)]);
}

export async function giveBackJobs(db: Database, messages: JobMessage[]): Promise<void> {
  await db.asSystem((sql) => queries.giveBack(sql, messages.map((message) => message.jobId)));
}

/**
 * Puts jobs back whose worker fell silent. One that was lost `max_attempts` times has failed: it may be what brings
 * workers down. `settle` runs in the transaction of such a failure. Answers the jobs that changed.
 */
export async function reclaimExpired(
  db: Database,
  settle: (sql: Sql, job: queries.LostJob) => Promise<void>,
): Promise<queries.LostJob[]> {
  const lost = await db.asSystem((sql) => queries.listLost(sql, LOST_BATCH));
  const changed: queries.LostJob[] = [];
  for (const job of lost) {
    const mine = await db.asTenant(job.tenantId, async (sql) => {
      const [held] = await queries.lockLost(sql, job);
      if (!held) return false;
      if (!job.exhausted) {
        await queries.postponeJob(sql, job.id, 0, { code: "worker_lost", message: LOST_MESSAGE });
      } else {await failForGood(sql, job.id, {
          code: "worker_lost",
          message: LOST_MESSAGE,
          write: (sql) => settle(sql, job),
        });}
      return true;
    });
    if (mine) changed.push(job);
  }
  return changed;
}

const LOST_MESSAGE =
  "The worker stopped while it was at it. The file may need more memory or time than there is.";

/** Says that a worker is there; to be repeated every 10 seconds. */
export async function seeWorker(db: Database, worker: queries.WorkerRow): Promise<void> {
  await db.asSystem((sql) => queries.seeWorker(sql, worker));
}

/** Forgets a worker that goes, and those that went without a word a day ago. */
export async function forgetWorker(db: Database, id: string): Promise<void> {
  await db.asSystem((sql) => queries.deleteWorkers(sql, id, WORKER_FORGOTTEN_SECONDS));
}

/** How much of each kind there is to do, over all tenants. */
export async function countJobLoad(db: Database): Promise<queries.JobLoad[]> {
  return await db.asSystem((sql) => queries.countLoad(sql));
}

/** How many workers gave a sign of life within the last half minute. */
export async function countLiveWorkers(db: Database): Promise<number> {
  const [row] = await db.asSystem((sql) => queries.countWorkers(sql, WORKER_SEEN_SECONDS));
  return row!.count;
}
