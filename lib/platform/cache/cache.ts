// What servers and workers share for a short time: rate limit state and live events. Losing it loses no data.

/** So many of something in so much time, with bursts up to all of them at once. */
export interface RateRule {
  /** Whose allowance it is, as `person:{id}`. */
  key: string;
  limit: number;
  periodMs: number;
}

/**
 * What a rate limit answers: whether this one may pass, and the state of the tightest rule for the response headers.
 * That is the one with the longest wait when it was refused, else the one with the least left.
 */
export interface RateDecision {
  allowed: boolean;
  /** The key of the tightest rule. */
  key: string;
  limit: number;
  remaining: number;
  /** Seconds until the full allowance is back. */
  resetSeconds: number;
  /** Seconds until the next one may pass; 0 when this one was allowed. */
  retryAfterSeconds: number;
}

export interface Cache {
  readonly kind: "redis" | "embedded";
  /**
   * Takes one of each rule's allowance, or of none when one of them has nothing left (GCRA, burst = limit). In one step:
   * nobody comes in between. Throws `unavailable` when the server is away.
   */
  take(rules: readonly [RateRule, ...RateRule[]]): Promise<RateDecision>;
  /** Sends a live event to every process that listens on `channel`. At most once: readers re-read the database. */
  publish(channel: string, event: unknown): Promise<void>;
  /** Calls `listener` for each event on `channel`. Returns the function that ends it. */
  subscribe(channel: string, listener: (event: unknown) => void): Promise<() => Promise<void>>;
  /** Throws when the cache cannot be used right now. */
  check(): Promise<void>;
  close(): Promise<void>;
}
