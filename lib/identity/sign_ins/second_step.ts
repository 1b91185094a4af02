// The second step of a browser's sign-in: the password was right, now a code or a passkey.
import type { Platform } from "../../platform/platform.ts";
import { consumeChallenge, findChallenge } from "../challenges/challenges.ts";
import { signInError } from "./reasons.ts";
import { beginAssertion, proveAssertion } from "../passkeys/passkeys.ts";
import type { Assertion, RelyingParty } from "../passkeys/schema.ts";
import { readSecondFactor } from "../second_factors/second_factors.ts";
import type { SecondFactor } from "../second_factors/schema.ts";
import { spendOtp } from "../second_factors/otp.ts";
import type { Origin, SignInMethod } from "../sessions/schema.ts";
import { findUserById, type UserRow } from "../users/users.ts";
import { logFailure } from "./failures.ts";
import { finishSignIn } from "./sign_ins.ts";

/** What the person who owes this step has to show; undefined when there is no such step (any more). */
export function findSecondStep({ db }: Platform, step: string): Promise<SecondFactor | undefined> {
  return db.asSystem(async (sql) => {
    const owed = await findChallenge(sql, "second_step", step);
    return owed ? await readSecondFactor(sql, owed.user_id!) : undefined;
  });
}

/**
 * Ends the step by a code; answers the cookie's value. Throws `invalid` on `otp` for a wrong one, `rate_limited` after
 * several, `unauthenticated` when the step is over and the sign-in has to begin again.
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
    throw signInError("step_code_wrong");
  }
  return await finish(platform, step, user, method, origin);
}

/** Options for ending the step by a passkey of that person. Throws `unauthenticated` when the step is over. */
export async function beginPasskeyStep(platform: Platform, site: RelyingParty, step: string) {
  const { id } = await requirePendingStep(platform, step);
  return await beginAssertion(platform, site, id);
}

/** Ends the step by a passkey; answers the cookie's value. Throws `invalid` on `credential`, and as `finishByCode`. */
export async function finishByPasskey(
  platform: Platform,
  site: RelyingParty,
  step: string,
  assertion: Assertion,
  origin: Origin,
): Promise<string> {
  const user = await requirePendingStep(platform, step);
  if (await proveAssertion(platform, site, assertion) !== user.id) {
    logFailure(platform, "passkey", origin, [user]);
    throw signInError("step_passkey_wrong");
  }
  return await finish(platform, step, user, "passkey", origin);
}

async function requirePendingStep({ db }: Platform, step: string): Promise<UserRow> {
  const user = await db.asSystem(async (sql) => {
    const owed = await findChallenge(sql, "second_step", step);
    return owed && await findUserById(sql, owed.user_id!);
  });
  if (!user) throw signInError("step_over");
  return user;
}

async function finish(
  platform: Platform,
  step: string,
  user: UserRow,
  method: SignInMethod,
  origin: Origin,
): Promise<string> {
  const taken = await platform.db.asSystem((sql) => consumeChallenge(sql, "second_step", step));
  if (!taken) throw signInError("step_over");
  return await finishSignIn(platform, user, { method, provider: taken.provider ?? undefined }, origin);
}
