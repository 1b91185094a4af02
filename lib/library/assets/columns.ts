// The columns of an asset, each declared once: row type, queries, input and JSON derive from these schemas.
import { z } from "zod";
import { jsonObject, moment, text } from "../../platform/text.ts";
import { ASSET_TYPES } from "../../media/schema.ts";

export const ASSET_STATUSES = [
  "ingesting",
  "processing",
  "available",
  "review",
  "archived",
  "deleted",
  "failed",
] as const;
export const VISIBILITIES = ["private", "internal", "public"] as const;
export const PUBLISH_STATUSES = ["draft", "ready", "published", "unpublished"] as const;
export const CONTENT_RATINGS = ["L", "10", "12", "14", "16", "18"] as const;
export type Visibility = typeof VISIBILITIES[number];
export type AssetStatus = typeof ASSET_STATUSES[number];

/** The columns that people may set. A worker replaces `duration_ms` by what it measures. */
export const editableColumns = z.object({
  parent_id: z.uuid().nullable(),
  title: text(500).trim().min(1),
  description: text(50_000).nullable(),
  code: text(255).trim().min(1).nullable(),
  slug: text(255).nullable(),
  external_ids: jsonObject,
  derivative_type: text(100).nullable(),
  duration_ms: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable(),
  recorded_at: moment.nullable(),
  content_rating: z.enum(CONTENT_RATINGS).nullable(),
  visibility: z.enum(VISIBILITIES),
  publish_status: z.enum(PUBLISH_STATUSES),
  extra: jsonObject,
});

/** A note about something that ingest corrected. */
const noteSchema = z.record(z.string(), z.unknown());
export type IngestNote = z.infer<typeof noteSchema>;

/** All columns of `assets` that are read. */
export const assetColumns = z.object({
  id: z.uuid(),
  tenant_id: z.uuid(),
  ...editableColumns.shape,
  asset_type: z.enum(ASSET_TYPES),
  status: z.enum(ASSET_STATUSES),
  original_filename: z.string().nullable(),
  content_type: z.string().nullable(),
  primary_storage_path: z.string().nullable(),
  file_size_bytes: z.number().int().nullable(),
  checksum_sha256: z.string().nullable(),
  duplicate_of: z.uuid().nullable(),
  failure_code: z.string().nullable(),
  failure_reason: z.string().nullable(),
  ingest_notes: z.array(noteSchema),
  created_by: z.uuid().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  deleted_at: z.string().nullable(),
});
export type AssetRow = z.infer<typeof assetColumns>;
