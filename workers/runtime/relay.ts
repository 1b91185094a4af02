// The relay publishes due jobs from the table to the queue (transactional outbox). Every worker runs one; a relay skips
// the rows that another one has locked.
import { setTimeout as pause } from "node:timers/promises";
import type { Platform } from "../../lib/platform/platform.ts";
import { JOBS_CHANNEL } from "../../lib/work/jobs/jobs.ts";
import type { JobKind } from "../../lib/work/jobs/kinds.ts";
import { giveBackJobs, type Room, takeDueJobs } from "../../lib/work/jobs/runs.ts";
import { errorMessage } from "../../lib/platform/errors.ts";
import type { JobMessage, Queue } from "../../lib/platform/queue/queue.ts";
import { queueOf } from "./slots.ts";

const POLL_MS = 1_000;
/** Between polls while the database or the transport is away. */
const AWAY_MS = 3_000;
const SUBSCRIBE_AGAIN_MS = 30_000;
const BATCH = 100;

export interface Relay {
  /** Polls at once, because there is a new job or a free slot. */
  wake(): void;
  stop(): Promise<void>;
}

/** Publishes jobs of these kinds until stopped: when woken, on a message of `JOBS_CHANNEL`, and every second. */
export function startRelay(platform: Platform, kinds: readonly JobKind[]): Relay {
  const stopping = new AbortController();
  let wake = () => {};
  let woken = false;
  let trouble = "";

  const onNudge = () => {
    woken = true;
    wake();
  };

  async function keepRelaying(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = false;
      const published = await relayDue(platform, kinds).catch((error) => report(errorMessage(error)));
      if (published !== undefined) report("");
      if (!published && !woken) await rest(published === undefined ? AWAY_MS : POLL_MS);
    }
  }

  /** Logs the beginning and the end of an outage, not every failed poll. */
  function report(now: string): undefined {
    if (now && !trouble) platform.log.warn("relay_failed", { error: now });
    if (!now && trouble) platform.log.info("relay_recovered");
    trouble = now;
  }

  async function rest(ms: number): Promise<void> {
    const rested = new AbortController();
    wake = () => rested.abort();
    await pause(ms, undefined, { signal: AbortSignal.any([rested.signal, stopping.signal]) }).catch(() => {});
  }

  const subscription = keepSubscribed(platform, onNudge, stopping.signal);
  const relaying = keepRelaying();
  return {
    wake: onNudge,
    stop: async () => {
      stopping.abort();
      await relaying;
      await subscription;
    },
  };
}

/** Publishes due jobs as far as there is room. Answers how many; throws when the transport refused some. */
export async function relayDue(platform: Platform, kinds: readonly JobKind[]): Promise<number> {
  const { db, queue } = platform;
  const open = roomsFor(queue, kinds).filter(({ room }) => room > 0);
  if (open.length === 0) return 0;
  const kindOf = new Map(kinds.map((kind) => [kind.name, kind]));
  const messages = (await takeDueJobs(db, open)).map(({ jobId, tenantId, kind, isLong }) => {
    return { jobId, tenantId, kind: queueOf(kindOf.get(kind)!, isLong) };
  });
  const refused: JobMessage[] = [];
  let reason: unknown;
  await Promise.all(messages.map(async (message) => {
    try {
      await queue.publish(message);
    } catch (error) {
      refused.push(message);
      reason = error;
    }
  }));
  if (refused.length === 0) return messages.length;
  await giveBackJobs(db, refused);
  throw reason;
}

/** How many jobs of each kind and length to publish; kinds that share a queue share its room. */
function roomsFor(queue: Queue, kinds: readonly JobKind[]): Room[] {
  const lanes = [
    ...kinds.map((kind) => ({ kind, isLong: false })),
    ...kinds.filter(({ queue }) => kinds.some((kind) => kind.queue === queue && kind.mayBeLong))
      .map((kind) => ({ kind, isLong: true })),
  ];
  const named = lanes.map((lane) => ({ ...lane, name: queueOf(lane.kind, lane.isLong) }));
  return named.map(({ kind, isLong, name }) => {
    const sharing = named.filter((other) => other.name === name).length;
    return { kind: kind.name, isLong, room: Math.min(Math.ceil(queue.room(name) / sharing), BATCH) };
  });
}

async function keepSubscribed(
  { cache, log }: Platform,
  onNudge: () => void,
  signal: AbortSignal,
): Promise<void> {
  let unsubscribe: (() => Promise<void>) | undefined;
  while (!unsubscribe && !signal.aborted) {
    try {
      unsubscribe = await cache.subscribe(JOBS_CHANNEL, onNudge);
    } catch (error) {
      log.warn("relay_not_subscribed", { error: errorMessage(error) });
      await pause(SUBSCRIBE_AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  }
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }
  await unsubscribe?.().catch(() => {});
}
