// An authenticator app, as somebody's phone has it, with a clock that stands still.
import { TOTP } from "otpauth";
import type { TestPlatform } from "./stack.ts";

const STEP_MS = 30_000;

/**
 * Stops the server's clock; answers what the app shows at that moment, `ahead` time steps later or earlier. The codes of
 * one step before and after are taken too.
 */
export function stopClock({ platform }: TestPlatform): (secret: string, ahead?: number) => string {
  const now = Date.now();
  platform.clock = { now: () => now };
  return (secret, ahead = 0) => new TOTP({ secret }).generate({ timestamp: now + ahead * STEP_MS });
}
