// One-time codes as the second step of a sign-in.
import type { Platform } from "../../platform/platform.ts";
import { countFactorAttempt } from "./attempts.ts";
import { spendCode } from "./recovery_codes.ts";
import { spendTotp } from "./totp.ts";

/**
 * Spends a code of the account's authenticator app or a recovery code. Returns which it was, undefined for a wrong or spent
 * one. Throws `rate_limited` after too many attempts.
 */
export async function spendOtp(
  platform: Platform,
  userId: string,
  otp: string,
): Promise<"totp" | "recovery_code" | undefined> {
  await countFactorAttempt(platform, userId);
  return await platform.db.asSystem(async (sql) => {
    if (await spendTotp(sql, platform, userId, otp)) return "totp";
    if (await spendCode(sql, userId, otp)) return "recovery_code";
    return undefined;
  });
}
