// Jobs on renditions that people upload.
import { z } from "zod";
import { defineJobKind } from "../../work/jobs/kinds.ts";

/** Probes an uploaded rendition, which is shown from then on. First of all jobs: the uploader looks at the asset and waits. */
export const rendition = defineJobKind({
  name: "rendition",
  payload: z.object({ location_id: z.uuid() }),
  input: "none",
  concurrency: 1,
  priority: 30,
});

export const RENDITION_KINDS = [rendition] as const;
