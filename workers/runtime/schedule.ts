// Periodic duties: sweeps, counts and heartbeats.
import { setTimeout as pause } from "node:timers/promises";
import type { Platform } from "../../lib/platform/platform.ts";
import { claimDuty } from "../../lib/work/duty_claims/duty_claims.ts";

/** Done every `everySeconds`, with 20 % jitter. A duty bounds its own batch. */
export interface Duty {
  name: string;
  everySeconds: number;
  /** May answer how many items it processed. */
  run(platform: Platform): Promise<number | void>;
}

export interface Schedule {
  /** Whether the last run of every duty succeeded. */
  isLive(): boolean;
  stop(): Promise<void>;
}

/** Runs every duty now and then at its interval, one run at a time. A failed duty is retried at the next interval. */
export function startSchedule(platform: Platform, duties: readonly Duty[]): Schedule {
  const stopping = new AbortController();
  const failing = new Set<string>();
  const turns = duties.map((duty) => keepDoing(platform, duty, failing, stopping.signal));
  return {
    isLive: () => failing.size === 0,
    stop: async () => {
      stopping.abort();
      await Promise.all(turns);
    },
  };
}

/** As `duty`, but done by one process of the installation in each interval: the first that claims it. */
export function oncePerInterval({ name, everySeconds, run }: Duty): Duty {
  const runInTurn = async (platform: Platform) => {
    if (await claimDuty(platform.db, name, everySeconds)) return await run(platform);
  };
  return { name, everySeconds, run: runInTurn };
}

async function keepDoing(
  platform: Platform,
  { name, everySeconds, run }: Duty,
  failing: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const count = await run(platform);
      failing.delete(name);
      if (count) platform.log.info("duty_done", { duty: name, count });
    } catch (error) {
      failing.add(name);
      platform.log.warn("duty_failed", { duty: name, error });
    }
    await pause(everySeconds * 1000 * (0.8 + Math.random() * 0.4), undefined, { signal }).catch(() => {});
  }
}
