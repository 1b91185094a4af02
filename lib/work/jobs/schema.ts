// Jobs in the words of the API. The table is the truth about media work; messages on the broker are hints.
import { z } from "zod";
import { uuidSchema } from "../../platform/ids.ts";
import { pageSchema } from "../../platform/page.ts";
import { yesOrNo } from "../../platform/text.ts";
import { defineReasons } from "../../platform/errors.ts";

export const JOB_TYPES = ["metadata", "thumbnail", "proxy", "transcode", "transcript"] as const;
export type JobType = typeof JOB_TYPES[number];

export const JOB_STATUSES = ["pending", "processing", "completed", "failed", "cancelled"] as const;
export type JobStatus = typeof JOB_STATUSES[number];

/** A job as the API shows it. Times are ISO 8601, `progress` is percent. */
export const jobSchema = z.object({
  id: uuidSchema,
  asset_id: uuidSchema.nullable(),
  asset_title: z.string().nullable(),
  job_type: z.enum(JOB_TYPES),
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

const filterShape = {
  status: z.enum(JOB_STATUSES).optional(),
  job_type: z.enum(JOB_TYPES).optional(),
  asset_id: uuidSchema.optional(),
};

/** What `GET /jobs` takes. */
export const jobFilterSchema = z.object({
  ...filterShape,
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type JobFilter = z.infer<typeof jobFilterSchema>;

/** What the page of jobs takes. */
export const jobPageSchema = pageSchema.extend(filterShape);
export type JobPageInput = z.infer<typeof jobPageSchema>;

export const processPendingSchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(10),
  sync: yesOrNo.default(false),
});
export type ProcessPendingInput = z.infer<typeof processPendingSchema>;

/** Why a job ended that was not the fault of its file; pages translate these as they do the failures of media. */
export const JOB_FAILURES = [
  "worker_lost",
  "timed_out",
  "unavailable",
  "prerequisite_failed",
  "internal",
] as const;

/** A job in the hands of a worker: what it needs, and the fencing id that its last word is checked against. */
export interface Run {
  id: string;
  runId: string;
  tenantId: string;
  tenantCode: string;
  assetId: string | null;
  kind: JobType;
  payload: Record<string, unknown>;
  attempts: number;
  maxAttempts: number;
  requestId: string | null;
  /** What wanted the job, as W3C Trace Context writes it. */
  traceParent: string | null;
  leaseSeconds: number;
  /** From the moment it was due to the claim. */
  waitedSeconds: number;
}

/** Why an operation on a job fails. */
export const jobError = defineReasons("job", {
  not_found: { code: "not_found", detail: "There is no such job." },
  not_retryable: { code: "conflict", detail: "A job that is {status} cannot be started anew." },
  not_cancellable: { code: "conflict", detail: "A job that is {status} cannot be cancelled." },
});
