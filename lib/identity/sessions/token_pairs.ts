// Staying signed in by API: access tokens for minutes, refresh tokens that are spent one after another.
import type { Platform } from "../../platform/platform.ts";
import { AppError } from "../../platform/errors.ts";
import type { Config } from "../../platform/config.ts";
import type { Sql } from "../../platform/db/database.ts";
import { hashToken } from "../../platform/secrets.ts";
import { findUsersByEmail, presentUser, type UserRow } from "../users/users.ts";
import * as queries from "./queries.ts";
import type { SessionRow } from "./queries.ts";
import { type Origin, secondsLeft, type TokenPair } from "./schema.ts";
import { ACCESS_SECONDS, signAccessToken, successorsOf } from "./tokens.ts";

const REPLAY_GRACE_SECONDS = 10;

/**
 * Exchanges a refresh token for a new pair. A spent one revokes its whole session, unless it is the immediate parent
 * of an unspent token and was spent within the last 10 s: then the answer was lost, and the same successor is given.
 */
export async function refresh(platform: Platform, refreshToken: string, origin: Origin): Promise<TokenPair> {
  const successors = successorsOf(platform.config, refreshToken);
  const spent = await platform.db.asSystem((sql) =>
    spend(sql, platform.config, hashToken(refreshToken), successors)
  );
  if (spent.replayOf) {
    const { address, requestId } = origin;
    platform.log.warn("refresh_token_replayed", { ...spent.replayOf, address, request_id: requestId });
  }
  if (!spent.session) {
    throw new AppError("unauthenticated", "This refresh token is spent, revoked or unknown. Sign in again.");
  }
  const { session, successor } = spent;
  const [user] = await platform.db.asSystem((sql) =>
    findUsersByEmail(sql, session.email, session.tenant_code)
  );
  return await tokenPair(platform, user!, session.id, successor, session.age_seconds);
}

/** What login and refresh answer. */
export async function tokenPair(
  platform: Pick<Platform, "config">,
  user: UserRow,
  sessionId: string,
  refreshToken: string,
  ageSeconds = 0,
): Promise<TokenPair> {
  const claims = { userId: user.id, tenantId: user.tenant_id, sessionId };
  return {
    access_token: await signAccessToken(platform.config, claims),
    refresh_token: refreshToken,
    token_type: "bearer",
    expires_in: ACCESS_SECONDS,
    refresh_expires_in: secondsLeft(platform.config, ageSeconds),
    user: presentUser(user),
  };
}

/** Keeps the hash of a session's next refresh token. */
export async function keepRefreshToken(
  sql: Sql,
  tenantId: string,
  sessionId: string,
  token: string,
  lifetimeSeconds: number,
): Promise<void> {
  const tokenHash = hashToken(token);
  await queries.insertRefreshToken(sql, { tokenHash, tenantId, sessionId, lifetimeSeconds });
}

/** What came of a refresh token: its session and the next token, or neither, and whose it was when it was replayed. */
type Spent =
  | { session: SessionRow; successor: string; replayOf?: undefined }
  | { session?: undefined; replayOf?: { session_id: string; user_id: string; tenant_id: string } };

async function spend(sql: Sql, config: Config, tokenHash: string, successors: string[]): Promise<Spent> {
  await queries.lockRefreshToken(sql, tokenHash);
  const [token] = await queries.findRefreshToken(sql, tokenHash, REPLAY_GRACE_SECONDS);
  if (!token || token.expired) return {};
  // After a change of the secret the one that was given may be derived from the previous secret.
  const given = successors.find((each) => hashToken(each) === token.successor_hash);
  if (token.spent && !(token.within_grace && given)) {
    const { session_id, user_id, tenant_id } = token;
    await queries.revokeSession(sql, session_id);
    return { replayOf: { session_id, user_id, tenant_id } };
  }
  const [session] = await queries.findById(sql, token.session_id);
  const left = session ? secondsLeft(config, session.age_seconds) : 0;
  if (!session || left <= 0) return {};
  if (token.spent) return { session, successor: given! };
  const successor = successors[0]!;
  await queries.spendRefreshToken(sql, tokenHash, hashToken(successor));
  await keepRefreshToken(sql, token.tenant_id, token.session_id, successor, left);
  await queries.touchSession(sql, session.id, left);
  return { session, successor };
}
