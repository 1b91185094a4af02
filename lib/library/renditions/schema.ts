import { z } from "zod";
import { defineReasons } from "../../platform/errors.ts";
import { PURPOSES } from "../objects/schema.ts";

/** The columns of `storage_locations`: one row for each stored file of an asset. */
export const locationColumns = z.object({
  id: z.uuid(),
  tenant_id: z.uuid(),
  asset_id: z.uuid(),
  storage_type: z.string(),
  storage_tier: z.string(),
  bucket: z.string(),
  path: z.string(),
  filename: z.string(),
  content_type: z.string(),
  file_size_bytes: z.number().int(),
  checksum_sha256: z.string().nullable(),
  purpose: z.enum(PURPOSES),
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
  is_primary: z.boolean(),
  /** Uploaded by a person: preferred to what workers make for the same purpose. */
  is_manual: z.boolean(),
  is_accessible: z.boolean(),
  status: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type LocationRow = z.infer<typeof locationColumns>;

/** What a client is shown of a stored file. */
export const shownColumns = locationColumns.omit({
  tenant_id: true,
  asset_id: true,
  is_manual: true,
  updated_at: true,
});
export type ShownLocation = z.infer<typeof shownColumns>;

export const storageLocationSchema = shownColumns.extend({
  /** Relative or signed; valid for an hour, for a private asset five minutes; answers Range. */
  url: z.string(),
});
export type StorageLocation = z.infer<typeof storageLocationSchema>;

/** What sending a file to a client needs. */
export const fileColumns = locationColumns.pick({
  id: true,
  bucket: true,
  path: true,
  filename: true,
  content_type: true,
  file_size_bytes: true,
  checksum_sha256: true,
  updated_at: true,
});
export type FileRow = z.infer<typeof fileColumns>;

/** Why a file of an asset cannot be had. */
export const fileError = defineReasons("file", {
  not_found: { code: "not_found", detail: "This asset has no {purpose}." },
  unfit: { code: "unsupported", detail: "A {purpose} is {takes} here; by its content this is {type}." },
  none_uploaded: { code: "not_found", detail: "No {purpose} of this asset was uploaded by a person." },
  taken_back: { code: "not_found", detail: "This rendition was taken back before it was looked at." },
});
