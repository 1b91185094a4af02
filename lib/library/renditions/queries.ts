import type { Sight } from "../../access/context.ts";
import { assetOpenTo } from "../../access/grants/grants.ts";
import { columnValues, selectList } from "../../platform/db/columns.ts";
import type { Sql } from "../../platform/db/database.ts";
import type { AssetType } from "../../media/schema.ts";
import type { Purpose } from "../objects/schema.ts";
import { fileColumns, type FileRow, type LocationRow, shownColumns, type ShownLocation } from "./schema.ts";

const MOST_SHOWN = 200;

/** The original first, then by purpose; of one purpose, manual files before generated ones, newest first. */
export function listLocations(sql: Sql, assetId: string) {
  return sql<ShownLocation[]>`
    select ${selectList(sql, shownColumns, "l")} from storage_locations l where l.asset_id = ${assetId}
    order by l.is_primary desc, l.purpose, l.is_manual desc, l.created_at desc limit ${MOST_SHOWN}`;
}

/** The preferred file of an asset for a purpose. */
export function findFile(sql: Sql, sight: Sight, assetId: string, purpose: Purpose) {
  return sql<(FileRow & { is_private: boolean })[]>`
    select ${selectList(sql, fileColumns, "l")}, a.visibility = 'private' as is_private
    from storage_locations l join assets a on a.id = l.asset_id
    where l.asset_id = ${assetId} and l.purpose = ${purpose} and l.is_accessible
      and ${assetOpenTo(sql, sight, "view")}
    order by l.is_manual desc, l.created_at desc limit 1`;
}

/** Where all files of an asset are stored; two of them may share an object. */
export function listObjects(sql: Sql, assetId: string) {
  return sql<Pick<LocationRow, "bucket" | "path">[]>`
    select distinct bucket, path from storage_locations where asset_id = ${assetId}`;
}

type Required =
  | "id"
  | "tenant_id"
  | "asset_id"
  | "purpose"
  | "bucket"
  | "path"
  | "filename"
  | "content_type"
  | "file_size_bytes"
  | "checksum_sha256";
export type NewLocationRow = Pick<LocationRow, Required> & Partial<LocationRow>;

/** Records a file; the same path again updates what is known of it, so that work may be repeated. */
export function upsertLocation(sql: Sql, row: NewLocationRow) {
  return sql<{ id: string }[]>`
    insert into storage_locations ${columnValues(sql, row)}
    on conflict on constraint storage_locations_path_key do update set
      content_type = excluded.content_type, file_size_bytes = excluded.file_size_bytes,
      checksum_sha256 = excluded.checksum_sha256, width = excluded.width, height = excluded.height, updated_at = now()
    returning id`;
}

/** An uploaded rendition with what its check needs. */
export type UploadedRow =
  & Pick<LocationRow, Exclude<Required, "content_type">>
  & { asset_type: AssetType };

const selectUploaded = (sql: Sql) =>
  sql`
    select l.id, l.tenant_id, l.asset_id, l.purpose, l.bucket, l.path, l.filename, l.file_size_bytes,
           l.checksum_sha256, a.asset_type
    from storage_locations l join assets a on a.id = l.asset_id`;

export function findUploaded(sql: Sql, id: string) {
  return sql<UploadedRow[]>`${selectUploaded(sql)} where l.id = ${id} and l.is_manual`;
}

/** The rendition that was uploaded last, checked or not. */
export function findNewest(sql: Sql, assetId: string, purpose: Purpose) {
  return sql<UploadedRow[]>`
    ${selectUploaded(sql)} where l.asset_id = ${assetId} and l.purpose = ${purpose} and l.is_manual
    order by l.created_at desc, l.id desc limit 1`;
}

export function acceptUploaded(
  sql: Sql,
  id: string,
  known: Pick<LocationRow, "content_type" | "width" | "height">,
) {
  return sql`
    update storage_locations set ${columnValues(sql, known)}, is_accessible = true, status = 'available',
                                 updated_at = now()
    where id = ${id}`;
}

type ObjectRow = Pick<LocationRow, "bucket" | "path">;

/** Deletes the uploaded renditions of a purpose but the newest `kept` that are shown or to be. Answers their objects. */
export function deleteOutdated(sql: Sql, assetId: string, purpose: Purpose, kept: number) {
  return sql<ObjectRow[]>`
    delete from storage_locations where id in (
      select id from storage_locations
      where asset_id = ${assetId} and purpose = ${purpose} and is_manual and is_accessible
      order by created_at desc, id desc offset ${kept})
    returning bucket, path`;
}

export function deleteUploaded(sql: Sql, id: string) {
  return sql<ObjectRow[]>`
    delete from storage_locations where id = ${id} and is_manual returning bucket, path`;
}

export function updateOriginalType(sql: Sql, assetId: string, contentType: string) {
  return sql`
    update storage_locations set content_type = ${contentType}, updated_at = now()
    where asset_id = ${assetId} and purpose = 'original'`;
}
