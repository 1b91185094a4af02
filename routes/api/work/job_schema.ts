// Jobs in the API: `job_type` is the enumeration of the contract.
import { JOB_TYPES } from "../../../lib/library/kinds.ts";
import { jobFilterSchema, jobSchema } from "../../../lib/work/jobs/schema.ts";
import { z } from "../openapi.ts";

/** A job in an answer. A stored job may be of a kind that only another version knows, so its type is not narrowed. */
export const jobAnswerSchema = jobSchema
  .extend({ job_type: z.string().meta({ enum: [...JOB_TYPES] }) })
  .meta({ id: "Job" });

/** Parameters of `GET /jobs`. */
export const jobQuerySchema = jobFilterSchema.extend({ job_type: z.enum(JOB_TYPES).optional() });
