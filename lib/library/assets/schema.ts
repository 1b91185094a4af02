import { z } from "zod";
import { pageSchema } from "../../platform/page.ts";
import { jsonObject, moment, text, yesOrNo } from "../../platform/text.ts";
import { grantsSchema, newGrantsSchema } from "../../access/grants/schema.ts";
import { ASSET_TYPES } from "../../media/schema.ts";
import { storageLocationSchema } from "../renditions/schema.ts";

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

/** States that only the work itself, or the trash, may set. */
const OWN_STATES: readonly AssetStatus[] = ["ingesting", "processing", "deleted"];

const title = text(500).trim().min(1);

/** A filter, sorted newest first. Unknown values are refused by the enumerations. */
export const assetFilterSchema = pageSchema.extend({
  status: z.enum(ASSET_STATUSES).optional(),
  asset_type: z.enum(ASSET_TYPES).optional(),
  /** Part of the title or file name; `%` and `_` are letters. */
  search: text(200).trim().min(1).optional(),
});
export type AssetFilter = z.infer<typeof assetFilterSchema>;

const editable = {
  title,
  description: text(50_000).nullable(),
  code: text(255).trim().min(1).nullable(),
  slug: text(255).nullable(),
  external_ids: jsonObject,
  derivative_type: text(100).nullable(),
  recorded_at: moment.nullable(),
  content_rating: z.enum(CONTENT_RATINGS).nullable(),
  visibility: z.enum(VISIBILITIES),
  publish_status: z.enum(PUBLISH_STATUSES),
  extra: jsonObject,
};

/** A placeholder: metadata now, the file later. */
export const newAssetSchema = z.object(editable).partial().extend({
  title,
  asset_type: z.enum(ASSET_TYPES).default("video"),
});
export type NewAsset = z.infer<typeof newAssetSchema>;

export const assetPatchSchema = z.object(editable).partial().extend({
  status: z.enum(ASSET_STATUSES).refine(
    (status) => !OWN_STATES.includes(status),
    "cannot be set by hand: ingesting, processing and deleted follow from what happens",
  ).optional(),
});
export type AssetPatch = z.infer<typeof assetPatchSchema>;

/** What may be said beside a file that is brought in. */
export const ingestOptionsSchema = z.object({
  title: title.optional(),
  description: text(50_000).optional(),
  asset_type: z.enum(ASSET_TYPES).optional(),
  code: text(255).trim().min(1).optional(),
  visibility: z.enum(VISIBILITIES).default("internal"),
  generate_proxy: yesOrNo.default(true),
  generate_thumbnail: yesOrNo.default(true),
  extract_metadata: yesOrNo.default(true),
});
export type IngestOptions = z.infer<typeof ingestOptionsSchema>;

export const assetSummarySchema = z.object({
  id: z.uuid(),
  title: z.string(),
  asset_type: z.enum(ASSET_TYPES),
  status: z.enum(ASSET_STATUSES),
  visibility: z.enum(VISIBILITIES),
  duration_ms: z.number().int().nullable(),
  file_size_bytes: z.number().int().nullable(),
  thumbnail_url: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  original_filename: z.string().nullable(),
  /** As shown: after rotation and pixel shape. `16:9`. */
  aspect_ratio: z.string().nullable(),
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
  rotation: z.number().int(),
  frame_rate_num: z.number().int().nullable(),
  frame_rate_den: z.number().int().nullable(),
  /** Percent of the open jobs' work, null when none is open. */
  progress: z.number().int().nullable(),
  failure_code: z.string().nullable(),
  failure_reason: z.string().nullable(),
});
export type AssetSummary = z.infer<typeof assetSummarySchema>;

const number = z.number().nullable();
const string = z.string().nullable();

export const technicalMetadataSchema = z.object({
  width: number,
  height: number,
  rotation: z.number().int(),
  sample_aspect_ratio: string,
  aspect_ratio: string,
  resolution_category: string,
  frame_rate: number,
  frame_rate_num: number,
  frame_rate_den: number,
  is_variable_frame_rate: z.boolean(),
  frame_count: number,
  start_timecode: string,
  drop_frame: z.boolean().nullable(),
  scan_type: string,
  video_codec: string,
  video_codec_profile: string,
  video_bit_rate: number,
  bit_depth: number,
  pixel_format: string,
  color_space: string,
  color_primaries: string,
  color_transfer: string,
  hdr_format: string,
  audio_codec: string,
  audio_channels: number,
  audio_channel_layout: string,
  audio_sample_rate: number,
  audio_bit_rate: number,
  container_format: string,
  bit_rate: number,
  loudness_integrated: number,
  loudness_range: number,
  loudness_peak: number,
  streams: z.array(z.record(z.string(), z.unknown())),
  camera: z.record(z.string(), z.union([z.string(), z.number()])),
  analyzed_at: z.string(),
});

export const assetDetailSchema = z.object({
  id: z.uuid(),
  tenant_id: z.uuid(),
  parent_id: z.uuid().nullable(),
  code: string,
  slug: string,
  external_ids: z.record(z.string(), z.unknown()),
  asset_type: z.enum(ASSET_TYPES),
  derivative_type: string,
  title: z.string(),
  description: string,
  duration_ms: z.number().int().nullable(),
  recorded_at: string,
  content_rating: string,
  status: z.enum(ASSET_STATUSES),
  visibility: z.enum(VISIBILITIES),
  publish_status: z.enum(PUBLISH_STATUSES),
  original_filename: string,
  content_type: string,
  primary_storage_path: string,
  file_size_bytes: z.number().int().nullable(),
  checksum_sha256: string,
  duplicate_of: z.uuid().nullable(),
  failure_code: string,
  failure_reason: string,
  ingest_notes: z.array(z.record(z.string(), z.unknown())),
  extra: z.record(z.string(), z.unknown()),
  created_by: z.uuid().nullable(),
  /** Whether whoever asks may change it, and whether they may decide who sees it. */
  can_edit: z.boolean(),
  can_share: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
  deleted_at: string,
  thumbnail_url: string,
  proxy_url: string,
  progress: z.number().int().nullable(),
  storage_locations: z.array(storageLocationSchema),
  technical_metadata: technicalMetadataSchema.nullable(),
  // Keywords and markers have endpoints of their own; an asset without any answers empty lists.
  keywords: z.array(z.record(z.string(), z.unknown())),
  markers: z.array(z.record(z.string(), z.unknown())),
});
export type AssetDetail = z.infer<typeof assetDetailSchema>;

/** Who sees an asset: everybody of the tenant, or its maker, administrators and those named. */
export const newAccessSchema = newGrantsSchema.extend({ visibility: z.enum(VISIBILITIES) });
export type NewAccess = z.output<typeof newAccessSchema>;
export const accessSchema = grantsSchema.extend({ visibility: z.enum(VISIBILITIES) });
export type Access = z.infer<typeof accessSchema>;
