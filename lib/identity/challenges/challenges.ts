// Random values that must come back once and soon. Only their hash is kept.
import type { Platform } from "../../platform/platform.ts";
import type { Sql } from "../../platform/db/database.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import * as queries from "./queries.ts";
import type { ChallengeKind, ChallengeOwner } from "./schema.ts";

/** How long a challenge is good. */
export const CHALLENGE_SECONDS = 10 * 60;

/**
 * A new challenge (256 random bits, base64url), good for ten minutes; without an owner it is a stranger's. `provider` is
 * the one of single sign-on that knew the owner before.
 */
export async function issueChallenge(
  sql: Sql,
  kind: ChallengeKind,
  owner?: ChallengeOwner,
  provider?: string,
): Promise<string> {
  const token = newToken();
  const row = { tokenHash: hashToken(token), kind, owner, provider };
  await queries.insertChallenge(sql, { ...row, lifetimeSeconds: CHALLENGE_SECONDS });
  return token;
}

/** Whose challenge `token` is, without spending it; undefined when it is none or over. */
export async function findChallenge(
  sql: Sql,
  kind: ChallengeKind,
  token: string,
): Promise<{ user_id: string | null } | undefined> {
  const [found] = await queries.findChallenge(sql, kind, hashToken(token));
  return found;
}

/** As `findChallenge`, and spends it: of several who bring the same one, one is answered. */
export async function consumeChallenge(
  sql: Sql,
  kind: ChallengeKind,
  token: string,
): Promise<{ user_id: string | null; provider: string | null } | undefined> {
  const [taken] = await queries.consumeChallenge(sql, kind, hashToken(token));
  return taken;
}

/** Ends every challenge of a person, as when their password changes. */
export async function revokeChallengesOf(sql: Sql, userId: string): Promise<void> {
  await queries.deleteChallengesOf(sql, userId);
}

/** Deletes challenges that nobody answered, some at a time. */
export async function sweepChallenges({ db }: Pick<Platform, "db">): Promise<number> {
  const deleted = await db.asSystem((sql) => queries.deleteExpired(sql, 1000));
  return deleted.count;
}
