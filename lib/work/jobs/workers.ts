// The workers that are running, and the backlog that they have.
import type { Database } from "../../platform/db/database.ts";
import * as queries from "./worker_queries.ts";

export type { JobLoad, WorkerRow } from "./worker_queries.ts";

/** Three missed heartbeats: a worker sends one every 10 seconds. */
const LIVE_SECONDS = 30;
const STALE_SECONDS = 24 * 3600;

/** Records the heartbeat of a worker, which sends one every 10 seconds. */
export async function recordHeartbeat(db: Database, worker: queries.WorkerRow): Promise<void> {
  await db.asSystem((sql) => queries.recordHeartbeat(sql, worker));
}

/** Deletes a worker that stops, and workers whose last heartbeat is a day old. */
export async function removeWorker(db: Database, id: string): Promise<void> {
  await db.asSystem((sql) => queries.deleteWorkers(sql, id, STALE_SECONDS));
}

/** The backlog of each kind, over all tenants. */
export async function countJobLoad(db: Database): Promise<queries.JobLoad[]> {
  return await db.asSystem((sql) => queries.countLoad(sql));
}

/** The number of workers with a heartbeat in the last 30 seconds. */
export async function countLiveWorkers(db: Database): Promise<number> {
  const [row] = await db.asSystem((sql) => queries.countWorkers(sql, LIVE_SECONDS));
  return row!.count;
}
