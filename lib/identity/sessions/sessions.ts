// Sessions: started for an account, resumed by the token of each request, rotated, revoked. Browsers carry an opaque
// cookie, API clients an access token that names the session.
import { makeActor } from "../../access/context.ts";
import { record } from "../../audit/audit.ts";
import type { Config } from "../../platform/config.ts";
import type { Sql } from "../../platform/db/database.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import { signedInBy } from "../principals/principals.ts";
import type { SignedIn } from "../principals/schema.ts";
import * as queries from "./queries.ts";
import type { SessionRow } from "./queries.ts";
import { storeRefreshToken } from "./refresh_tokens.ts";
import { type Origin, type Proof, secondsLeft, type SessionOwner } from "./schema.ts";
import { verifyAccessToken } from "./tokens.ts";

/** How long the previous token stays valid for requests in flight. */
const GRACE_SECONDS = 10;
const SWEEP_BATCH = 1_000;

/** A live session. */
export interface Resumed extends SignedIn {
  /** Rights or factors have changed: the browser must get another token. */
  isRotationDue: boolean;
}

/** Starts a browser's session for an authenticated account, in the caller's transaction. Returns the cookie's value. */
export async function startBrowserSession(
  sql: Sql,
  config: Config,
  owner: SessionOwner,
  proof: Proof,
  origin: Origin,
): Promise<string> {
  const token = newToken();
  await startSession(sql, config, owner, proof, origin, hashToken(token));
  return token;
}

/** Starts an API client's session, in the caller's transaction. Returns its id and first refresh token. */
export async function startApiSession(
  sql: Sql,
  config: Config,
  owner: SessionOwner,
  proof: Proof,
  origin: Origin,
): Promise<{ sessionId: string; refreshToken: string }> {
  const refreshToken = newToken();
  const sessionId = await startSession(sql, config, owner, proof, origin);
  await storeRefreshToken(sql, owner.tenant_id, sessionId, refreshToken, secondsLeft(config));
  return { sessionId, refreshToken };
}

/** The live session of a cookie; undefined when there is none. */
export function resumeByCookie(platform: Platform, token: string): Promise<Resumed | undefined> {
  return resume(platform, "browser", (sql) => queries.findByToken(sql, hashToken(token), GRACE_SECONDS));
}

/** The live session of an access token; undefined when there is none. */
export async function resumeByAccessToken(platform: Platform, token: string): Promise<Resumed | undefined> {
  const claims = await verifyAccessToken(platform.config, token);
  if (!claims) return undefined;
  return await resume(platform, "api", (sql) => queries.findById(sql, claims.sessionId));
}

/** True while the session is live; event streams ask again from time to time, since it can be revoked. */
export async function isLive({ db }: Pick<Platform, "db">, sessionId: string): Promise<boolean> {
  const rows = await db.asSystem((sql) => queries.findById(sql, sessionId));
  return rows.length > 0;
}

/** Replaces a session's token if rotation is due; undefined otherwise. Of parallel requests, one gets the new token. */
export async function rotateSession({ db }: Pick<Platform, "db">, id: string): Promise<string | undefined> {
  const token = newToken();
  const { count } = await db.asSystem((sql) => queries.rotateToken(sql, id, hashToken(token)));
  return count > 0 ? token : undefined;
}

/** Revokes the session of a cookie, when its browser signs in again. */
export async function revokeByCookie({ db }: Pick<Platform, "db">, token: string): Promise<void> {
  await db.asSystem((sql) => queries.revokeByToken(sql, hashToken(token)));
}

/** Revokes every session of an account but `exceptId`, in the caller's transaction. */
export async function revokeSessionsOf(
  sql: Sql,
  userId: string,
  { exceptId = null }: { exceptId?: string | null } = {},
): Promise<void> {
  await queries.revokeAll(sql, userId, exceptId);
}

/** Has the browsers of an account get another token with their next request, in the caller's transaction. */
export async function rotateSessionsOf(sql: Sql, userId: string): Promise<void> {
  await queries.markAllForRotation(sql, userId);
}

/** Deletes sessions that ended long ago, in batches. Returns how many. */
export async function sweepSessions({ db }: Pick<Platform, "db">): Promise<number> {
  const deleted = await db.asSystem((sql) => queries.deleteEndedSessions(sql, SWEEP_BATCH));
  return deleted.count;
}

async function startSession(
  sql: Sql,
  config: Config,
  owner: SessionOwner,
  { method, provider, isStrong = false }: Proof,
  { address, userAgent, requestId }: Origin,
  tokenHash: string | null = null,
): Promise<string> {
  const id = newId();
  const kind = tokenHash ? "browser" : "api";
  await queries.insertSession(sql, {
    id,
    tenantId: owner.tenant_id,
    userId: owner.id,
    kind,
    tokenHash,
    isStrong,
    address,
    userAgent,
    lifetimeSeconds: secondsLeft(config),
  });
  const by = { actor: actorOf(owner, id), address: address ?? undefined, requestId };
  await record(sql, by, { action: "session.create", target: { id }, after: { kind, method, provider } });
  return id;
}

function actorOf(owner: SessionOwner, sessionId: string) {
  return makeActor({
    tenantId: owner.tenant_id,
    tenantCode: owner.tenant_code,
    userId: owner.id,
    sessionId,
    role: owner.role,
    isSuperuser: owner.is_superuser,
    email: owner.email,
  });
}

function resume(
  { config, db }: Platform,
  kind: "browser" | "api",
  find: (sql: Sql) => Promise<SessionRow[]>,
): Promise<Resumed | undefined> {
  return db.asSystem(async (sql) => {
    const [row] = await find(sql);
    if (!row || row.kind !== kind) return undefined;
    const left = secondsLeft(config, row.age_seconds);
    if (left <= 0) return undefined;
    if (row.stale) await queries.touchSession(sql, row.id, left);
    const signedIn = signedInBy(row, { sessionId: row.id, mustEnrol: row.must_enrol });
    return { ...signedIn, isRotationDue: row.rotation_due };
  });
}
