import type { Platform } from "../../platform/platform.ts";
import type { Origin } from "../sessions/schema.ts";

/** What did not hold; `inactive`: all of it did, and the account or its tenant is shut. */
export type Failure = "password" | "otp" | "passkey" | "inactive";

/**
 * Says in the log that somebody was not let in, with the accounts that it was about. An address without one is not
 * named: people type their passwords there.
 */
export function logFailure(
  { log }: Pick<Platform, "log">,
  reason: Failure,
  { address, requestId }: Origin,
  accounts: { id: string }[] = [],
): void {
  const user_ids = accounts.map(({ id }) => id);
  log.warn("sign_in_failed", { reason, address, request_id: requestId, user_ids });
}
