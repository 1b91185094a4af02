// Steps of the database's clock. A clock that is set back leaves jobs that are due in the future although nothing delays
// them, and leases that seem to last longer.
import type { Database } from "../../platform/db/database.ts";
import * as queries from "./clock_queries.ts";

/** Steps below this only delay a job by as much. */
const STEP_SECONDS = 10;

/**
 * Makes jobs due that were written before the database's clock was set back, and bounds their leases by `leaseSeconds`
 * from now. Answers how many jobs it changed. Reads the jobs alone that are postponed or run.
 */
export async function mendClockSteps(db: Database, leaseSeconds: number): Promise<number> {
  return await db.asSystem(async (sql) => {
    const due = await queries.makeDueAgain(sql, STEP_SECONDS);
    const bounded = await queries.boundLeases(sql, leaseSeconds, STEP_SECONDS);
    return due.count + bounded.count;
  });
}
