import { z } from "zod";

const count = z.number().int();

/** How much a tenant has. */
export const usageSchema = z.object({
  /** Originals and renditions, those in the trash too. */
  bytes: count,
  /** Promised to resumable uploads that are not through. */
  uploading_bytes: count,
  assets: count,
  users: count,
  jobs: count,
  bytes_by_purpose: z.record(z.string(), count),
  assets_by_type: z.record(z.string(), count),
});
export type Usage = z.infer<typeof usageSchema>;
