import { columnValues } from "../../platform/db/columns.ts";
import type { Sql } from "../../platform/db/database.ts";
import type { AssetRow, AssetStatus } from "./columns.ts";

type Facts = Pick<AssetRow, "asset_type" | "content_type" | "duration_ms" | "ingest_notes">;

export function updateFacts(sql: Sql, assetId: string, facts: Facts) {
  return sql`update assets set ${columnValues(sql, facts)}, updated_at = now() where id = ${assetId}`;
}

/** Sets the recording time, unless a person entered one. */
export function fillRecordedAt(sql: Sql, assetId: string, recordedAt: string | null) {
  return sql`update assets set recorded_at = coalesce(recorded_at, ${recordedAt}) where id = ${assetId}`;
}

interface Settlement {
  status: "available" | "failed";
  code: string | null;
  reason: string | null;
}

/** Settles an asset that is in work, no placeholder; review or archived, set by a person meanwhile, stay. In the trash, for later. */
export function settleAsset(sql: Sql, assetId: string, { status, code, reason }: Settlement) {
  return sql<{ status: AssetStatus }[]>`
    update assets set
      status = case when deleted_at is null then ${status} else status end,
      status_before_trash = case when deleted_at is null then status_before_trash else ${status} end,
      failure_code = ${code}, failure_reason = ${reason}, updated_at = now()
    where id = ${assetId} and coalesce(status_before_trash, status) in ('ingesting', 'processing')
      and primary_storage_path is not null
    returning status`;
}

export function reopenAsset(sql: Sql, assetId: string) {
  return sql`
    update assets set status = 'processing', failure_code = null, failure_reason = null, updated_at = now()
    where id = ${assetId} and status in ('failed', 'ingesting') and deleted_at is null`;
}
