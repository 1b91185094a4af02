import type { Sight } from "../../access/context.ts";
import { assetOpenTo } from "../../access/grants/grants.ts";
import { columnValues, selectList } from "../../platform/db/columns.ts";
import type { Sql } from "../../platform/db/database.ts";
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
  return sql`
    insert into storage_locations ${columnValues(sql, row)}
    on conflict on constraint storage_locations_path_key do update set
      content_type = excluded.content_type, file_size_bytes = excluded.file_size_bytes,
      checksum_sha256 = excluded.checksum_sha256, width = excluded.width, height = excluded.height, updated_at = now()`;
}

export function updateOriginalType(sql: Sql, assetId: string, contentType: string) {
  return sql`
    update storage_locations set content_type = ${contentType}, updated_at = now()
    where asset_id = ${assetId} and purpose = 'original'`;
}
