import type { Platform } from "../../platform/platform.ts";
import { requireAllowance, spendAllowance } from "../../platform/cache/rate_limit.ts";

/**
 * Counts one try at somebody's codes: some at once, few for whoever goes on and on, never shut for ever. Throws
 * `rate_limited` with when to try again. Passes when the limiter cannot be asked, as all limits do.
 */
export async function countFactorAttempt(platform: Platform, userId: string): Promise<void> {
  const decision = await spendAllowance(platform, [
    { key: `otp:${userId}`, limit: 5, periodMs: 5 * 60_000 },
    { key: `otp_day:${userId}`, limit: 50, periodMs: 24 * 3600_000 },
  ]);
  requireAllowance(decision, "codes");
}
