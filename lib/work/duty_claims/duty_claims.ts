// Claims on periodic duties: in each interval one process of the installation does a duty.
import type { Database } from "../../platform/db/database.ts";
import * as queries from "./queries.ts";

/** Timers fire a little early or late: a claim has expired when this much of its interval is over. */
const EXPIRED = 0.75;

/** Claims a duty unless another process claimed it within about `everySeconds`. True when the claim is ours. */
export async function claimDuty(db: Database, name: string, everySeconds: number): Promise<boolean> {
  const { count } = await db.asSystem((sql) => queries.claimDuty(sql, name, everySeconds * EXPIRED));
  return count === 1;
}
