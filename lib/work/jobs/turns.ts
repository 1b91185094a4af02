// Whose job is next. A message only says that there is work of some kinds; which job a free slot takes is decided here,
// tenant by tenant in turn, so that one tenant's thousands of jobs do not hold up another's first.
import type { Database } from "../../platform/db/database.ts";
import type { JobMessage } from "../../platform/queue/queue.ts";
import { type Claim, claimJob, giveBackJobs, type Run } from "./runs.ts";
import * as queries from "./turn_queries.ts";

/** Other workers may claim the same jobs at the same moment: that many others are tried before looking again. */
const CANDIDATES = { tenants: 8, each: 8 };
const LOOKS = 3;

export interface Turn {
  run: Run;
  /** Whether a message about this very job is on its way, besides the one that was answered. */
  isPublished: boolean;
}

/**
 * Claims the job whose turn it is, of the kinds of `claim` and long or short as it says; usually not the one that
 * `message` names. Undefined when there is none; then the relay publishes the named one again once it can run.
 */
export async function claimNext(
  db: Database,
  message: JobMessage,
  claim: Claim & { isLong: boolean },
): Promise<Turn | undefined> {
  for (let look = 0; look < LOOKS; look++) {
    const next = await db.asSystem((sql) => queries.listNext(sql, claim, CANDIDATES));
    for (const job of next) {
      const run = await claimJob(db, job, claim);
      if (run) return { run, isPublished: job.isPublished || job.jobId === message.jobId };
    }
    if (next.length === 0) break;
  }
  await giveBackJobs(db, [message]);
}

/** Whether another tenant than `tenantId` has a short job of these kinds due while none of its jobs runs. */
export async function isSlotWanted(
  db: Database,
  tenantId: string,
  kinds: readonly string[],
): Promise<boolean> {
  const limits = { tenants: 1, each: 1 };
  const [next] = await db.asSystem((sql) => queries.listNext(sql, { kinds, isLong: false }, limits));
  return next !== undefined && next.tenantId !== tenantId && next.running === 0;
}
