// Short-lived state that servers and workers share: rate limits and live events. Losing it loses no data.

/** A rate limit: `limit` requests per `periodMs`, all of which may come in one burst. */
export interface RateRule {
  /** Identifies whose allowance it is, for example `person:{id}`. */
  key: string;
  limit: number;
  periodMs: number;
}

/**
 * The answer of a rate limit: whether this request may pass, and the state of the tightest rule for the response
 * headers. After a refusal that is the rule with the longest wait, otherwise the one with the fewest requests
 * remaining.
 */
export interface RateDecision {
  allowed: boolean;
  /** The key of the tightest rule. */
  key: string;
  limit: number;
  remaining: number;
  /** Seconds until the full allowance is restored. */
  resetSeconds: number;
  /** Seconds until the next request may pass; 0 when this one was allowed. */
  retryAfterSeconds: number;
}

export interface Cache {
  readonly kind: "redis" | "embedded";
  /**
   * Charges one request to every rule, or to none of them when one is exhausted (GCRA, burst = limit). Atomic. Throws
   * `unavailable` when the server cannot be reached.
   */
  take(rules: readonly [RateRule, ...RateRule[]]): Promise<RateDecision>;
  /**
   * Sends a live event to every process that subscribed to `channel`. Delivered at most once, so readers re-read the
   * database.
   */
  publish(channel: string, event: unknown): Promise<void>;
  /** Calls `listener` for each event on `channel`. Returns the function that unsubscribes. */
  subscribe(channel: string, listener: (event: unknown) => void): Promise<() => Promise<void>>;
  /** Throws when the cache cannot be used right now. */
  check(): Promise<void>;
  close(): Promise<void>;
}
