// A code as the second step of a sign-in.
import type { Platform } from "../../platform/platform.ts";
import { countFactorAttempt } from "./attempts.ts";
import { spendCode } from "./recovery_codes.ts";
import { spendTotp } from "./totp.ts";

/**
 * Spends a code of somebody's authenticator app or a recovery code; answers which, undefined when it is neither or was
 * used before. Throws `rate_limited` after several wrong ones.
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
