// The in-process cache: rate limits and live events in memory, for a single process.
import type { Cache, RateDecision, RateRule } from "./cache.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../observe/log.ts";

/** About 10 MB. Above it the least recently used keys are evicted, which gives their owners a fresh allowance. */
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
      const states = rules.map((rule) => ({ rule, base: baseOf(now, arrivals.get(rule.key), rule) }));
      const allowed = states.every(({ rule, base }) => waitMs(now, base, rule) <= toleranceMs(rule));
      for (const state of allowed ? states : []) {
        state.base += intervalMs(state.rule);
        // Deleted first, so that the map stays in order of last use.
        arrivals.delete(state.rule.key);
        arrivals.set(state.rule.key, state.base);
      }
      if (arrivals.size > MAX_KEYS) evict(arrivals, now);
      const decisions = states.map(({ rule, base }) => describe(now, base, rule, allowed));
      return Promise.resolve(decisions.reduce((a, b) => isTighter(b, a) ? b : a));
    },
    publish(channel, event) {
      // Serialized and delivered asynchronously, as over a network.
      const text = JSON.stringify(event);
      queueMicrotask(() => deliver(channel, text));
      return Promise.resolve();
    },
    subscribe(channel, listener) {
      // A new function each time: subscribing the same listener twice makes two subscriptions.
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
 * GCRA: each allowed request moves a theoretical arrival time forward by `periodMs / limit`; a request that would move
 * it more than `periodMs` ahead of now must wait. Same arithmetic as the Lua script in redis.ts.
 */
function waitMs(now: number, base: number, rule: RateRule): number {
  return base + intervalMs(rule) - rule.periodMs - now;
}

/** When the rule's next request counts from: at most a period ahead, also when the stored time was made by another clock. */
function baseOf(now: number, arrival = now, { periodMs }: RateRule): number {
  return Math.min(Math.max(now, arrival), now + periodMs);
}

function intervalMs({ limit, periodMs }: RateRule): number {
  return periodMs / limit;
}

/**
 * Sums of `periodMs / limit` are rarely exact in floating point; half a millisecond of tolerance absorbs the rounding
 * error.
 */
function toleranceMs(rule: RateRule): number {
  return Math.min(0.5, intervalMs(rule) / 2);
}

/** The state of one rule after the decision; `base` is its updated arrival time. */
function describe(now: number, base: number, rule: RateRule, allowed: boolean): RateDecision {
  const wait = waitMs(now, base, rule);
  return {
    allowed,
    key: rule.key,
    limit: rule.limit,
    remaining: Math.max(0, Math.floor((rule.periodMs - (base - now) + toleranceMs(rule)) / intervalMs(rule))),
    resetSeconds: Math.ceil((base - now) / 1000),
    retryAfterSeconds: allowed || wait <= toleranceMs(rule) ? 0 : Math.ceil(wait / 1000),
  };
}

function isTighter(a: RateDecision, b: RateDecision): boolean {
  if (a.retryAfterSeconds !== b.retryAfterSeconds) return a.retryAfterSeconds > b.retryAfterSeconds;
  return a.remaining < b.remaining;
}

function evict(arrivals: Map<string, number>, now: number): void {
  for (const [key, arrival] of arrivals) if (arrival <= now) arrivals.delete(key);
  let excess = arrivals.size - MAX_KEYS * 0.9;
  for (const key of arrivals.keys()) {
    if (excess-- <= 0) break;
    arrivals.delete(key);
  }
}
