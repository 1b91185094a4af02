// What servers and workers share for a short time: rate limit state and live events. Losing it loses no data.

/** What a rate limit answers: whether this one may pass, and the state for the response headers. */
export interface RateDecision {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** Seconds until the full allowance is back. */
  resetSeconds: number;
  /** Seconds until the next one may pass; 0 when this one was allowed. */
  retryAfterSeconds: number;
}

export interface Cache {
  readonly kind: "redis" | "embedded";
  /** Takes one of `limit` per `periodMs` for `key` (GCRA, burst = limit). Throws `unavailable` when the server is away. */
  take(key: string, limit: number, periodMs: number): Promise<RateDecision>;
  /** Sends a live event to every process that listens on `channel`. At most once: readers re-read the database. */
  publish(channel: string, event: unknown): Promise<void>;
  /** Calls `listener` for each event on `channel`. Returns the function that ends it. */
  subscribe(channel: string, listener: (event: unknown) => void): Promise<() => Promise<void>>;
  /** Throws when the cache cannot be used right now. */
  check(): Promise<void>;
  close(): Promise<void>;
}
