// Coming in: how somebody proves who they are, and the one place where that becomes a session.
import type { Platform } from "../context.ts";
import { AppError } from "../platform/errors.ts";
import { startApiSession, startBrowserSession } from "../sessions/sessions.ts";
import type { Origin, SignInMethod, TokenPair } from "../sessions/schema.ts";
import { findUsersByEmail, matchPassword, refreshPasswordHash, type UserRow } from "../users/users.ts";
import type { SignInInput } from "./schema.ts";

const WRONG = "Incorrect email or password";

/**
 * Signs a browser in by password; answers the cookie's value. Throws `unauthenticated` for a wrong address or password
 * alike and `conflict` when the same address and password fit in several tenants.
 */
export async function signIn(
  platform: Platform,
  input: SignInInput,
  origin: Origin,
): Promise<{ token: string }> {
  const user = await authenticate(platform, input);
  return { token: await finishSignIn(platform, user, "password", origin) };
}

/** Signs an API client in by password; throws as `signIn` does. */
export async function logIn(platform: Platform, input: SignInInput, origin: Origin): Promise<TokenPair> {
  const user = await authenticate(platform, input);
  return await startApiSession(platform, requireActive(user), "password", origin);
}

/**
 * Lets a browser in as `user`, who has proven to be that by `method` and owes nothing more; answers the cookie's value.
 * Throws `unauthenticated` for somebody deactivated and for a suspended tenant.
 */
export function finishSignIn(
  platform: Platform,
  user: UserRow,
  method: SignInMethod,
  origin: Origin,
): Promise<string> {
  return startBrowserSession(platform, requireActive(user), method, origin);
}

async function authenticate(platform: Platform, input: SignInInput): Promise<UserRow> {
  const candidates = await platform.db.asSystem((sql) =>
    findUsersByEmail(sql, input.email, input.tenant_code)
  );
  const matches = await matchPassword(candidates, input.password);
  const active = matches.filter(isActive);
  if (active.length > 1) {
    throw new AppError("conflict", "tenant_code needed: this address and password fit in several tenants.");
  }
  if (active.length === 0) throw new AppError("unauthenticated", WRONG);
  await refreshPasswordHash(platform, active[0]!, input.password);
  return active[0]!;
}

function requireActive(user: UserRow): UserRow {
  if (!isActive(user)) throw new AppError("unauthenticated", WRONG);
  return user;
}

function isActive(user: UserRow): boolean {
  return user.is_active && user.tenant_status === "active";
}
