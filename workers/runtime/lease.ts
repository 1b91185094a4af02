// The lease of a run: heartbeats that renew it, and the reasons to stop.
import { setTimeout as pause } from "node:timers/promises";
import type { Platform } from "../../lib/platform/platform.ts";
import { renewLease, type Run } from "../../lib/work/jobs/runs.ts";
import { isSlotWanted } from "../../lib/work/jobs/turns.ts";
import { announceJob } from "./announce.ts";

const LONGEST_HEARTBEAT_MS = 5_000;
const ANNOUNCE_EVERY_MS = 500;
/** What takes longer in a slot for short jobs has to leave it once another tenant waits; asked every so often. */
const SHORT_MS = 5_000;
const ASK_EVERY_MS = 2_000;

/** Why a run has to stop before it has finished. */
export type Stop = "lost" | "timed_out" | "shutdown" | "overlong";

export interface Lease {
  signal: AbortSignal;
  stopped(): Stop | undefined;
  stop(reason: Stop): void;
  progress(percent: number): void;
  /** Aborts when the run has ended; heartbeats and timers end with it. */
  ended: AbortSignal;
  end(): void;
}

/**
 * Renews the lease of `run` every third of it until `end`. Stops the run when the database says that the lease is lost,
 * when no renewal succeeded before it expired, or after `limitSeconds`. `claimedAt` is `performance.now()` from before
 * the claim, so that the lease never seems to last longer here than in the database.
 */
export function keepLease(
  platform: Platform,
  run: Run,
  { claimedAt, limitSeconds }: { claimedAt: number; limitSeconds: number },
): Lease {
  const leaseMs = run.leaseSeconds * 1000;
  const stopping = new AbortController();
  const ended = new AbortController();
  let percent = 0;
  let announcedAt = 0;
  let reason: Stop | undefined;

  const stop = (why: Stop) => {
    if (ended.signal.aborted) return;
    // A lost lease overrides other reasons: the run may write nothing any more.
    if (!reason || why === "lost") reason = why;
    stopping.abort(new DOMException(`The run was stopped: ${why}.`, "AbortError"));
  };
  const wall = setTimeout(() => stop("timed_out"), limitSeconds * 1000);
  let expiry = setTimeout(() => stop("lost"), claimedAt + leaseMs - performance.now());

  async function keep(): Promise<void> {
    for (;;) {
      await pause(Math.min(leaseMs / 3, LONGEST_HEARTBEAT_MS), undefined, { signal: ended.signal });
      const asked = performance.now();
      const held = await renewLease(platform.db, run, percent).catch(() => undefined);
      if (ended.signal.aborted) return;
      if (held === false) return stop("lost");
      if (held) {
        clearTimeout(expiry);
        expiry = setTimeout(() => stop("lost"), asked + leaseMs - performance.now());
      }
    }
  }
  keep().catch(() => {});

  return {
    signal: stopping.signal,
    stopped: () => reason,
    ended: ended.signal,
    stop,
    progress(value) {
      percent = Math.max(percent, Math.min(99, Math.floor(value) || 0));
      if (performance.now() - announcedAt < ANNOUNCE_EVERY_MS) return;
      announcedAt = performance.now();
      announceJob(platform, run, "processing", percent);
    },
    end() {
      ended.abort();
      clearTimeout(wall);
      clearTimeout(expiry);
    },
  };
}

/**
 * Stops a run in a slot for short jobs that turns out to be long, as soon as another tenant waits for a slot of these
 * `kinds`. It is done again in a slot for long jobs.
 */
export async function stopWhenWanted(
  platform: Platform,
  run: Run,
  lease: Lease,
  kinds: readonly string[],
): Promise<void> {
  const rest = (ms: number) => pause(ms, undefined, { signal: lease.ended }).catch(() => {});
  await rest(SHORT_MS);
  while (!lease.ended.aborted) {
    // While the database is away nothing can be claimed anyway.
    if (await isSlotWanted(platform.db, run.tenantId, kinds).catch(() => false)) {
      return lease.stop("overlong");
    }
    await rest(ASK_EVERY_MS);
  }
}
