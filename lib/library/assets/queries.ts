import type { Sight } from "../../access/context.ts";
import { assetOpenTo } from "../../access/grants/grants.ts";
import type { Sql } from "../../platform/db/database.ts";
import { followsCursor, pageSlice } from "../../platform/db/keyset.ts";
import type { TechnicalMetadata } from "../../media/schema.ts";
import { COUNT_LIMIT } from "../../platform/page.ts";
import type { Purpose } from "../objects/schema.ts";
import type { AssetFilter, AssetPatch, AssetStatus, Visibility } from "./schema.ts";

export interface SummaryRow {
  id: string;
  title: string;
  asset_type: string;
  status: AssetStatus;
  visibility: Visibility;
  duration_ms: number | null;
  file_size_bytes: number | null;
  created_at: string;
  updated_at: string;
  original_filename: string | null;
  aspect_ratio: string | null;
  width: number | null;
  height: number | null;
  rotation: number;
  frame_rate_num: number | null;
  frame_rate_den: number | null;
  progress: number | null;
  failure_code: string | null;
  failure_reason: string | null;
  thumbnail_version: string | null;
}

const openProgress = (sql: Sql) =>
  sql`(select round(avg(j.progress))::int from jobs j where j.asset_id = a.id and j.status in ('pending', 'processing'))`;

/** The rows of one page and one more. The page is cut before anything is joined to it. */
export function listAssets(sql: Sql, sight: Sight, filter: AssetFilter) {
  return sql<SummaryRow[]>`
    with a as materialized (
      select * from assets a where ${matches(sql, sight, filter)} and ${followsCursor(sql, "a", filter)}
      order by a.created_at desc, a.id desc ${pageSlice(sql, filter)}
    )
    ${selectSummary(sql)} order by a.created_at desc, a.id desc`;
}

export function findSummary(sql: Sql, sight: Sight, id: string) {
  return sql<SummaryRow[]>`
    with a as (select * from assets a where a.id = ${id} and ${assetOpenTo(sql, sight, "view")})
    ${selectSummary(sql)}`;
}

function selectSummary(sql: Sql) {
  return sql`
    select a.id, a.title, a.asset_type, a.status, a.visibility, a.duration_ms, a.file_size_bytes, a.created_at, a.updated_at,
           a.original_filename, a.failure_code, a.failure_reason, t.aspect_ratio, t.width, t.height,
           coalesce(t.rotation, 0) as rotation, t.frame_rate_num, t.frame_rate_den,
           left(th.checksum_sha256, 12) as thumbnail_version,
           case when a.status = 'processing' then ${openProgress(sql)} end as progress
    from a
    left join technical_metadata t on t.asset_id = a.id
    left join lateral (
      select checksum_sha256 from storage_locations
      where asset_id = a.id and purpose = 'thumbnail' and is_accessible
      order by is_manual desc, created_at desc limit 1) th on true`;
}

/** Counts to the limit and not further: the hundred-thousandth page must not pay for a total nobody reads. */
export function countAssets(sql: Sql, sight: Sight, filter: AssetFilter) {
  return sql<{ count: number }[]>`
    select count(*) from (select 1 from assets a where ${matches(sql, sight, filter)} limit ${
    COUNT_LIMIT + 1
  }) counted`;
}

/** The planner's guess at the number of matches. */
export async function estimateAssets(sql: Sql, sight: Sight, filter: AssetFilter): Promise<number> {
  const [row] = await sql<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }[]>`
    explain (format json) select 1 from assets a where ${matches(sql, sight, filter)}`;
  return Math.max(COUNT_LIMIT + 1, Math.round(row!["QUERY PLAN"][0].Plan["Plan Rows"]));
}

function matches(sql: Sql, sight: Sight, { status, asset_type, search }: AssetFilter) {
  return sql`
    ${status === "deleted" ? sql`a.deleted_at is not null` : sql`a.deleted_at is null`}
    ${status ? sql`and a.status = ${status}` : sql``}
    ${asset_type ? sql`and a.asset_type = ${asset_type}` : sql``}
    ${search ? sql`and ${contains(sql, search)}` : sql``}
    and ${assetOpenTo(sql, sight, "view")}`;
}

function contains(sql: Sql, search: string) {
  const pattern = `%${search.replaceAll(/[\\%_]/g, "\\$&")}%`;
  return sql`(a.title ilike ${pattern} or a.original_filename ilike ${pattern} or a.code ilike ${pattern})`;
}

export interface AssetRow {
  id: string;
  tenant_id: string;
  status: AssetStatus;
  visibility: Visibility;
  /** Whether what is private lets this person change it; whatever is not lets everybody whose role does. */
  is_open_to_edit: boolean;
  asset_type: string;
  title: string;
  original_filename: string | null;
  created_by: string | null;
  parent_id: string | null;
  duplicate_of: string | null;
  deleted_at: string | null;
  created_at: string;
  [column: string]: unknown;
}

export function findAsset(sql: Sql, sight: Sight, id: string, includeDeleted: boolean) {
  return sql<AssetRow[]>`
    select a.id, a.tenant_id, a.parent_id, a.code, a.slug, a.external_ids, a.asset_type, a.derivative_type, a.title,
           a.description, a.duration_ms, a.recorded_at, a.content_rating, a.status, a.visibility, a.publish_status,
           a.original_filename, a.content_type, a.primary_storage_path, a.file_size_bytes, a.checksum_sha256,
           a.duplicate_of, a.failure_code, a.failure_reason, a.ingest_notes, a.extra, a.created_by, a.created_at,
           a.updated_at, a.deleted_at, ${assetOpenTo(sql, sight, "edit")} as is_open_to_edit,
           case when a.status = 'processing' then ${openProgress(sql)} end as progress
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

export function lockAsset(sql: Sql, sight: Sight, id: string) {
  return sql<AssetRow[]>`
    select a.id, a.tenant_id, a.status, a.status_before_trash, a.visibility, a.asset_type, a.title,
           a.original_filename, a.created_by, a.deleted_at, a.created_at,
           ${assetOpenTo(sql, sight, "edit")} as is_open_to_edit
    from assets a where a.id = ${id} and ${assetOpenTo(sql, sight, "view")} for update of a`;
}

export interface LocationRow {
  id: string;
  asset_id: string;
  purpose: Purpose;
  bucket: string;
  path: string;
  filename: string;
  content_type: string;
  file_size_bytes: number;
  checksum_sha256: string | null;
  [column: string]: unknown;
}

export function listLocations(sql: Sql, assetId: string) {
  return sql<LocationRow[]>`
    select id, asset_id, storage_type, storage_tier, bucket, path, filename, content_type, file_size_bytes,
           checksum_sha256, purpose, width, height, is_primary, is_accessible, status, created_at
    from storage_locations where asset_id = ${assetId} 
    order by is_primary desc, purpose, is_manual desc, created_at desc limit 200`;
}

export function findLocation(sql: Sql, sight: Sight, assetId: string, purpose: Purpose) {
  return sql<(LocationRow & { visibility: Visibility })[]>`
    select l.id, l.asset_id, l.purpose, l.bucket, l.path, l.filename, l.content_type, l.file_size_bytes,
           l.checksum_sha256, a.visibility
    from storage_locations l join assets a on a.id = l.asset_id
    where l.asset_id = ${assetId} and l.purpose = ${purpose} and l.is_accessible and ${
    assetOpenTo(sql, sight, "view")
  }
    order by l.is_manual desc, l.created_at desc limit 1`;
}

/** As probed, with what later jobs measure. */
export interface TechnicalRow extends TechnicalMetadata {
  loudness_integrated: number | null;
  loudness_range: number | null;
  loudness_peak: number | null;
  analyzed_at: string;
}

export function findTechnicalMetadata(sql: Sql, assetId: string) {
  return sql<TechnicalRow[]>`
    select width, height, rotation, sample_aspect_ratio, aspect_ratio, resolution_category, frame_rate, frame_rate_num,
           frame_rate_den, is_variable_frame_rate, frame_count, start_timecode, drop_frame, scan_type, video_codec,
           video_codec_profile, video_bit_rate, bit_depth, pixel_format, color_space, color_primaries, color_transfer,
           hdr_format, audio_codec, audio_channels, audio_channel_layout, audio_sample_rate, audio_bit_rate,
           container_format, bit_rate, loudness_integrated, loudness_range, loudness_peak, streams, camera, analyzed_at
    from technical_metadata where asset_id = ${assetId}`;
}

export function insertAsset(sql: Sql, row: Record<string, unknown>) {
  return sql`insert into assets ${sql(jsonColumns(sql, row) as Record<string, string>)}`;
}

export function updateAsset(sql: Sql, id: string, patch: AssetPatch | Record<string, unknown>) {
  return sql`
    update assets set ${sql(jsonColumns(sql, patch) as Record<string, string>)}, updated_at = now()
    where id = ${id} and deleted_at is null`;
}

const JSON_COLUMNS = ["external_ids", "extra", "ingest_notes", "streams", "camera"];

function jsonColumns(sql: Sql, row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map((
      [key, value],
    ) => [key, JSON_COLUMNS.includes(key) ? sql.json(value as never) : value]),
  );
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

/** Jobs before their asset: the order in which workers lock them too. */
export function lockJobs(sql: Sql, assetId: string) {
  return sql`select id from jobs where asset_id = ${assetId} order by id for update`;
}

/** The oldest asset with the same bytes that the person may see. */
export function findDuplicate(sql: Sql, sight: Sight, checksum: string, exceptId: string) {
  return sql<{ id: string }[]>`
    select a.id from assets a
    where a.checksum_sha256 = ${checksum} and a.id <> ${exceptId} and a.deleted_at is null
      and ${assetOpenTo(sql, sight, "view")}
    order by a.created_at, a.id limit 1`;
}

interface NewLocation {
  id: string;
  tenantId: string;
  assetId: string;
  purpose: Purpose;
  bucket: string;
  path: string;
  filename: string;
  contentType: string;
  bytes: number;
  sha256: string | null;
  width?: number | null;
  height?: number | null;
  isPrimary?: boolean;
  isManual?: boolean;
}

/** Records a file, or what became of it when the same work is done again. Answers the row's id. */
export function upsertLocation(sql: Sql, location: NewLocation) {
  return sql<{ id: string }[]>`
    insert into storage_locations (id, tenant_id, asset_id, purpose, bucket, path, filename, content_type,
                                   file_size_bytes, checksum_sha256, width, height, is_primary, is_manual)
    values (${location.id}, ${location.tenantId}, ${location.assetId}, ${location.purpose}, ${location.bucket},
            ${location.path}, ${location.filename}, ${location.contentType}, ${location.bytes}, ${location.sha256},
            ${location.width ?? null}, ${location.height ?? null}, ${location.isPrimary ?? false}, ${
    location.isManual ?? false
  })
    on conflict on constraint storage_locations_path_key do update set
      content_type = excluded.content_type, file_size_bytes = excluded.file_size_bytes,
      checksum_sha256 = excluded.checksum_sha256, width = excluded.width, height = excluded.height, updated_at = now()
    returning id`;
}

export function upsertTechnicalMetadata(
  sql: Sql,
  tenantId: string,
  assetId: string,
  technical: TechnicalMetadata,
) {
  const row = jsonColumns(sql, { ...technical }) as Record<string, string>;
  return sql`
    insert into technical_metadata ${sql({ ...row, tenant_id: tenantId, asset_id: assetId })}
    on conflict (asset_id) do update set ${sql(row)}, analyzed_at = now()`;
}

interface Facts {
  asset_type: string;
  content_type: string;
  duration_ms: number | null;
  recorded_at: string | null;
}

/** What the content says wins; a recording time that somebody entered stays. */
export function updateFacts(sql: Sql, assetId: string, facts: Facts) {
  return sql`
    update assets set asset_type = ${facts.asset_type}, content_type = ${facts.content_type},
                      duration_ms = ${facts.duration_ms}, recorded_at = coalesce(recorded_at, ${facts.recorded_at}),
                      updated_at = now()
    where id = ${assetId}`;
}

export function updateLocationType(sql: Sql, assetId: string, contentType: string) {
  return sql`
    update storage_locations set content_type = ${contentType}, updated_at = now()
    where asset_id = ${assetId} and purpose = 'original'`;
}

/** Open and failed work that decides what state an asset is in. */
export function findWorkState(sql: Sql, assetId: string) {
  return sql<{ open: number; error_code: string | null; error_message: string | null; failed: boolean }[]>`
    select count(*) filter (where status in ('pending', 'processing')) as open,
           coalesce(bool_or(status = 'failed' and job_type in ('metadata', 'proxy')), false) as failed,
           min(error_code) filter (where status = 'failed' and job_type in ('metadata', 'proxy')) as error_code,
           min(error_message) filter (where status = 'failed' and job_type in ('metadata', 'proxy')) as error_message
    from jobs where asset_id = ${assetId}`;
}

interface Settlement {
  status: "available" | "failed";
  code: string | null;
  reason: string | null;
}

/** Only work in hand is settled: what somebody set to review or archived meanwhile stays. In the trash it waits. */
export function settleAsset(sql: Sql, assetId: string, { status, code, reason }: Settlement) {
  return sql<{ status: AssetStatus }[]>`
    update assets set
      status = case when deleted_at is null then ${status} else status end,
      status_before_trash = case when deleted_at is null then status_before_trash else ${status} end,
      failure_code = ${code}, failure_reason = ${reason}, updated_at = now()
    where id = ${assetId} and coalesce(status_before_trash, status) in ('ingesting', 'processing')
    returning status`;
}

export function reopenAsset(sql: Sql, assetId: string) {
  return sql`
    update assets set status = 'processing', failure_code = null, failure_reason = null, updated_at = now()
    where id = ${assetId} and status in ('failed', 'ingesting') and deleted_at is null`;
}
