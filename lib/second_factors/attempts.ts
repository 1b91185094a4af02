import type { Platform } from "../context.ts";
import { AppError } from "../platform/errors.ts";
import { rateLimitFailures } from "../platform/metrics.ts";

/** So many codes in so many milliseconds: some at once, few for whoever goes on and on. Never shut for ever. */
const RULES: [limit: number, periodMs: number][] = [[5, 5 * 60_000], [50, 24 * 3600_000]];

/**
 * Counts one try at somebody's codes. Throws `rate_limited` with when to try again. Passes when the limiter cannot be
 * asked, as all limits do.
 */
export async function countAttempt({ cache, log }: Platform, userId: string): Promise<void> {
  for (const [limit, periodMs] of RULES) {
    const decision = await cache.take(`otp:${periodMs}:${userId}`, limit, periodMs).catch((error) => {
      rateLimitFailures.inc();
      log.warn("rate_limit_unavailable", { error });
    });
    if (!decision || decision.allowed) continue;
    const wait = Math.max(1, Math.ceil(decision.retryAfterSeconds));
    throw new AppError("rate_limited", `Too many codes were tried. Try again in ${wait} s.`, {
      retryAfter: wait,
    });
  }
}
