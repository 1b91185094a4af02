import { z } from "zod";
import { grantsSchema, newGrantsSchema } from "../../access/grants/schema.ts";
import { ASSET_TYPES } from "../../media/schema.ts";
import { pageSchema } from "../../platform/page.ts";
import { text, yesOrNo } from "../../platform/text.ts";
import { duplicateRuleSchema } from "../../tenancy/tenants/schema.ts";
import { storageLocationSchema } from "../renditions/schema.ts";
import { technicalMetadataSchema } from "../technical_metadata/schema.ts";
import { ASSET_STATUSES, assetColumns, type AssetStatus, editableColumns, VISIBILITIES } from "./columns.ts";

export {
  ASSET_STATUSES,
  type AssetStatus,
  CONTENT_RATINGS,
  PUBLISH_STATUSES,
  VISIBILITIES,
  type Visibility,
} from "./columns.ts";

/** Statuses that follow from work on the asset or from the trash, and cannot be set. */
const DERIVED_STATUSES: readonly AssetStatus[] = ["ingesting", "processing", "deleted"];

export const ASSET_SORTS = ["created_at", "updated_at", "title", "duration_ms", "file_size_bytes"] as const;
export type AssetSort = typeof ASSET_SORTS[number];

/** A filter of the list and its order, newest first by default. Unknown lengths and sizes are less than any other. */
export const assetFilterSchema = pageSchema.extend({
  sort_by: z.enum(ASSET_SORTS).default("created_at"),
  sort_order: z.enum(["asc", "desc"]).default("desc"),
  status: z.enum(ASSET_STATUSES).optional(),
  asset_type: z.enum(ASSET_TYPES).optional(),
  /** Part of the title, code or file name, in any case, with or without accents; `%` and `_` are ordinary letters. */
  search: text(200).trim().min(1).optional(),
});
export type AssetFilter = z.infer<typeof assetFilterSchema>;

/** A placeholder: metadata now, the file later. */
export const newAssetSchema = editableColumns.partial().extend({
  title: editableColumns.shape.title,
  asset_type: z.enum(ASSET_TYPES),
});
export type NewAsset = z.infer<typeof newAssetSchema>;

export const assetPatchSchema = editableColumns.partial().extend({
  status: z.enum(ASSET_STATUSES).refine(
    (status) => !DERIVED_STATUSES.includes(status),
    "cannot be set by hand: ingesting, processing and deleted follow from what happens",
  ).optional(),
});
export type AssetPatch = z.infer<typeof assetPatchSchema>;

/** Options beside a file that is ingested. */
export const ingestOptionsSchema = z.object({
  title: editableColumns.shape.title.optional(),
  description: editableColumns.shape.description.unwrap().optional(),
  /** What the client takes the file for. The content decides; a contradiction becomes an ingest note. */
  asset_type: z.enum(ASSET_TYPES).optional(),
  code: editableColumns.shape.code.unwrap().optional(),
  visibility: z.enum(VISIBILITIES).default("internal"),
  /** What to do when the library has these bytes. Counts where the tenant's own rule is `keep`. */
  duplicate_rule: duplicateRuleSchema.optional(),
  generate_proxy: yesOrNo.default(true),
  generate_thumbnail: yesOrNo.default(true),
  extract_metadata: yesOrNo.default(true),
});
export type IngestOptions = z.infer<typeof ingestOptionsSchema>;

/** The columns of an asset that a list shows. */
export const listedColumns = assetColumns.pick({
  id: true,
  title: true,
  asset_type: true,
  status: true,
  visibility: true,
  duration_ms: true,
  file_size_bytes: true,
  created_at: true,
  updated_at: true,
  original_filename: true,
  failure_code: true,
  failure_reason: true,
});

/** The columns of its technical metadata that a list shows. */
export const listedTechnicalColumns = technicalMetadataSchema.pick({
  aspect_ratio: true,
  width: true,
  height: true,
  frame_rate_num: true,
  frame_rate_den: true,
  is_variable_frame_rate: true,
  start_timecode: true,
});

export const assetSummarySchema = listedColumns.extend({
  ...listedTechnicalColumns.shape,
  is_variable_frame_rate: technicalMetadataSchema.shape.is_variable_frame_rate.nullable(),
  rotation: technicalMetadataSchema.shape.rotation,
  thumbnail_url: z.string().nullable(),
  /** Average percent of the open jobs, null when none is open. */
  progress: z.number().int().nullable(),
});
export type AssetSummary = z.infer<typeof assetSummarySchema>;

const emptyList = z.array(z.record(z.string(), z.unknown()));

export const assetDetailSchema = assetColumns.extend({
  /** Whether the actor may change it, and whether they may decide who sees it. */
  can_edit: z.boolean(),
  can_share: z.boolean(),
  thumbnail_url: z.string().nullable(),
  proxy_url: z.string().nullable(),
  progress: z.number().int().nullable(),
  storage_locations: z.array(storageLocationSchema),
  technical_metadata: technicalMetadataSchema.nullable(),
  // Part of the contract, and empty: keywords and markers are read from endpoints of their own.
  keywords: emptyList,
  markers: emptyList,
});
export type AssetDetail = z.infer<typeof assetDetailSchema>;

/** Who sees an asset: the whole tenant, or its creator, administrators and those it is shared with. */
export const newAccessSchema = newGrantsSchema.extend({ visibility: z.enum(VISIBILITIES) });
export type NewAccess = z.output<typeof newAccessSchema>;
export const accessSchema = grantsSchema.extend({ visibility: z.enum(VISIBILITIES) });
export type Access = z.infer<typeof accessSchema>;
