import { z } from "zod";
import { PURPOSES } from "../objects/schema.ts";

export const storageLocationSchema = z.object({
  id: z.uuid(),
  storage_type: z.string(),
  storage_tier: z.string(),
  bucket: z.string(),
  path: z.string(),
  filename: z.string(),
  content_type: z.string(),
  /** Relative or signed; good for an hour, of a private asset for five minutes; answers Range. */
  url: z.string(),
  file_size_bytes: z.number().int(),
  checksum_sha256: z.string().nullable(),
  purpose: z.enum(PURPOSES),
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
  is_primary: z.boolean(),
  is_accessible: z.boolean(),
  status: z.string(),
  created_at: z.string(),
});
export type StorageLocation = z.infer<typeof storageLocationSchema>;
