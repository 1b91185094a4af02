import { z } from "zod";
import { text } from "../../platform/text.ts";
import { filenameSchema } from "../assets/filenames.ts";
import { ingestOptionsSchema } from "../assets/schema.ts";
import { defineReasons } from "../../platform/errors.ts";

export const newUploadSchema = z.object({
  filename: filenameSchema,
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

/** Why a resumable upload is refused or cannot go on. */
export const uploadError = defineReasons("upload", {
  not_found: { code: "not_found", detail: "There is no such upload, or it has run out. Begin again." },
  too_large: { code: "too_large", detail: "A file may have {most} bytes at most." },
  length_exceeded: {
    code: "too_large",
    detail: "This upload was announced with {bytes} bytes; more than that arrived.",
  },
  offset_mismatch: {
    code: "conflict",
    detail: "This upload stands at byte {received}, not {offset}. Go on from there.",
  },
  bytes_lost: { code: "conflict", detail: "What came after byte {offset} is lost. Go on from there." },
  taken_over: { code: "conflict", detail: "Another request goes on with this upload." },
});
