// Challenges: single-use random tokens with a short lifetime, stored as hashes.
import type { Platform } from "../../platform/platform.ts";
import type { Sql } from "../../platform/db/database.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import * as queries from "./queries.ts";
import type { ChallengeKind, ChallengeOwner } from "./schema.ts";

/** The lifetime of a challenge. */
export const CHALLENGE_SECONDS = 10 * 60;
const SWEEP_BATCH = 1_000;

/**
 * Issues a challenge (256 random bits, base64url), valid for ten minutes, to an account or, without `owner`, to anyone.
 * `provider` names the identity provider that authenticated the owner in the first step.
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

/** The owner of a valid challenge, without consuming it; undefined for any other token. */
export async function findChallenge(
  sql: Sql,
  kind: ChallengeKind,
  token: string,
): Promise<{ user_id: string | null } | undefined> {
  const [challenge] = await queries.findChallenge(sql, kind, hashToken(token));
  return challenge;
}

/** As `findChallenge`, but consumes it: of parallel calls with the same token one succeeds. */
export async function consumeChallenge(
  sql: Sql,
  kind: ChallengeKind,
  token: string,
): Promise<{ user_id: string | null; provider: string | null } | undefined> {
  const [challenge] = await queries.consumeChallenge(sql, kind, hashToken(token));
  return challenge;
}

/** Revokes every challenge of an account, as when its password changes. */
export async function revokeChallengesOf(sql: Sql, userId: string): Promise<void> {
  await queries.deleteChallengesOf(sql, userId);
}

/** Deletes expired challenges, in batches. Returns how many. */
export async function sweepChallenges({ db }: Pick<Platform, "db">): Promise<number> {
  const deleted = await db.asSystem((sql) => queries.deleteExpired(sql, SWEEP_BATCH));
  return deleted.count;
}
