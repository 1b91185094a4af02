// Signing in, staying signed in, signing out: for browsers by an opaque cookie, for the API by token pairs.
import { type Actor, type Ctx, type Platform } from "../context.ts";
import { AppError } from "../platform/errors.ts";
import type { Sql } from "../platform/db.ts";
import { newId } from "../platform/ids.ts";
import { record } from "../audit/audit.ts";
import { hashToken, newToken } from "../platform/secrets.ts";
import { requirePerson } from "../users/permissions.ts";
import {
  findUsersByEmail,
  matchPassword,
  presentUser,
  refreshPasswordHash,
  replacePassword,
  touchLogin,
  type UserRow,
} from "../users/users.ts";
import type { Language, Theme, User } from "../users/schema.ts";
import type { Role } from "../context.ts";
import * as queries from "./queries.ts";
import type { SessionRow } from "./queries.ts";
import type { Origin, SignInInput, TokenPair } from "./schema.ts";
import { ACCESS_SECONDS, signAccessToken, successorOf, verifyAccessToken } from "./tokens.ts";

export const SESSION_SECONDS = 30 * 24 * 3600;
const REPLAY_GRACE_SECONDS = 10;
const WRONG = "Incorrect email or password";

/** What pages show of whoever looks at them. */
export interface Viewer {
  id: string;
  name: string;
  email: string;
  role: Role;
  tenantName: string;
  tenantCode: string;
  isSuperuser: boolean;
  language: Language | null;
  theme: Theme;
}

/** A live session: who acts, and what the page says about them. */
export interface SignedIn {
  actor: Actor;
  viewer: Viewer;
}

/**
 * Signs a browser in; answers the cookie's value. Throws `unauthenticated` for a wrong address or password alike and
 * `conflict` when the same address and password fit in several tenants.
 */
export async function signIn(
  platform: Platform,
  input: SignInInput,
  origin: Origin,
): Promise<{ token: string; user: User }> {
  const user = await authenticate(platform, input);
  const token = newToken();
  await platform.db.asSystem((sql) => startSession(sql, user, origin, "browser", hashToken(token)));
  return { token, user: presentUser(user) };
}

/** Signs an API client in; throws as `signIn` does. */
export async function logIn(platform: Platform, input: SignInInput, origin: Origin): Promise<TokenPair> {
  const user = await authenticate(platform, input);
  const refreshToken = newToken();
  const sessionId = await platform.db.asSystem(async (sql) => {
    const id = await startSession(sql, user, origin, "api", null);
    await insertRefreshToken(sql, user.tenant_id, id, refreshToken);
    return id;
  });
  return await tokenPair(platform, user, sessionId, refreshToken);
}

/**
 * Exchanges a refresh token for a new pair. A spent one revokes its whole session, unless it is the immediate parent
 * of an unspent token and was spent within the last 10 s: then the answer was lost, and the same successor is given.
 */
export async function refresh(platform: Platform, refreshToken: string): Promise<TokenPair> {
  const successor = successorOf(platform.config, refreshToken);
  const session = await platform.db.asSystem((sql) => spend(sql, hashToken(refreshToken), successor));
  if (!session) {
    throw new AppError("unauthenticated", "This refresh token is spent, revoked or unknown. Sign in again.");
  }
  const [user] = await platform.db.asSystem((sql) =>
    findUsersByEmail(sql, session.email, session.tenant_code)
  );
  return await tokenPair(platform, user!, session.id, successor);
}

/** Ends the session that the context came by. Throws `forbidden` for an API key, which has none. */
export async function signOut(ctx: Ctx): Promise<void> {
  requirePerson(ctx);
  const id = ctx.actor.sessionId!;
  await ctx.db.asSystem(async (sql) => {
    await queries.revokeSession(sql, id);
    await record(sql, ctx, { action: "session.delete", target: { id } });
  });
}

/** Ends every session of the person. Throws `forbidden` for an API key. */
export async function signOutEverywhere(ctx: Ctx): Promise<void> {
  requirePerson(ctx);
  const id = ctx.actor.userId!;
  await ctx.db.asSystem(async (sql) => {
    await queries.revokeSessionsOf(sql, id, null);
    await record(sql, ctx, { action: "session.delete_all", target: { id, name: ctx.actor.email } });
  });
}

/** Changes the password and ends all other sessions. Throws `invalid` on `current_password` when that is wrong. */
export async function changePassword(ctx: Ctx, current: string, next: string): Promise<void> {
  await replacePassword(ctx, current, next);
  await ctx.db.asSystem((sql) => queries.revokeSessionsOf(sql, ctx.actor.userId!, ctx.actor.sessionId));
}

/** The live session behind a cookie, or undefined. */
export function resumeByCookie(platform: Platform, token: string): Promise<SignedIn | undefined> {
  return resume(platform, (sql) => queries.findByToken(sql, hashToken(token)), "browser");
}

/** The live session behind an access token, or undefined. */
export async function resumeByAccessToken(platform: Platform, token: string): Promise<SignedIn | undefined> {
  const claims = await verifyAccessToken(platform.config, token);
  if (!claims) return undefined;
  return await resume(platform, (sql) => queries.findById(sql, claims.sessionId), "api");
}

/** True while the session still lives; long answers (event streams) ask again from time to time. */
export async function isLive({ db }: Pick<Platform, "db">, sessionId: string): Promise<boolean> {
  const rows = await db.asSystem((sql) => queries.findById(sql, sessionId));
  return rows.length > 0;
}

/** Deletes sessions that ended long ago, some at a time. */
export async function sweepSessions({ db }: Pick<Platform, "db">): Promise<number> {
  const deleted = await db.asSystem((sql) => queries.deleteEndedSessions(sql, 1000));
  return deleted.count;
}

async function authenticate(platform: Platform, input: SignInInput): Promise<UserRow> {
  const candidates = await platform.db.asSystem((sql) =>
    findUsersByEmail(sql, input.email, input.tenant_code)
  );
  const matches = await matchPassword(candidates, input.password);
  const active = matches.filter((user) => user.is_active && user.tenant_status === "active");
  if (active.length > 1) {
    throw new AppError("conflict", "tenant_code needed: this address and password fit in several tenants.");
  }
  if (active.length === 0) throw new AppError("unauthenticated", WRONG);
  await refreshPasswordHash(platform, active[0]!, input.password);
  return active[0]!;
}

async function startSession(
  sql: Sql,
  user: UserRow,
  origin: Origin,
  kind: "browser" | "api",
  tokenHash: string | null,
): Promise<string> {
  const id = newId();
  await queries.insertSession(sql, {
    ...{ id, tenantId: user.tenant_id, userId: user.id, kind, tokenHash, lifetimeSeconds: SESSION_SECONDS },
    ...{ address: origin.address, userAgent: origin.userAgent },
  });
  await touchLogin(sql, user.id);
  const by = {
    actor: actorOfUser(user, id),
    address: origin.address ?? undefined,
    requestId: origin.requestId,
  };
  await record(sql, by, { action: "session.create", target: { id }, after: { kind } });
  return id;
}

function insertRefreshToken(sql: Sql, tenantId: string, sessionId: string, token: string) {
  const tokenHash = hashToken(token);
  return queries.insertRefreshToken(sql, {
    tokenHash,
    tenantId,
    sessionId,
    lifetimeSeconds: SESSION_SECONDS,
  });
}

async function spend(sql: Sql, tokenHash: string, successor: string): Promise<SessionRow | undefined> {
  await queries.lockRefreshToken(sql, tokenHash);
  const [token] = await queries.findRefreshToken(sql, tokenHash, REPLAY_GRACE_SECONDS);
  if (!token || token.expired) return undefined;
  if (token.spent && !token.within_grace) {
    await queries.revokeSession(sql, token.session_id);
    return undefined;
  }
  const [session] = await queries.findById(sql, token.session_id);
  if (session && !token.spent) {
    await queries.spendRefreshToken(sql, tokenHash, hashToken(successor));
    await insertRefreshToken(sql, token.tenant_id, token.session_id, successor);
    await queries.touchSession(sql, session.id, SESSION_SECONDS);
  }
  return session;
}

async function tokenPair(
  platform: Platform,
  user: UserRow,
  sessionId: string,
  refreshToken: string,
): Promise<TokenPair> {
  const claims = { userId: user.id, tenantId: user.tenant_id, sessionId };
  return {
    access_token: await signAccessToken(platform.config, claims),
    refresh_token: refreshToken,
    token_type: "bearer",
    expires_in: ACCESS_SECONDS,
    refresh_expires_in: SESSION_SECONDS,
    user: presentUser(user),
  };
}

function resume(
  platform: Platform,
  find: (sql: Sql) => Promise<SessionRow[]>,
  kind: "browser" | "api",
): Promise<SignedIn | undefined> {
  return platform.db.asSystem(async (sql) => {
    const [row] = await find(sql);
    if (!row || row.kind !== kind) return undefined;
    if (row.stale) await queries.touchSession(sql, row.id, SESSION_SECONDS);
    return { actor: actorOf(row), viewer: viewerOf(row) };
  });
}

function actorOfUser(user: UserRow, sessionId: string): Actor {
  return {
    ...{ tenantId: user.tenant_id, tenantCode: user.tenant_code, userId: user.id, sessionId },
    ...{ role: user.role, isSuperuser: user.is_superuser, email: user.email },
  };
}

function actorOf(row: SessionRow): Actor {
  return {
    tenantId: row.tenant_id,
    tenantCode: row.tenant_code,
    userId: row.user_id,
    sessionId: row.id,
    role: row.role,
    isSuperuser: row.is_superuser,
    email: row.email,
  };
}

function viewerOf(row: SessionRow): Viewer {
  return {
    id: row.user_id,
    name: row.user_name,
    email: row.email,
    role: row.role,
    tenantName: row.tenant_name,
    tenantCode: row.tenant_code,
    isSuperuser: row.is_superuser,
    language: row.language,
    theme: row.theme,
  };
}
