import type { Platform } from "../../platform/platform.ts";
import { networkOf, requireAllowance, spendAllowance } from "../../platform/cache/rate_limit.ts";

const HOUR_MS = 3600_000;
/** Requests per hour for one e-mail address, and from one network address. */
const PER_MAILBOX = 5;
const PER_ADDRESS = 20;

/** Counts a request for a reset. Throws `rate_limited` after too many. Fails open like all rate limits. */
export async function limitResetRequests(platform: Platform, email: string, address?: string): Promise<void> {
  const decision = await spendAllowance(platform, [
    { key: `reset_address:${networkOf(address ?? "unknown")}`, limit: PER_ADDRESS, periodMs: HOUR_MS },
    { key: `reset:${email}`, limit: PER_MAILBOX, periodMs: HOUR_MS },
  ]);
  requireAllowance(decision, "password_resets");
}
