// Jobs as the API shows them. The table is the source of truth; messages on the broker are hints. The routes narrow
// `job_type` to the kinds that are declared.
import { z } from "zod";
import { uuidSchema } from "../../platform/ids.ts";
import { yesOrNo } from "../../platform/text.ts";
import { defineReasons } from "../../platform/errors.ts";

export const JOB_STATUSES = ["pending", "processing", "completed", "failed", "cancelled"] as const;
export type JobStatus = typeof JOB_STATUSES[number];

/** A job as the API shows it. Times are ISO 8601, `progress` is percent. */
export const jobSchema = z.object({
  id: uuidSchema,
  asset_id: uuidSchema.nullable(),
  asset_title: z.string().nullable(),
  job_type: z.string(),
  status: z.enum(JOB_STATUSES),
  progress: z.number().int().min(0).max(100),
  attempts: z.number().int(),
  max_attempts: z.number().int(),
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
  run_after: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  created_at: z.string(),
});
export type Job = z.infer<typeof jobSchema>;

/** Parameters of `GET /jobs`. */
export const jobFilterSchema = z.object({
  status: z.enum(JOB_STATUSES).optional(),
  job_type: z.string().optional(),
  asset_id: uuidSchema.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type JobFilter = z.infer<typeof jobFilterSchema>;

/** Parameters of the list of jobs by asset. */
export interface JobGroupInput extends Pick<JobFilter, "status" | "job_type" | "limit"> {
  cursor?: string;
}

export const processPendingSchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(10),
  sync: yesOrNo.default(false),
});
export type ProcessPendingInput = z.infer<typeof processPendingSchema>;

/** Error codes of jobs whose file is not the cause. Pages translate these like the failures of media. */
export const JOB_FAILURES = [
  "worker_lost",
  "timed_out",
  "unavailable",
  "prerequisite_failed",
  "internal",
] as const;

/** A claimed job. `runId` is its fencing token: what the run writes counts only while the job still has this id. */
export interface Run {
  id: string;
  runId: string;
  tenantId: string;
  tenantCode: string;
  assetId: string | null;
  kind: string;
  /** As stored: `parsePayload` checks it. */
  payload: unknown;
  attempts: number;
  maxAttempts: number;
  /** Whether it runs in a slot for long jobs. */
  isLong: boolean;
  requestId: string | null;
  /** The W3C trace context of the request that enqueued the job. */
  traceParent: string | null;
  leaseSeconds: number;
  /** Between the moment when the job was due and the claim. */
  waitedSeconds: number;
}

/** Why an operation on a job fails. */
export const jobError = defineReasons("job", {
  not_found: { code: "not_found", detail: "There is no such job." },
  not_retryable: { code: "conflict", detail: "A job that is {status} cannot be started anew." },
  payload_invalid: { code: "invalid", detail: "The parameters of this {kind} job cannot be read." },
  not_cancellable: { code: "conflict", detail: "A job that is {status} cannot be cancelled." },
});
