import type { Sql } from "../platform/db/database.ts";

export interface MailRow {
  id: string;
  letter: string;
  attempts: number;
  expired: boolean;
}

export function insertMail(sql: Sql, id: string, letter: string, lifetimeSeconds: number) {
  return sql`
    insert into mails (id, letter, expires_at)
    values (${id}, ${letter}, now() + make_interval(secs => ${lifetimeSeconds}))`;
}

/**
 * Claims the letter that has been due longest, under a lease of `leaseSeconds`. One that would be due in more than
 * `longestSeconds` was written before the clock was set back, and is due now.
 */
export function claimDue(sql: Sql, leaseSeconds: number, longestSeconds: number) {
  return sql<MailRow[]>`
    update mails set attempts = attempts + 1, run_after = now() + make_interval(secs => ${leaseSeconds})
    where id = (select id from mails
                where run_after <= now() or run_after > now() + make_interval(secs => ${longestSeconds})
                order by run_after limit 1 for update skip locked)
    returning id, letter, attempts, expires_at <= now() as expired`;
}

export function postpone(sql: Sql, id: string, seconds: number) {
  return sql`update mails set run_after = now() + make_interval(secs => ${seconds}) where id = ${id}`;
}

export function deleteMail(sql: Sql, id: string) {
  return sql`delete from mails where id = ${id}`;
}

/** Letters with a failed attempt. */
export function countStuck(sql: Sql) {
  return sql<{ count: number }[]>`select count(*) from mails where attempts > 1`;
}
