import type { Sql } from "../../platform/db/database.ts";
import type { Sealed } from "../../platform/secrets.ts";
import { hasSecondFactor, requiresSecondFactor } from "../principals/principals.ts";
import type { SecondFactor } from "./schema.ts";

/** The factors of one account, in a transaction that sees them. */
export function findSecondFactor(sql: Sql, userId: string) {
  return sql<(Omit<SecondFactor, "totp"> & { confirmed_at: string | null; last_used_at: string | null })[]>`
    select ${hasSecondFactor(sql)} as is_enabled, ${requiresSecondFactor(sql)} as is_required,
           s.confirmed_at, s.last_used_at,
           (select count(*) from passkeys p where p.user_id = u.id) as passkeys,
           (select count(*) from recovery_codes c where c.user_id = u.id and c.used_at is null) as recovery_codes_left
    from users u join tenants t on t.id = u.tenant_id left join totp_secrets s on s.user_id = u.id
    where u.id = ${userId}`;
}

export interface TotpRow {
  secret: string | null;
  pending_secret: string | null;
}

/** The sealed secrets; an expired pending one is left out. */
export function findTotp(sql: Sql, userId: string) {
  return sql<TotpRow[]>`
    select secret, case when pending_until > now() then pending_secret end as pending_secret
    from totp_secrets where user_id = ${userId}`;
}

export function putPending(sql: Sql, userId: string, sealed: string, lifetimeSeconds: number) {
  return sql`
    insert into totp_secrets (user_id, tenant_id, pending_secret, pending_until)
    select id, tenant_id, ${sealed}, now() + make_interval(secs => ${lifetimeSeconds}) from users where id = ${userId}
    on conflict (user_id) do update
    set pending_secret = excluded.pending_secret, pending_until = excluded.pending_until`;
}

/** Makes the pending secret the active one, unless it was replaced meanwhile. */
export function confirmPending(sql: Sql, userId: string, pendingSealed: string, step: number) {
  return sql`
    update totp_secrets set secret = pending_secret, pending_secret = null, pending_until = null, last_step = ${step},
                            confirmed_at = now(), last_used_at = null
    where user_id = ${userId} and pending_secret = ${pendingSealed}`;
}

/** Spends a time step; the count is 0 when this or a later step was spent before. */
export function spendStep(sql: Sql, userId: string, step: number) {
  return sql`
    update totp_secrets set last_step = ${step}, last_used_at = now()
    where user_id = ${userId} and secret is not null and last_step < ${step}`;
}

export function deleteTotp(sql: Sql, userId: string) {
  return sql`delete from totp_secrets where user_id = ${userId}`;
}

export function deleteCodes(sql: Sql, userId: string) {
  return sql`delete from recovery_codes where user_id = ${userId}`;
}

export function insertCodes(sql: Sql, userId: string, hashes: string[]) {
  return sql`
    insert into recovery_codes (user_id, tenant_id, code_hash)
    select u.id, u.tenant_id, hash from users u, unnest(${hashes}::text[]) hash where u.id = ${userId}`;
}

export function countCodes(sql: Sql, userId: string) {
  return sql<{ made: number }[]>`select count(*) as made from recovery_codes where user_id = ${userId}`;
}

export function spendCode(sql: Sql, userId: string, hash: string) {
  return sql`
    update recovery_codes set used_at = now()
    where user_id = ${userId} and code_hash = ${hash} and used_at is null`;
}

/** Sealed secrets of all accounts in the order of ids, after one of them. */
export function listSealed(sql: Sql, afterId: string, limit: number) {
  return sql<Sealed[]>`
    select user_id as id, secret as sealed from totp_secrets where secret is not null and user_id > ${afterId}
    order by user_id limit ${limit}`;
}

/** Replaces a sealed secret unless it was changed meanwhile. */
export function reseal(sql: Sql, { id, sealed }: Sealed, resealed: string) {
  return sql`update totp_secrets set secret = ${resealed} where user_id = ${id} and secret = ${sealed}`;
}
