import { z } from "zod";
import { text } from "../../platform/text.ts";
import { ingestOptionsSchema } from "../assets/schema.ts";

export const newUploadSchema = z.object({
  filename: text(500).min(1),
  content_type: text(255).nullable().default(null),
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
