// The second step of a browser's sign-in, after the password: a code or a passkey.
import type { Platform } from "../../platform/platform.ts";
import { consumeChallenge, findChallenge } from "../challenges/challenges.ts";
import { signInError } from "./reasons.ts";
import { beginAssertion, verifyPasskey } from "../passkeys/passkeys.ts";
import type { Assertion, RelyingParty } from "../passkeys/schema.ts";
import { readSecondFactor } from "../second_factors/second_factors.ts";
import type { SecondFactor } from "../second_factors/schema.ts";
import { spendOtp } from "../second_factors/otp.ts";
import type { Origin, SignInMethod } from "../sessions/schema.ts";
import { findUserById, type UserRow } from "../users/users.ts";
import { logFailure } from "./failures.ts";
import { finishSignIn } from "./sign_ins.ts";

/** The second factors that can finish this step; undefined when the step is unknown or expired. */
export function findSecondStep({ db }: Platform, step: string): Promise<SecondFactor | undefined> {
  return db.asSystem(async (sql) => {
    const pending = await findChallenge(sql, "second_step", step);
    return pending ? await readSecondFactor(sql, pending.user_id!) : undefined;
  });
}

/**
 * Finishes the step by a code; returns the cookie's value. Throws `invalid` on `otp` for a wrong one, `rate_limited` after
 * several, `unauthenticated` when the step has expired and the sign-in must begin again.
 */
export async function finishByCode(
  platform: Platform,
  step: string,
  otp: string,
  origin: Origin,
): Promise<string> {
  const user = await requirePendingStep(platform, step);
  const method = await spendOtp(platform, user.id, otp);
  if (!method) {
    logFailure(platform, "otp", origin, [user]);
    throw signInError("step_code_invalid");
  }
  return await finish(platform, step, user, method, origin);
}

/** Options for finishing the step by a passkey of that account. Throws `unauthenticated` when the step has expired. */
export async function beginPasskeyStep(platform: Platform, site: RelyingParty, step: string) {
  const { id } = await requirePendingStep(platform, step);
  return await beginAssertion(platform, site, id);
}

/** Finishes the step by a passkey; returns the cookie's value. Throws `invalid` on `credential`, and as `finishByCode`. */
export async function finishByPasskey(
  platform: Platform,
  site: RelyingParty,
  step: string,
  assertion: Assertion,
  origin: Origin,
): Promise<string> {
  const user = await requirePendingStep(platform, step);
  if (await verifyPasskey(platform, site, assertion) !== user.id) {
    logFailure(platform, "passkey", origin, [user]);
    throw signInError("step_passkey_invalid");
  }
  return await finish(platform, step, user, "passkey", origin);
}

async function requirePendingStep({ db }: Platform, step: string): Promise<UserRow> {
  const user = await db.asSystem(async (sql) => {
    const pending = await findChallenge(sql, "second_step", step);
    return pending && await findUserById(sql, pending.user_id!);
  });
  if (!user) throw signInError("step_expired");
  return user;
}

async function finish(
  platform: Platform,
  step: string,
  user: UserRow,
  method: SignInMethod,
  origin: Origin,
): Promise<string> {
  const consumed = await platform.db.asSystem((sql) => consumeChallenge(sql, "second_step", step));
  if (!consumed) throw signInError("step_expired");
  return await finishSignIn(platform, user, { method, provider: consumed.provider ?? undefined }, origin);
}
