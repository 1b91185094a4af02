// What a run of a job receives and returns, and how a kind of job gets its run function.
import type { Ctx } from "../../lib/access/context.ts";
import type { AssetForWork } from "../../lib/library/assets/work.ts";
import type { JobKind } from "../../lib/work/jobs/kinds.ts";
import type { Run } from "../../lib/work/jobs/runs.ts";
import type { Sql } from "../../lib/platform/db/database.ts";

/** What every run receives. */
export interface Work<Payload = unknown> {
  ctx: Ctx;
  job: Run;
  payload: Payload;
  /** A private folder, removed after the run. */
  folder: string;
  /** Aborts when the run must stop at once: the lease is lost, the time limit is over, or the worker shuts down. */
  signal: AbortSignal;
  /** Reports progress in percent; may be called at any rate. */
  progress(percent: number): void;
}

/** What a kind with the input `asset` receives. */
export interface AssetWork<Payload = unknown> extends Work<Payload> {
  asset: AssetForWork;
}

/** What a kind with the input `original` receives. */
export interface OriginalWork<Payload = unknown> extends AssetWork<Payload> {
  /** The original, downloaded into `folder`. */
  source: string;
}

/** What a run of this kind receives. */
export type WorkOf<Kind> = Kind extends JobKind<string, infer Payload, infer Input>
  ? Input extends "original" ? OriginalWork<Payload>
  : Input extends "asset" ? AssetWork<Payload>
  : Work<Payload>
  : never;

export interface Outcome {
  /** Stored with the job. */
  result?: unknown;
  /** Records the output, in the transaction that completes the job; not called when the lease was lost. */
  write?: (sql: Sql) => Promise<void>;
}

/** A kind of job with its run function. */
export interface Handler {
  kind: JobKind;
  run(work: Work): Promise<Outcome>;
}

/** Pairs a kind with its run function, which receives the payload and the input that the kind declares. */
export function handle<Name extends string, Payload, Input extends JobKind["input"]>(
  kind: JobKind<Name, Payload, Input>,
  run: (work: WorkOf<JobKind<Name, Payload, Input>>) => Promise<Outcome>,
): Handler {
  return { kind, run: run as Handler["run"] };
}
