import type { Sql } from "../../platform/db/database.ts";
import type { ChallengeKind, ChallengeOwner } from "./schema.ts";

interface NewChallenge {
  tokenHash: string;
  kind: ChallengeKind;
  owner: ChallengeOwner | undefined;
  provider: string | undefined;
  lifetimeSeconds: number;
}

export function insertChallenge(
  sql: Sql,
  { tokenHash, kind, owner, provider, lifetimeSeconds }: NewChallenge,
) {
  return sql`
    insert into challenges (token_hash, purpose, tenant_id, user_id, provider, expires_at)
    values (${tokenHash}, ${kind}, ${owner?.tenant_id ?? null}, ${owner?.id ?? null}, ${provider ?? null},
            now() + make_interval(secs => ${lifetimeSeconds}))`;
}

export function findChallenge(sql: Sql, kind: ChallengeKind, tokenHash: string) {
  return sql<{ user_id: string | null }[]>`
    select user_id from challenges
    where token_hash = ${tokenHash} and purpose = ${kind} and expires_at > now()`;
}

export function consumeChallenge(sql: Sql, kind: ChallengeKind, tokenHash: string) {
  return sql<{ user_id: string | null; provider: string | null }[]>`
    delete from challenges where token_hash = ${tokenHash} and purpose = ${kind} and expires_at > now()
    returning user_id, provider`;
}

export function deleteChallengesOf(sql: Sql, userId: string) {
  return sql`delete from challenges where user_id = ${userId}`;
}

export function deleteExpired(sql: Sql, limit: number) {
  return sql`
    delete from challenges where token_hash in (
      select token_hash from challenges where expires_at < now() limit ${limit})`;
}
