// An authenticator app (RFC 6238) whose clock is stopped.
import { TOTP } from "otpauth";
import type { TestPlatform } from "./stack.ts";

const STEP_MS = 30_000;

/**
 * Stops the server's clock; answers the function that computes the code of a secret at that moment, or `ahead` time steps
 * later (negative: earlier). The server also accepts the codes of one step before and after.
 */
export function stopClock({ platform }: TestPlatform): (secret: string, ahead?: number) => string {
  const now = Date.now();
  platform.clock = { now: () => now };
  return (secret, ahead = 0) => new TOTP({ secret }).generate({ timestamp: now + ahead * STEP_MS });
}
