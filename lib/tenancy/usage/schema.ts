import { z } from "zod";

const count = z.number().int();

/** The usage of a tenant. */
export const usageSchema = z.object({
  /** Originals and renditions, including the trash. */
  bytes: count,
  /** Reserved for unfinished resumable uploads. */
  uploading_bytes: count,
  assets: count,
  users: count,
  jobs: count,
  bytes_by_purpose: z.record(z.string(), count),
  assets_by_type: z.record(z.string(), count),
});
export type Usage = z.infer<typeof usageSchema>;
