import type { Platform } from "../../platform/platform.ts";
import { networkOf, requireAllowance, spendAllowance } from "../../platform/cache/rate_limit.ts";

const HOUR_MS = 3600_000;
/** So many messages an hour to one mailbox, whoever asks, and for one address on the network, whomever it names. */
const PER_ACCOUNT = 5;
const PER_ADDRESS = 20;

/** Throws `rate_limited` when a mailbox or an address has had its share. Passes when the limiter cannot be asked. */
export async function limitResetRequests(platform: Platform, email: string, address?: string): Promise<void> {
  const decision = await spendAllowance(platform, [
    { key: `reset_address:${networkOf(address ?? "unknown")}`, limit: PER_ADDRESS, periodMs: HOUR_MS },
    { key: `reset:${email}`, limit: PER_ACCOUNT, periodMs: HOUR_MS },
  ]);
  requireAllowance(decision, "resets");
}
