import type { Platform } from "../context.ts";
import { AppError } from "../platform/errors.ts";
import { rateLimitFailures } from "../platform/metrics.ts";

const HOUR_MS = 3600_000;
/** So many messages an hour to one mailbox, whoever asks, and for one address on the network, whomever it names. */
const PER_ACCOUNT = 5;
const PER_ADDRESS = 20;

/** Throws `rate_limited` when a mailbox or an address has had its share. Passes when the limiter cannot be asked. */
export async function requireRoom(platform: Platform, email: string, address?: string): Promise<void> {
  await take(platform, `reset:address:${address ?? "unknown"}`, PER_ADDRESS);
  await take(platform, `reset:account:${email}`, PER_ACCOUNT);
}

async function take({ cache, log }: Platform, key: string, limit: number): Promise<void> {
  const decision = await cache.take(key, limit, HOUR_MS).catch((error) => {
    rateLimitFailures.inc();
    log.warn("rate_limit_unavailable", { error });
  });
  if (!decision || decision.allowed) return;
  const wait = Math.max(1, Math.ceil(decision.retryAfterSeconds));
  throw new AppError("rate_limited", `Asked for too often. Try again in ${wait} s.`, { retryAfter: wait });
}
