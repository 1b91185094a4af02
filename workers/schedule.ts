// What has to happen again and again: sweeps and signs of life. Several workers may do the same at the same time.
import { setTimeout as pause } from "node:timers/promises";
import type { Platform } from "../lib/context.ts";

/** Something done every `everySeconds`, give or take a fifth so that workers spread. It bounds its own batch. */
export interface Duty {
  name: string;
  everySeconds: number;
  /** May answer how many things it dealt with. */
  run(platform: Platform): Promise<number | void>;
}

/** Does every duty at once and then at its interval, never twice at the same time. A failure waits for the next turn. */
export function startSchedule(platform: Platform, duties: readonly Duty[]): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const turns = duties.map((duty) => keepDoing(platform, duty, stopping.signal));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(turns);
    },
  };
}

async function keepDoing(
  platform: Platform,
  { name, everySeconds, run }: Duty,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const count = await run(platform);
      if (count) platform.log.info("duty_done", { duty: name, count });
    } catch (error) {
      platform.log.warn("duty_failed", { duty: name, error });
    }
    await pause(everySeconds * 1000 * (0.8 + Math.random() * 0.4), undefined, { signal }).catch(() => {});
  }
}
