// Signing in, staying signed in, signing out: for browsers by an opaque cookie, for the API by token pairs.
import type { Actor, Ctx } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Config } from "../../platform/config.ts";
import type { Sql } from "../../platform/db/database.ts";
import { newId } from "../../platform/ids.ts";
import { record } from "../../audit/audit.ts";
import { dropChallenges } from "../challenges/challenges.ts";
import { tellOfChange } from "../security_notices/security_notices.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import { requirePerson } from "../../access/permissions.ts";
import { replacePassword, touchLogin, type UserRow } from "../users/users.ts";
import type { Language } from "../../platform/languages.ts";
import type { Theme } from "../users/schema.ts";
import type { Role } from "../../access/context.ts";
import { changeFactors } from "./own_sessions.ts";
import * as queries from "./queries.ts";
import type { SessionRow } from "./queries.ts";
import { type Origin, type Proof, secondsLeft, type TokenPair } from "./schema.ts";
import { keepRefreshToken, tokenPair } from "./token_pairs.ts";
import { verifyAccessToken } from "./tokens.ts";

/** How long the token before the present one is good for requests that were on their way. */
const GRACE_SECONDS = 10;

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
  /** Their tenant takes no changes from them. */
  isReadOnly: boolean;
}

/** A live session: who acts, and what the page says about them. */
export interface SignedIn {
  actor: Actor;
  viewer: Viewer;
  /** Rights or factors have changed: the browser is to get another token. */
  isRotationDue?: boolean;
}

/** Starts a session in a browser for somebody who has proven who they are; answers the cookie's value. */
export async function startBrowserSession(
  { config, db }: Pick<Platform, "config" | "db">,
  user: UserRow,
  proof: Proof,
  origin: Origin,
): Promise<string> {
  const token = newToken();
  await db.asSystem((sql) => startSession(sql, config, user, proof, origin, hashToken(token)));
  return token;
}

/** Starts a session of an API client; answers its first token pair. */
export async function startApiSession(
  platform: Platform,
  user: UserRow,
  proof: Proof,
  origin: Origin,
): Promise<TokenPair> {
  const refreshToken = newToken();
  const sessionId = await platform.db.asSystem(async (sql) => {
    const id = await startSession(sql, platform.config, user, proof, origin);
    await keepRefreshToken(sql, user.tenant_id, id, refreshToken, secondsLeft(platform.config));
    return id;
  });
  return await tokenPair(platform, user, sessionId, refreshToken);
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

/** Ends every session of the person, this one too: whoever fears a thief need prove nothing. `forbidden` for an API key. */
export async function signOutEverywhere(ctx: Ctx): Promise<void> {
  requirePerson(ctx);
  const id = ctx.actor.userId!;
  await ctx.db.asSystem(async (sql) => {
    await queries.revokeSessionsOf(sql, id, null);
    await record(sql, ctx, { action: "session.delete_all", target: { id, name: ctx.actor.email } });
  });
}

/**
 * Changes the password and tells its owner; all other sessions and half-done sign-ins end, this browser gets another
 * session token. Throws `invalid` on `current_password` when that is wrong.
 */
export async function changePassword(ctx: Ctx, current: string, next: string): Promise<void> {
  await replacePassword(ctx, current, next);
  await ctx.db.asSystem(async (sql) => {
    await dropChallenges(sql, ctx.actor.userId!);
    await tellOfChange(sql, ctx, ctx.actor.userId!, "password_changed");
    await changeFactors(sql, ctx, { endOthers: true });
  });
}

/** Another token for a session where one is due; undefined where none is. Of several who ask at once, one gets it. */
export async function rotateSession({ db }: Pick<Platform, "db">, id: string): Promise<string | undefined> {
  const token = newToken();
  const { count } = await db.asSystem((sql) => queries.rotateToken(sql, id, hashToken(token)));
  return count > 0 ? token : undefined;
}

/** Ends the session that a cookie still stands for, when its browser signs in anew. */
export async function endByCookie({ db }: Pick<Platform, "db">, token: string): Promise<void> {
  await db.asSystem((sql) => queries.revokeByToken(sql, hashToken(token)));
}

/** The live session behind a cookie, or undefined. */
export function resumeByCookie(platform: Platform, token: string): Promise<SignedIn | undefined> {
  return resume(platform, (sql) => queries.findByToken(sql, hashToken(token), GRACE_SECONDS), "browser");
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

async function startSession(
  sql: Sql,
  config: Config,
  user: UserRow,
  { method, provider, isStrong = false }: Proof,
  origin: Origin,
  tokenHash: string | null = null,
): Promise<string> {
  const id = newId();
  const kind = tokenHash ? "browser" : "api";
  await queries.insertSession(sql, {
    id,
    tenantId: user.tenant_id,
    userId: user.id,
    kind,
    tokenHash,
    isStrong,
    address: origin.address,
    userAgent: origin.userAgent,
    lifetimeSeconds: secondsLeft(config),
  });
  await touchLogin(sql, user.id);
  const by = {
    actor: actorOfUser(user, id),
    address: origin.address ?? undefined,
    requestId: origin.requestId,
  };
  await record(sql, by, { action: "session.create", target: { id }, after: { kind, method, provider } });
  return id;
}

function resume(
  platform: Platform,
  find: (sql: Sql) => Promise<SessionRow[]>,
  kind: "browser" | "api",
): Promise<SignedIn | undefined> {
  return platform.db.asSystem(async (sql) => {
    const [row] = await find(sql);
    if (!row || row.kind !== kind) return undefined;
    const left = secondsLeft(platform.config, row.age_seconds);
    if (left <= 0) return undefined;
    if (row.stale) await queries.touchSession(sql, row.id, left);
    return { actor: actorOf(row), viewer: viewerOf(row), isRotationDue: row.rotation_due };
  });
}

function actorOfUser(user: UserRow, sessionId: string): Actor {
  return {
    tenantId: user.tenant_id,
    tenantCode: user.tenant_code,
    userId: user.id,
    sessionId,
    role: user.role,
    isSuperuser: user.is_superuser,
    email: user.email,
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
    mustEnrol: row.must_enrol,
    isReadOnly: row.is_read_only,
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
    isReadOnly: row.is_read_only && !row.is_superuser,
  };
}
