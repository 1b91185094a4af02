// SQL about steps of the clock (clock_steps.ts).
import type { Sql } from "../../platform/db/database.ts";

/** Waiting jobs that were written in what is now the future, by more than `stepSeconds`. */
export function makeDueAgain(sql: Sql, stepSeconds: number) {
  const future = sql`now() + make_interval(secs => ${stepSeconds})`;
  return sql`
    update jobs set run_after = now(), published_at = null, updated_at = now()
    where status = 'pending' and waits_for is null and run_after > ${future} and updated_at > ${future}`;
}

export function boundLeases(sql: Sql, leaseSeconds: number, stepSeconds: number) {
  return sql`
    update jobs set lease_expires_at = clock_timestamp() + make_interval(secs => ${leaseSeconds}), updated_at = now()
    where status = 'processing'
      and lease_expires_at > clock_timestamp() + make_interval(secs => ${leaseSeconds + stepSeconds})`;
}
