import type { Platform } from "../../platform/platform.ts";
import { requireAllowance, spendAllowance } from "../../platform/cache/rate_limit.ts";

/**
 * Counts one attempt at the codes of an account: a few in a row, fewer over a day, and no lasting lockout. Throws
 * `rate_limited` with when to try again. Fails open like all rate limits.
 */
export async function countFactorAttempt(platform: Platform, userId: string): Promise<void> {
  const decision = await spendAllowance(platform, [
    { key: `otp:${userId}`, limit: 5, periodMs: 5 * 60_000 },
    { key: `otp_day:${userId}`, limit: 50, periodMs: 24 * 3600_000 },
  ]);
  requireAllowance(decision, "codes");
}
