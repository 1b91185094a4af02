// The cache of one process alone: rate limits and live events in memory.
import type { Cache, RateDecision, RateRule } from "./cache.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../observe/log.ts";

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
    take(rules) {
      const now = clock.now();
      const turns = rules.map((rule) => ({ rule, base: Math.max(now, arrivals.get(rule.key) ?? now) }));
      const allowed = turns.every(({ rule, base }) => waitMs(now, base, rule) <= slackMs(rule));
      for (const turn of allowed ? turns : []) {
        turn.base += intervalMs(turn.rule);
        // Taken out first, so that the map stays in the order of last use.
        arrivals.delete(turn.rule.key);
        arrivals.set(turn.rule.key, turn.base);
      }
      if (arrivals.size > MAX_KEYS) forget(arrivals, now);
      const decisions = turns.map(({ rule, base }) => describe(now, base, rule, allowed));
      return Promise.resolve(decisions.reduce((a, b) => isTighter(b, a) ? b : a));
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
function waitMs(now: number, base: number, rule: RateRule): number {
  return base + intervalMs(rule) - rule.periodMs - now;
}

function intervalMs({ limit, periodMs }: RateRule): number {
  return periodMs / limit;
}

/** Many sums of `periodMs / limit` are not exact; half a millisecond makes nobody early. */
function slackMs(rule: RateRule): number {
  return Math.min(0.5, intervalMs(rule) / 2);
}

/** The state of one rule after the decision; `base` is its arrival time as it now stands. */
function describe(now: number, base: number, rule: RateRule, allowed: boolean): RateDecision {
  const wait = waitMs(now, base, rule);
  return {
    allowed,
    key: rule.key,
    limit: rule.limit,
    remaining: Math.max(0, Math.floor((rule.periodMs - (base - now) + slackMs(rule)) / intervalMs(rule))),
    resetSeconds: Math.ceil((base - now) / 1000),
    retryAfterSeconds: allowed || wait <= slackMs(rule) ? 0 : Math.ceil(wait / 1000),
  };
}

function isTighter(a: RateDecision, b: RateDecision): boolean {
  if (a.retryAfterSeconds !== b.retryAfterSeconds) return a.retryAfterSeconds > b.retryAfterSeconds;
  return a.remaining < b.remaining;
}

function forget(arrivals: Map<string, number>, now: number): void {
  for (const [key, arrival] of arrivals) if (arrival <= now) arrivals.delete(key);
  let excess = arrivals.size - MAX_KEYS * 0.9;
  for (const key of arrivals.keys()) {
    if (excess-- <= 0) break;
    arrivals.delete(key);
  }
}
