// Sign-ins: how an account is authenticated, by password or passkey, and the session that follows.
import type { Platform } from "../../platform/platform.ts";
import { issueChallenge } from "../challenges/challenges.ts";
import { signInError } from "./reasons.ts";
import { beginAssertion, verifyPasskey } from "../passkeys/passkeys.ts";
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

/** Accounts of one address that a sign-in without a tenant is as fast for as for none. */
const ACCOUNTS = 4;

/**
 * The first step of a browser, by password; an account with a second factor must take a second step. Throws
 * `unauthenticated` for a wrong address or password alike, `conflict` without a tenant when the address has accounts in
 * several and the password is that of any, and `rate_limited` after too many attempts.
 */
export async function signIn(platform: Platform, input: SignInInput, origin: Origin): Promise<SignInResult> {
  const user = await authenticateByPassword(platform, input, origin);
  if (!user.has_second_factor) {
    return { token: await finishSignIn(platform, user, { method: "password" }, origin) };
  }
  return { step: await platform.db.asSystem((sql) => issueChallenge(sql, "second_step", user)) };
}

/**
 * Signs an API client in by password, and `otp` for an account with a second factor. Throws as `signIn` does; also
 * `unauthenticated` on `otp` when that is missing or wrong, and `rate_limited` after too many codes.
 */
export async function signInClient(
  platform: Platform,
  input: ClientSignInInput,
  origin: Origin,
): Promise<TokenPair> {
  const user = await authenticateByPassword(platform, input, origin);
  const method = user.has_second_factor ? await requireOtp(platform, user, input.otp, origin) : "password";
  return await startTokenPair(platform, user, { method }, origin);
}

/** Options for signing in by a passkey without a password. */
export function beginPasskeySignIn(platform: Platform, site: RelyingParty) {
  return beginAssertion(platform, site);
}

/** Signs a browser in by a passkey alone; returns the cookie's value. Throws `unauthenticated`. */
export async function signInByPasskey(
  platform: Platform,
  site: RelyingParty,
  assertion: Assertion,
  origin: Origin,
): Promise<string> {
  const user = await authenticateByPasskey(platform, site, assertion, origin);
  return await finishSignIn(platform, user, { method: "passkey" }, origin);
}

/** Signs an API client in by a passkey alone. Throws `unauthenticated`. */
export async function signInClientByPasskey(
  platform: Platform,
  site: RelyingParty,
  assertion: Assertion,
  origin: Origin,
): Promise<TokenPair> {
  const user = await authenticateByPasskey(platform, site, assertion, origin);
  return await startTokenPair(platform, user, { method: "passkey" }, origin);
}

/**
 * Starts a browser's session for an account that is fully authenticated by `proof`; returns the cookie's value. Throws
 * `unauthenticated` for a deactivated account and a suspended tenant.
 */
export async function finishSignIn(
  platform: Platform,
  user: UserRow,
  proof: Proof,
  origin: Origin,
): Promise<string> {
  if (!user.may_sign_in) {
    logFailure(platform, "inactive", origin, [user]);
    throw signInError("invalid_credentials");
  }
  return await platform.db.asSystem(async (sql) => {
    await touchLogin(sql, user.id);
    return await startBrowserSession(sql, platform.config, user, proof, origin);
  });
}

async function authenticateByPassword(
  platform: Platform,
  input: SignInInput,
  origin: Origin,
): Promise<UserRow> {
  await countSignInAttempt(platform, input.email, origin.address);
  const candidates = await platform.db.asSystem((sql) =>
    findUsersByEmail(sql, input.email, input.tenant_code ?? undefined)
  );
  const matches = await matchPassword(candidates, input.password, { step: input.tenant_code ? 1 : ACCOUNTS });
  const [match] = matches.filter((user) => user.may_sign_in);
  if (!match) {
    logFailure(platform, matches.length > 0 ? "inactive" : "password", origin, candidates);
    throw signInError("invalid_credentials");
  }
  // Also when one account alone fits: otherwise the owner of one could try the password of another.
  if (candidates.filter((user) => user.may_sign_in && user.has_password).length > 1) {
    logFailure(platform, "tenant_missing", origin, candidates);
    throw signInError("tenant_required");
  }
  await rehashPassword(platform, match, input.password);
  return match;
}

async function requireOtp(
  platform: Platform,
  user: UserRow,
  otp: string | undefined,
  origin: Origin,
): Promise<SignInMethod> {
  if (otp === undefined) throw signInError("otp_required");
  const method = await spendOtp(platform, user.id, otp);
  if (method) return method;
  logFailure(platform, "otp", origin, [user]);
  throw signInError("otp_invalid");
}

async function authenticateByPasskey(
  platform: Platform,
  site: RelyingParty,
  assertion: Assertion,
  origin: Origin,
): Promise<UserRow> {
  const userId = await verifyPasskey(platform, site, assertion);
  const user = userId ? await platform.db.asSystem((sql) => findUserById(sql, userId)) : undefined;
  if (user?.may_sign_in) return user;
  logFailure(platform, user ? "inactive" : "passkey", origin, user ? [user] : []);
  throw signInError("passkey_unknown");
}
