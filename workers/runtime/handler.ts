// What a kind of job is handed and what it answers.
import type { Ctx } from "../../lib/access/context.ts";
import type { AssetForWork } from "../../lib/library/assets/work.ts";
import type { Run } from "../../lib/work/jobs/runs.ts";
import type { JobType } from "../../lib/work/jobs/schema.ts";
import type { Sql } from "../../lib/platform/db/database.ts";

export interface Work {
  ctx: Ctx;
  job: Run;
  asset: AssetForWork;
  /** The original, downloaded into `folder`. */
  source: string;
  /** A folder of this run alone, gone afterwards. */
  folder: string;
  /** Aborts when the run must stop at once: its lease is lost, its time is up, or the worker shuts down. */
  signal: AbortSignal;
  /** Tells how far the work is, in percent. As often as one likes. */
  progress(percent: number): void;
}

export interface Outcome {
  /** Kept with the job. */
  result?: unknown;
  /** Records what was made, in the transaction that ends the job: not at all when the run has lost it. */
  write?: (sql: Sql) => Promise<void>;
}

export type Handler = (work: Work) => Promise<Outcome>;
export type Handlers = Partial<Record<JobType, Handler>>;
