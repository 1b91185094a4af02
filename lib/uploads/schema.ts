import { z } from "zod";
import { ingestOptionsSchema } from "../assets/schema.ts";

export const newUploadSchema = z.object({
  filename: z.string().min(1).max(500).refine((name) => name.isWellFormed() && !name.includes("\0")),
  content_type: z.string().max(255).nullable().default(null),
  total_bytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  options: ingestOptionsSchema,
});
export type NewUpload = z.infer<typeof newUploadSchema>;

/** How far a resumable upload is, in bytes. `asset_id` once the last byte is in. */
export interface UploadState {
  id: string;
  total_bytes: number;
  received_bytes: number;
  expires_at: string;
  asset_id: string | null;
  duplicate_of: string | null;
}
