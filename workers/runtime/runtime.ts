// A worker: consumes messages, claims jobs, runs them, and keeps the schedule. Runs in a process of its own or, on
// embedded parts, inside the server process.
import type { Platform } from "../../lib/platform/platform.ts";
import type { AssetStatus } from "../../lib/library/assets/schema.ts";
import { settleAsset } from "../../lib/library/assets/work.ts";
import { nudge } from "../../lib/work/jobs/jobs.ts";
import { giveBackJobs, type LostJob, reclaimExpired } from "../../lib/work/jobs/runs.ts";
import { claimNext, type Turn } from "../../lib/work/jobs/turns.ts";
import { recordHeartbeat, removeWorker } from "../../lib/work/jobs/workers.ts";
import { mendClockSteps } from "../../lib/work/jobs/clock_steps.ts";
import { newId } from "../../lib/platform/ids.ts";
import { jobRetries, jobRuns, jobWaits } from "../../lib/platform/observe/metrics.ts";
import { logConfinement } from "../../lib/platform/process/process.ts";
import type { JobMessage, Verdict } from "../../lib/platform/queue/queue.ts";
import { traced } from "../../lib/platform/observe/trace.ts";
import { announceAsset, announceJob } from "./announce.ts";
import { openWorkFolder } from "./folders.ts";
import { keepLease, type Lease, stopWhenWanted } from "./lease.ts";
import { startRelay } from "./relay.ts";
import { performRun, RUN_ENDS } from "./run.ts";
import { type Duty, startSchedule } from "./schedule.ts";
import { type Lane, planLanes, queueOf } from "./slots.ts";
import type { Handler } from "./handler.ts";

const HEARTBEAT_SECONDS = 10;
const RECLAIM_EVERY_SECONDS = 2;
const GRACE_MS = 30_000;

export interface WorkerOptions {
  handlers: readonly Handler[];
  /** Periodic duties besides those of the jobs themselves. */
  duties?: readonly Duty[];
  /** Jobs of each queue at once, unless its kinds declare their own number; WORKER_CONCURRENCY when left out. */
  concurrency?: number;
  /** How long running jobs may go on after `stop`; then they are released for another worker. */
  graceMs?: number;
}

export interface RunningWorker {
  /** Whether its consumer is attached; readiness checks this. */
  isLive(): boolean;
  /** Claims no more jobs, and resolves when the running ones have ended or were released. */
  stop(): Promise<void>;
}

/** Starts a worker for the kinds of these handlers. Several may run side by side, in one process or many. */
export async function startWorker(platform: Platform, options: WorkerOptions): Promise<RunningWorker> {
  const { config, db, log, queue } = platform;
  const handlers = new Map(options.handlers.map((handler) => [handler.kind.name, handler]));
  const kinds = [...handlers.keys()];
  const worker = { id: newId(), name: `${Deno.hostname()}:${Deno.pid}`, kinds };
  const folders = await openWorkFolder(config.AKASHI_DATA_DIR);
  const concurrency = options.concurrency ?? config.WORKER_CONCURRENCY;
  const lanes = planLanes(options.handlers.map(({ kind }) => kind), concurrency);
  const leases = new Set<Lease>();
  let isStopping = false;
  let graceIsOver = false;
  const relay = startRelay(platform, options.handlers.map(({ kind }) => kind));
  // `increase` does not see the first event of a counter that starts with it, so every counter starts at zero.
  for (const kind of kinds) for (const outcome of RUN_ENDS) jobRuns.zero({ kind, outcome });
  await logConfinement(log);

  async function handle(message: JobMessage): Promise<Verdict> {
    const lane = lanes.get(message.kind);
    if (!lane) return "dead";
    const leave = await lane.gate.enter(lane.isLong);
    try {
      if (!isStopping) return await handleNext(message, lane);
      await giveBackJobs(db, [message]);
      return "done";
    } finally {
      leave();
    }
  }

  /** A message that is lost is published by the relay, a little later. */
  async function publishAgain(message: JobMessage): Promise<void> {
    await queue.publish(message).catch(() => giveBackJobs(db, [message])).catch(() => {});
  }

  /** Claims the job whose turn it is and runs it. */
  async function handleNext(message: JobMessage, lane: Lane): Promise<Verdict> {
    const claimedAt = performance.now();
    const { kinds, isLong } = lane;
    const name = `${worker.name}:${worker.id}`;
    let turn: Turn | undefined;
    try {
      turn = await claimNext(db, message, {
        worker: name,
        kinds,
        isLong,
        leaseSeconds: config.JOB_LEASE_SECONDS,
      });
    } catch (error) {
      log.warn("job_not_claimed", { job_id: message.jobId, error });
      return "again";
    }
    if (!turn) return "done";
    const { run } = turn;
    // It used up the message of another job, which is handed on.
    if (!turn.isPublished) await publishAgain(message);
    jobWaits.observe({ kind: run.kind }, run.waitedSeconds);
    const handler = handlers.get(run.kind)!;
    const limitSeconds = Math.min(handler.kind.timeLimitSeconds ?? Infinity, config.JOB_LIMIT_SECONDS);
    const lease = keepLease(platform, run, { claimedAt, limitSeconds });
    leases.add(lease);
    // The claim succeeded after the grace period, when the other runs had been stopped already.
    if (graceIsOver) lease.stop("shutdown");
    if (!isLong && lanes.has(queueOf(handler.kind, true))) stopWhenWanted(platform, run, lease, kinds);
    const work = { handler, lease, folders };
    await traced(
      { name: `job ${run.kind}`, parent: run.traceParent, attributes: { "akashi.job.id": run.id } },
      () => performRun(platform, run, work),
      (end) => end === "failed" || end === "lost",
    );
    leases.delete(lease);
    relay.wake();
    return "done";
  }

  const slots = Object.fromEntries([...lanes].map(([queue, lane]) => [queue, lane.slots]));
  const consumer = await queue.consume(slots, handle);
  relay.wake();
  const schedule = startSchedule(platform, [
    { name: "heartbeat", everySeconds: HEARTBEAT_SECONDS, run: () => recordHeartbeat(db, worker) },
    { name: "mend_clock_steps", everySeconds: 5, run: () => mendClockSteps(db, config.JOB_LEASE_SECONDS) },
    { name: "reclaim_jobs", everySeconds: RECLAIM_EVERY_SECONDS, run: reclaimJobs },
    ...options.duties ?? [],
  ]);
  log.info("worker_started", { worker: worker.name, kinds, concurrency });

  return {
    isLive: () => consumer.isLive(),
    stop: async () => {
      isStopping = true;
      const others = Promise.all([relay.stop(), schedule.stop()]);
      const grace = setTimeout(() => {
        graceIsOver = true;
        leases.forEach((lease) => lease.stop("shutdown"));
      }, options.graceMs ?? GRACE_MS);
      await consumer.stop();
      clearTimeout(grace);
      await others;
      await removeWorker(db, worker.id).catch((error) => log.warn("worker_not_removed", { error }));
      await folders.close();
      log.info("worker_stopped", { worker: worker.name });
    },
  };
}

/** Reclaims jobs whose lease has expired, and announces them. */
async function reclaimJobs(platform: Platform): Promise<number> {
  const assets = new Map<string, AssetStatus>();
  const lost = await reclaimExpired(platform.db, async (sql, { id, assetId }) => {
    const status = assetId ? await settleAsset(sql, assetId) : undefined;
    if (status) assets.set(id, status);
  });
  for (const job of lost) await announceReclaimed(platform, job, assets.get(job.id));
  if (lost.length > 0) await nudge(platform);
  return lost.length;
}

async function announceReclaimed(
  platform: Platform,
  job: LostJob,
  assetStatus: AssetStatus | undefined,
): Promise<void> {
  const { id, tenantId, kind, worker, exhausted } = job;
  platform.log.warn("job_reclaimed", { job_id: id, kind, tenant_id: tenantId, worker, exhausted });
  if (!exhausted) jobRetries.inc({ kind, reason: "worker_lost" });
  await announceJob(platform, job, exhausted ? "failed" : "pending");
  await announceAsset(platform, job, assetStatus);
}
