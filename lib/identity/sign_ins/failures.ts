import type { Platform } from "../../platform/platform.ts";
import type { Origin } from "../sessions/schema.ts";

/**
 * What was wrong; `inactive`: nothing, but the account is deactivated or its tenant suspended; `tenant_missing`: the password
 * is that of one of several accounts of the address, without saying of which.
 */
export type Failure = "password" | "otp" | "passkey" | "inactive" | "tenant_missing";

/**
 * Logs a failed sign-in with the accounts that it concerned. An address without an account is not logged, since people
 * mistype passwords into that field.
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
