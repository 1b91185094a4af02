// Running waiting jobs at once instead of when they are due.
import { setTimeout as pause } from "node:timers/promises";
import { type Ctx, sightOf, transaction } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import { type Job, nudge, readJobs } from "./jobs.ts";
import * as queries from "./queries.ts";
import type { ProcessPendingInput } from "./schema.ts";

const SYNC_LIMIT_MS = 25_000;
/** Share of the request timeout that `sync` may use, so that the response is sent before the timeout. */
const SYNC_SHARE = 0.8;
const SYNC_POLL_MS = 250;

/**
 * Makes up to `limit` waiting jobs due now, including those that back off after a failure. With `sync` it waits for them
 * up to 25 seconds, and `processed` counts those that ended; otherwise `processed` counts those that were made due. `also`
 * is called last in the transaction that changes some.
 */
export async function runNow(
  ctx: Ctx,
  { limit, sync }: ProcessPendingInput,
  also?: (sql: Sql, ids: string[]) => Promise<void>,
) {
  const ids = await transaction(ctx, async (sql) => {
    const due = (await queries.makeDue(sql, sightOf(ctx.actor), limit)).map((row) => row.id);
    if (due.length > 0) await also?.(sql, due);
    return due;
  });
  if (ids.length > 0) await nudge(ctx);
  const jobs = sync ? await waitFor(ctx, ids) : await readJobs(ctx, ids);
  const ended = jobs.filter((job) => job.status !== "pending" && job.status !== "processing").length;
  const processed = sync ? ended : jobs.length;
  const message = sync
    ? `${ended} of ${jobs.length} jobs processed.`
    : `${jobs.length} jobs handed to the workers.`;
  return { processed, message, jobs };
}

async function waitFor(ctx: Ctx, ids: string[]): Promise<Job[]> {
  const request = ctx.config.REQUEST_TIMEOUT_SECONDS * 1000;
  const deadline = performance.now() + Math.min(SYNC_LIMIT_MS, request * SYNC_SHARE);
  for (;;) {
    const jobs = await readJobs(ctx, ids);
    const open = jobs.some((job) => job.status === "pending" || job.status === "processing");
    if (!open || performance.now() > deadline) return jobs;
    await pause(SYNC_POLL_MS);
  }
}
