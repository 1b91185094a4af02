// Rate limits against password guessing: sign-in attempts per minute for one account and from one network, successful or not.
// There is no lasting lockout, which would let anyone lock others out.
import { createHash } from "node:crypto";
import type { Platform } from "../../platform/platform.ts";
import { networkOf, perMinute, requireAllowance, spendAllowance } from "../../platform/cache/rate_limit.ts";

/**
 * Counts an attempt to authenticate as `account` (an e-mail address or an account's id). Throws `rate_limited` after too
 * many. Known and unknown accounts are counted alike.
 */
export async function countSignInAttempt(
  platform: Pick<Platform, "cache" | "config" | "log">,
  account: string,
  address: string | null,
): Promise<void> {
  const { RATE_LIMIT_SIGN_IN_PER_MINUTE, RATE_LIMIT_SIGN_IN_ADDRESS_PER_MINUTE } = platform.config;
  // Hashed, so that no e-mail address is kept in the cache and keys have one length.
  const subject = createHash("sha256").update(account.toLowerCase()).digest("base64url");
  const network = networkOf(address ?? "unknown");
  requireAllowance(
    await spendAllowance(platform, [
      perMinute("sign_in", subject, RATE_LIMIT_SIGN_IN_PER_MINUTE),
      perMinute("sign_in_address", network, RATE_LIMIT_SIGN_IN_ADDRESS_PER_MINUTE),
    ]),
  );
}
