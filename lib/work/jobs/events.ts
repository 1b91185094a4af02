// Live events of jobs.
import { z } from "zod";
import { uuidSchema } from "../../platform/ids.ts";
import { defineLiveEvent, type EventOf } from "../live/schema.ts";
import { JOB_STATUSES } from "./schema.ts";

/** A job changed its status or went on. Sent to those who may see its asset. */
export const jobEvent = defineLiveEvent({
  topic: "job",
  schema: z.object({
    id: uuidSchema,
    asset_id: uuidSchema.nullable(),
    job_type: z.string(),
    status: z.enum(JOB_STATUSES),
    /** Percent. */
    progress: z.number(),
  }),
  assetOf: ({ asset_id }) => asset_id,
});
export type JobEvent = EventOf<typeof jobEvent>;
