// The cache of one process alone: rate limits and live events in memory.
import type { Cache, RateDecision } from "./cache.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

/** About 10 MB. Beyond it the oldest are forgotten, which gives their owners a fresh allowance. */
const MAX_KEYS = 100_000;

/** Opens an empty cache; `close` ends all subscriptions. A listener that throws is logged when there is a log. */
export function openEmbeddedCache(clock: Clock, log?: Log): Cache {
  const arrivals = new Map<string, number>();
  const listeners = new Map<string, Set<(event: unknown) => void>>();

  function deliver(channel: string, text: string): void {
    for (const listener of listeners.get(channel) ?? []) {
      try {
        listener(JSON.parse(text));
      } catch (error) {
        log?.error("live_listener_failed", { channel, error });
      }
    }
  }

  return {
    kind: "embedded",
    take(key, limit, periodMs) {
      const now = clock.now();
      const { decision, arrival } = decide(now, arrivals.get(key), limit, periodMs);
      if (decision.allowed) {
        // Taken out first, so that the map stays in the order of last use.
        arrivals.delete(key);
        arrivals.set(key, arrival);
        if (arrivals.size > MAX_KEYS) forget(arrivals, now);
      }
      return Promise.resolve(decision);
    },
    publish(channel, event) {
      // As over a network: a copy, and not before the publisher has gone on.
      const text = JSON.stringify(event);
      queueMicrotask(() => deliver(channel, text));
      return Promise.resolve();
    },
    subscribe(channel, listener) {
      // A function of its own each time: the same listener twice is two subscriptions.
      const own = (event: unknown) => listener(event);
      const set = listeners.get(channel) ?? new Set();
      listeners.set(channel, set.add(own));
      return Promise.resolve(() => {
        set.delete(own);
        if (set.size === 0 && listeners.get(channel) === set) listeners.delete(channel);
        return Promise.resolve();
      });
    },
    check: () => Promise.resolve(),
    close() {
      arrivals.clear();
      listeners.clear();
      return Promise.resolve();
    },
  };
}

/**
 * GCRA: each one that passes moves a theoretical arrival time on by `periodMs / limit`; whoever would move it more than
 * `periodMs` ahead of now must wait. The same arithmetic as the script in cache_redis.ts.
 */
function decide(now: number, stored: number | undefined, limit: number, periodMs: number) {
  const interval = periodMs / limit;
  // Many sums of `periodMs / limit` are not exact; half a millisecond makes nobody early.
  const slack = Math.min(0.5, interval / 2);
  const base = Math.max(now, stored ?? now);
  const arrival = base + interval;
  const waitMs = arrival - periodMs - now;
  const allowed = waitMs <= slack;
  const ahead = (allowed ? arrival : base) - now;
  const decision: RateDecision = {
    allowed,
    limit,
    remaining: Math.max(0, Math.floor((periodMs - ahead + slack) / interval)),
    resetSeconds: Math.ceil(ahead / 1000),
    retryAfterSeconds: allowed ? 0 : Math.ceil(waitMs / 1000),
  };
  return { decision, arrival };
}

function forget(arrivals: Map<string, number>, now: number): void {
  for (const [key, arrival] of arrivals) if (arrival <= now) arrivals.delete(key);
  let excess = arrivals.size - MAX_KEYS * 0.9;
  for (const key of arrivals.keys()) {
    if (excess-- <= 0) break;
    arrivals.delete(key);
  }
}
