import type { Sight } from "../../access/context.ts";
import { assetOpenTo } from "../../access/grants/grants.ts";
import { columnValues, selectList } from "../../platform/db/columns.ts";
import type { Sql } from "../../platform/db/database.ts";
import { openProgress } from "../../work/jobs/asset_jobs.ts";
import { assetColumns, type AssetRow } from "./columns.ts";

/** Whether a private asset lets this person change it; every other asset is open to all whose role allows it. */
export interface EditRight {
  is_open_to_edit: boolean;
}

export function findAsset(sql: Sql, sight: Sight, id: string, includeDeleted: boolean) {
  return sql<(AssetRow & EditRight & { progress: number | null })[]>`
    select ${selectList(sql, assetColumns, "a")}, ${assetOpenTo(sql, sight, "edit")} as is_open_to_edit,
           case when a.status = 'processing' then ${openProgress(sql, "a.id")} end as progress
    from assets a
    where a.id = ${id} and ${assetOpenTo(sql, sight, "view")} ${
    includeDeleted ? sql`` : sql`and a.deleted_at is null`
  }`;
}

/** Those of these assets that the person may see. */
export function listSeen(sql: Sql, sight: Sight, ids: string[]) {
  return sql<{ id: string }[]>`
    select a.id from assets a where a.id = any(${ids}::uuid[]) and ${assetOpenTo(sql, sight, "view")}`;
}

/** What deciding about a change needs. */
const lockedColumns = assetColumns.pick({
  id: true,
  status: true,
  visibility: true,
  title: true,
  original_filename: true,
  created_by: true,
  deleted_at: true,
});
export type LockedAsset = Pick<AssetRow, keyof typeof lockedColumns.shape> & EditRight;

export function lockAsset(sql: Sql, sight: Sight, id: string) {
  return sql<LockedAsset[]>`
    select ${selectList(sql, lockedColumns, "a")}, ${assetOpenTo(sql, sight, "edit")} as is_open_to_edit
    from assets a where a.id = ${id} and ${assetOpenTo(sql, sight, "view")} for update of a`;
}

type Required = "id" | "tenant_id" | "title" | "asset_type" | "status";
export type NewAssetRow = Pick<AssetRow, Required> & Partial<AssetRow>;

export function insertAsset(sql: Sql, row: NewAssetRow) {
  return sql`insert into assets ${columnValues(sql, row)}`;
}

export type AssetChange = Partial<Omit<AssetRow, "id" | "tenant_id" | "created_at" | "updated_at">>;

export function updateAsset(sql: Sql, id: string, change: AssetChange) {
  return sql`
    update assets set ${
    columnValues(sql, change)
  }, updated_at = now() where id = ${id} and deleted_at is null`;
}

export function trashAsset(sql: Sql, id: string) {
  return sql`
    update assets set status_before_trash = status, status = 'deleted', deleted_at = now(), updated_at = now()
    where id = ${id} and deleted_at is null`;
}

export function restoreAsset(sql: Sql, id: string) {
  return sql`
    update assets set status = coalesce(status_before_trash, 'available'), status_before_trash = null, deleted_at = null,
           updated_at = now()
    where id = ${id} and deleted_at is not null`;
}

export function deleteAsset(sql: Sql, id: string) {
  return sql`delete from assets where id = ${id}`;
}

export function findByCode(sql: Sql, code: string) {
  return sql<{ id: string }[]>`select id from assets where code = ${code}`;
}

/** Serializes changes of parents within a tenant; the lock ends with the transaction. */
export function lockParents(sql: Sql, tenantId: string) {
  return sql`select pg_advisory_xact_lock(hashtextextended(${`parents:${tenantId}`}, 0))`;
}

/** A row when `id` is `startId` itself or one of its ancestors. */
export function findAncestor(sql: Sql, startId: string, id: string) {
  return sql<{ id: string }[]>`
    with recursive line as (
      select a.id, a.parent_id from assets a where a.id = ${startId}
      union
      select p.id, p.parent_id from assets p join line on p.id = line.parent_id
    )
    select id from line where id = ${id}`;
}

/** Serializes the decision about files with the same bytes; the lock ends with the transaction. */
export function lockBytes(sql: Sql, tenantId: string, checksum: string) {
  return sql`select pg_advisory_xact_lock(hashtextextended(${`bytes:${tenantId}:${checksum}`}, 0))`;
}

/** The oldest asset with the same bytes that the person may see. */
export function findDuplicate(sql: Sql, sight: Sight, checksum: string, exceptId: string) {
  return sql<{ id: string }[]>`
    select a.id from assets a
    where a.checksum_sha256 = ${checksum} and a.id <> ${exceptId} and a.deleted_at is null
      and ${assetOpenTo(sql, sight, "view")}
    order by a.created_at, a.id limit 1`;
}

/** `duplicate_of` of an asset, null when the person may not see that other asset. */
export function findDuplicateOf(sql: Sql, sight: Sight, assetId: string) {
  return sql<{ duplicate_of: string | null }[]>`
    select (select o.id from assets o where o.id = a.duplicate_of and ${assetOpenTo(sql, sight, "view", "o")})
           as duplicate_of
    from assets a where a.id = ${assetId}`;
}
