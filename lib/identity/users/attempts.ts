// Guessing is slow: so many tries a minute with one account and from one address, whether or not they succeed. Nobody is
// ever locked out for longer than that, so nobody can lock out somebody else for good.
import { createHash } from "node:crypto";
import type { Platform } from "../../platform/platform.ts";
import { networkOf, perMinute, requireAllowance, spendAllowance } from "../../platform/cache/rate_limit.ts";

/**
 * Counts a try to prove that one is `account` (an e-mail address or a person's id). Throws `rate_limited` when there
 * were too many lately. Known and unknown accounts are counted alike.
 */
export async function countSignInAttempt(
  platform: Pick<Platform, "cache" | "config" | "log">,
  account: string,
  address: string | null,
): Promise<void> {
  const { RATE_LIMIT_SIGN_IN_PER_MINUTE, RATE_LIMIT_SIGN_IN_ADDRESS_PER_MINUTE } = platform.config;
  // Hashed: a cache is no place for people's addresses, and keys have one length then.
  const whom = createHash("sha256").update(account.toLowerCase()).digest("base64url");
  const network = networkOf(address ?? "unknown");
  requireAllowance(
    await spendAllowance(platform, [
      perMinute("sign_in", whom, RATE_LIMIT_SIGN_IN_PER_MINUTE),
      perMinute("sign_in_address", network, RATE_LIMIT_SIGN_IN_ADDRESS_PER_MINUTE),
    ]),
  );
}
