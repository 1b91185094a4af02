// Token pairs of API clients: an access token for minutes and a refresh token that is spent once.
import { signInError } from "./reasons.ts";
import type { Platform } from "../../platform/platform.ts";
import { spendRefreshToken } from "../sessions/refresh_tokens.ts";
import { type Origin, type Proof, secondsLeft } from "../sessions/schema.ts";
import { startApiSession } from "../sessions/sessions.ts";
import { ACCESS_SECONDS, signAccessToken } from "../sessions/tokens.ts";
import { findUserById, presentUser, touchLogin, type UserRow } from "../users/users.ts";
import type { TokenPair } from "./schema.ts";

/** Starts an API client's session for an authenticated account; returns its first token pair. */
export async function startTokenPair(
  platform: Platform,
  user: UserRow,
  proof: Proof,
  origin: Origin,
): Promise<TokenPair> {
  const { sessionId, refreshToken } = await platform.db.asSystem(async (sql) => {
    await touchLogin(sql, user.id);
    return await startApiSession(sql, platform.config, user, proof, origin);
  });
  return await tokenPair(platform, user, sessionId, refreshToken);
}

/**
 * Exchanges a refresh token for a new pair, as `spendRefreshToken` allows. Throws `unauthenticated` for one that is
 * spent, revoked, expired or unknown.
 */
export async function refresh(platform: Platform, refreshToken: string, origin: Origin): Promise<TokenPair> {
  const spent = await platform.db.asSystem((sql) => spendRefreshToken(sql, platform.config, refreshToken));
  if (spent.replayOf) {
    const { address, requestId } = origin;
    platform.log.warn("refresh_token_replayed", { ...spent.replayOf, address, request_id: requestId });
  }
  if (!spent.session) throw signInError("refresh_token_invalid");
  const { session, successor } = spent;
  const user = await platform.db.asSystem((sql) => findUserById(sql, session.user_id));
  return await tokenPair(platform, user!, session.id, successor, session.age_seconds);
}

async function tokenPair(
  { config }: Pick<Platform, "config">,
  user: UserRow,
  sessionId: string,
  refreshToken: string,
  ageSeconds = 0,
): Promise<TokenPair> {
  const claims = { userId: user.id, tenantId: user.tenant_id, sessionId };
  return {
    access_token: await signAccessToken(config, claims),
    refresh_token: refreshToken,
    token_type: "bearer",
    expires_in: ACCESS_SECONDS,
    refresh_expires_in: secondsLeft(config, ageSeconds),
    user: presentUser(user),
  };
}
