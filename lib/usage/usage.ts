// How much each tenant has. Counting reads whole tables, so workers do it now and then and everybody reads the result.
import type { Platform } from "../context.ts";
import type { Database } from "../platform/db.ts";
import * as queries from "./queries.ts";

export type { UsageRow } from "./queries.ts";

const EVERY_SECONDS = 300;
const BATCH = 100;

/** Counts the tenants whose turn it is, each by one worker every five minutes. Answers how many. */
export async function countUsage({ db, storage, log }: Platform): Promise<number> {
  const due = await db.asSystem((sql) => queries.takeDue(sql, EVERY_SECONDS, BATCH));
  const originals = storage.bucketName("originals");
  for (const { tenantId } of due) {
    await db.asTenant(tenantId, (sql) => queries.countTenant(sql, tenantId, originals))
      .catch((error) => log.warn("usage_not_counted", { tenant_id: tenantId, error }));
  }
  return due.length;
}

/** What was counted last: of the `most` largest tenants by code, of all others together as `(other)`. */
export async function listUsage(db: Database, most: number): Promise<queries.UsageRow[]> {
  return await db.asSystem((sql) => queries.listUsage(sql, most));
}
