// The slots of a worker: how many of its jobs run at once, and which of them may be long.
import type { JobKind } from "../../lib/work/jobs/kinds.ts";

/** What one queue of messages stands for: jobs of these kinds that are all short, or all long. */
export interface Lane {
  kinds: readonly string[];
  isLong: boolean;
  /** Messages in hand at once; `gate` decides how many of them run. */
  slots: number;
  gate: Gate;
}

export interface Gate {
  /** Resolves when a job may start, in the order of the calls; the result is called when it has ended. */
  enter(isLong: boolean): Promise<() => void>;
}

/** The queue of a kind's long jobs; kinds with the same queue share its slots. */
export function queueOf({ queue }: JobKind, isLong: boolean): string {
  return isLong ? `${queue}_long` : queue;
}

/**
 * The lanes of a worker, by queue. `concurrency` jobs run at once; long ones take at most one less, so that short ones
 * pass them. With a concurrency of one, a short job may run beside a long one.
 */
export function planLanes(kinds: readonly JobKind[], concurrency: number): Map<string, Lane> {
  const lanes = new Map<string, Lane>();
  for (const [queue, sharing] of Map.groupBy(kinds, (kind) => kind.queue)) {
    const size = sharing[0]!.concurrency ?? concurrency;
    const gate = makeGate(size);
    lanes.set(queue, { kinds: namesOf(sharing), isLong: false, slots: size, gate });
    if (!sharing.some((kind) => kind.mayBeLong)) continue;
    // A job of any kind may prove long.
    const lane = { kinds: namesOf(sharing), isLong: true, slots: Math.max(1, size - 1), gate };
    lanes.set(queueOf(sharing[0]!, true), lane);
  }
  return lanes;
}

function namesOf(kinds: readonly JobKind[]): string[] {
  return kinds.map(({ name }) => name);
}

function makeGate(size: number): Gate {
  const running = { short: 0, long: 0 };
  const waiting: { isLong: boolean; start: () => void }[] = [];
  const hasRoom = (isLong: boolean) =>
    isLong ? running.short + running.long < size : running.short < Math.max(1, size - running.long);

  function admit(): void {
    while (waiting[0] && hasRoom(waiting[0].isLong)) {
      const { isLong, start } = waiting.shift()!;
      running[isLong ? "long" : "short"] += 1;
      start();
    }
  }

  return {
    enter: (isLong) =>
      new Promise((resolve) => {
        const leave = () => {
          running[isLong ? "long" : "short"] -= 1;
          admit();
        };
        waiting.push({ isLong, start: () => resolve(leave) });
        admit();
      }),
  };
}
