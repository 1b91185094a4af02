// Coming in: how somebody proves who they are, and the one place where that becomes a session.
import type { Platform } from "../../platform/platform.ts";
import { issueChallenge } from "../challenges/challenges.ts";
import { signInError } from "./reasons.ts";
import { beginAssertion, proveAssertion } from "../passkeys/passkeys.ts";
import type { Assertion, RelyingParty } from "../passkeys/schema.ts";
import { spendOtp } from "../second_factors/otp.ts";
import { startBrowserSession } from "../sessions/sessions.ts";
import type { Origin, Proof, SignInMethod } from "../sessions/schema.ts";
import { countSignInAttempt } from "../users/attempts.ts";
import {
  findUserById,
  findUsersByEmail,
  matchPassword,
  rehashPassword,
  touchLogin,
  type UserRow,
} from "../users/users.ts";
import { logFailure } from "./failures.ts";
import type { ClientSignInInput, SignInInput, SignInResult, TokenPair } from "./schema.ts";
import { startTokenPair } from "./token_pairs.ts";

/**
 * The first step of a browser, by password. Whoever has a second factor owes a second step. Throws `unauthenticated` for
 * a wrong address or password alike, `conflict` when the same address and password fit in several tenants and
 * `rate_limited` after too many tries.
 */
export async function signIn(platform: Platform, input: SignInInput, origin: Origin): Promise<SignInResult> {
  const user = await authenticate(platform, input, origin);
  if (!user.has_second_factor) {
    return { token: await finishSignIn(platform, user, { method: "password" }, origin) };
  }
  return { step: await platform.db.asSystem((sql) => issueChallenge(sql, "second_step", user)) };
}

/**
 * Signs an API client in by password, with `otp` where somebody has a second factor. Throws as `signIn` does; also
 * `unauthenticated` that names `otp` when that is missing or wrong, and `rate_limited` after several wrong ones.
 */
export async function signInClient(
  platform: Platform,
  input: ClientSignInInput,
  origin: Origin,
): Promise<TokenPair> {
  const user = await authenticate(platform, input, origin);
  const method = user.has_second_factor ? await requireOtp(platform, user, input.otp, origin) : "password";
  return await startTokenPair(platform, user, { method }, origin);
}

/** Options for signing in by a passkey alone. */
export function beginPasskeySignIn(platform: Platform, site: RelyingParty) {
  return beginAssertion(platform, site);
}

/** Signs a browser in by a passkey alone; answers the cookie's value. Throws `unauthenticated`. */
export async function signInByPasskey(
  platform: Platform,
  site: RelyingParty,
  assertion: Assertion,
  origin: Origin,
): Promise<string> {
  const user = await prove(platform, site, assertion, origin);
  return await finishSignIn(platform, user, { method: "passkey" }, origin);
}

/** Signs an API client in by a passkey alone. Throws `unauthenticated`. */
export async function signInClientByPasskey(
  platform: Platform,
  site: RelyingParty,
  assertion: Assertion,
  origin: Origin,
): Promise<TokenPair> {
  const user = await prove(platform, site, assertion, origin);
  return await startTokenPair(platform, user, { method: "passkey" }, origin);
}

/**
 * Lets a browser in as `user`, who has proven to be that by `proof` and owes nothing more; answers the cookie's value.
 * Throws `unauthenticated` for somebody deactivated and for a suspended tenant.
 */
export async function finishSignIn(
  platform: Platform,
  user: UserRow,
  proof: Proof,
  origin: Origin,
): Promise<string> {
  if (!user.may_sign_in) {
    logFailure(platform, "inactive", origin, [user]);
    throw signInError("wrong");
  }
  return await platform.db.asSystem(async (sql) => {
    await touchLogin(sql, user.id);
    return await startBrowserSession(sql, platform.config, user, proof, origin);
  });
}

async function authenticate(platform: Platform, input: SignInInput, origin: Origin): Promise<UserRow> {
  await countSignInAttempt(platform, input.email, origin.address);
  const candidates = await platform.db.asSystem((sql) =>
    findUsersByEmail(sql, input.email, input.tenant_code ?? undefined)
  );
  const matches = await matchPassword(candidates, input.password);
  const active = matches.filter((user) => user.may_sign_in);
  if (active.length > 1) throw signInError("tenant_needed");
  if (active.length === 0) {
    logFailure(platform, matches.length > 0 ? "inactive" : "password", origin, candidates);
    throw signInError("wrong");
  }
  await rehashPassword(platform, active[0]!, input.password);
  return active[0]!;
}

async function requireOtp(
  platform: Platform,
  user: UserRow,
  otp: string | undefined,
  origin: Origin,
): Promise<SignInMethod> {
  if (otp === undefined) throw signInError("otp_needed");
  const method = await spendOtp(platform, user.id, otp);
  if (method) return method;
  logFailure(platform, "otp", origin, [user]);
  throw signInError("otp_wrong");
}

async function prove(
  platform: Platform,
  site: RelyingParty,
  assertion: Assertion,
  origin: Origin,
): Promise<UserRow> {
  const userId = await proveAssertion(platform, site, assertion);
  const user = userId ? await platform.db.asSystem((sql) => findUserById(sql, userId)) : undefined;
  if (user?.may_sign_in) return user;
  logFailure(platform, user ? "inactive" : "passkey", origin, user ? [user] : []);
  throw signInError("passkey_unknown");
}
