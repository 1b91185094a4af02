// Refresh tokens of an API session: each is spent once and names its successor.
import type { Config } from "../../platform/config.ts";
import type { Sql } from "../../platform/db/database.ts";
import { hashToken } from "../../platform/secrets.ts";
import * as queries from "./queries.ts";
import type { SessionRow } from "./queries.ts";
import * as refreshQueries from "./refresh_queries.ts";
import type { RefreshRow } from "./refresh_queries.ts";
import { secondsLeft } from "./schema.ts";
import { successorsOf } from "./tokens.ts";

const REPLAY_GRACE_SECONDS = 10;

/** Stores the hash of a session's next refresh token. */
export async function storeRefreshToken(
  sql: Sql,
  tenantId: string,
  sessionId: string,
  token: string,
  lifetimeSeconds: number,
): Promise<void> {
  const tokenHash = hashToken(token);
  await refreshQueries.insertRefreshToken(sql, { tokenHash, tenantId, sessionId, lifetimeSeconds });
}

/** A spent token gives its session and successor, or neither; `replayOf` is the session that a replay revoked. */
export type Spent =
  | { session: SessionRow; successor: string; replayOf?: undefined }
  | { session?: undefined; replayOf?: { session_id: string; user_id: string; tenant_id: string } };

/**
 * Spends a refresh token. A replayed one revokes its session, unless it is the immediate parent of an unspent token and
 * was spent within the last 10 s: then the client lost the answer, and gets the same successor.
 */
export async function spendRefreshToken(sql: Sql, config: Config, refreshToken: string): Promise<Spent> {
  const tokenHash = hashToken(refreshToken);
  const successors = successorsOf(config, refreshToken);
  await refreshQueries.lockRefreshToken(sql, tokenHash);
  const [token] = await refreshQueries.findRefreshToken(sql, tokenHash, REPLAY_GRACE_SECONDS);
  if (!token || token.expired) return {};
  // After a change of the secret, the successor that was answered may be derived from the previous secret.
  const answered = successors.find((each) => hashToken(each) === token.successor_hash);
  if (token.spent && !(token.within_grace && answered)) return await revokeReplayed(sql, token);
  const [session] = await queries.findById(sql, token.session_id);
  const left = session ? secondsLeft(config, session.age_seconds) : 0;
  if (!session || left <= 0) return {};
  if (token.spent) return { session, successor: answered! };
  const successor = successors[0]!;
  await refreshQueries.spendRefreshToken(sql, tokenHash, hashToken(successor));
  await storeRefreshToken(sql, token.tenant_id, token.session_id, successor, left);
  await queries.touchSession(sql, session.id, left);
  return { session, successor };
}

async function revokeReplayed(sql: Sql, { session_id, user_id, tenant_id }: RefreshRow): Promise<Spent> {
  await queries.revokeSession(sql, session_id);
  return { replayOf: { session_id, user_id, tenant_id } };
}
