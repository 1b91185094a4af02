import type { Sight } from "../context.ts";
import { assetOpenTo } from "../grants/grants.ts";
import type { Sql } from "../platform/db.ts";
import type { UploadedPart } from "../platform/storage.ts";

export interface UploadRow {
  id: string;
  tenant_id: string;
  asset_id: string;
  filename: string;
  content_type: string | null;
  options: unknown;
  total_bytes: number;
  received_bytes: number;
  bucket: string;
  path: string;
  multipart_id: string | null;
  parts: UploadedPart[];
  head: Uint8Array;
  tail: Uint8Array;
  hash_state: Uint8Array | null;
  finished_at: string | null;
  expires_at: string;
  created_at: string;
}

const columns = (sql: Sql) =>
  sql`id, tenant_id, asset_id, filename, content_type, options, total_bytes, received_bytes, bucket, path, multipart_id,
      parts, head, tail, hash_state, finished_at, expires_at, created_at`;

interface NewUploadRow {
  id: string;
  tenantId: string;
  userId: string | null;
  assetId: string;
  filename: string;
  contentType: string | null;
  options: unknown;
  totalBytes: number;
  bucket: string;
  path: string;
  lifetimeSeconds: number;
}

export function insertUpload(sql: Sql, row: NewUploadRow) {
  return sql`
    insert into uploads (id, tenant_id, created_by, asset_id, filename, content_type, options, total_bytes, bucket, path,
                         expires_at)
    values (${row.id}, ${row.tenantId}, ${row.userId}, ${row.assetId}, ${row.filename}, ${row.contentType},
            ${sql.json(row.options as never)}, ${row.totalBytes}, ${row.bucket}, ${row.path},
            now() + make_interval(secs => ${row.lifetimeSeconds}))`;
}

export function saveMultipart(sql: Sql, id: string, multipartId: string) {
  return sql`update uploads set multipart_id = ${multipartId} where id = ${id}`;
}

export function postponeUpload(sql: Sql, id: string, seconds: number) {
  return sql`update uploads set expires_at = now() + make_interval(secs => ${seconds}) where id = ${id}`;
}

/** An upload of one's own that has not run out. */
export function findUpload(sql: Sql, id: string, userId: string | null) {
  return sql<UploadRow[]>`
    select ${columns(sql)} from uploads
    where id = ${id} and created_by is not distinct from ${userId} and expires_at > now()`;
}

/** Makes the caller the one writer, whoever it was before; nothing when the offset is not where the upload stands. */
export function takeOver(sql: Sql, id: string, userId: string | null, offset: number, writerId: string) {
  return sql<UploadRow[]>`
    update uploads set writer_id = ${writerId}
    where id = ${id} and created_by is not distinct from ${userId} and expires_at > now() and received_bytes = ${offset}
    returning ${columns(sql)}`;
}

interface Progress {
  receivedBytes: number;
  parts: UploadedPart[];
  head: Uint8Array;
  tail: Uint8Array;
  hashState: Uint8Array;
  lifetimeSeconds: number;
}

/** Records how far it is, unless somebody else has become the writer. */
export function saveProgress(sql: Sql, id: string, writerId: string, progress: Progress) {
  return sql`
    update uploads set received_bytes = ${progress.receivedBytes}, parts = ${
    sql.json(progress.parts as never)
  },
                       head = ${progress.head}, tail = ${progress.tail}, hash_state = ${progress.hashState},
                       expires_at = now() + make_interval(secs => ${progress.lifetimeSeconds})
    where id = ${id} and writer_id = ${writerId}`;
}

export function finishUpload(sql: Sql, id: string) {
  return sql`update uploads set finished_at = now(), tail = '', head = '' where id = ${id}`;
}

export function deleteUpload(sql: Sql, id: string) {
  return sql`delete from uploads where id = ${id}`;
}

export function listExpired(sql: Sql, limit: number) {
  return sql<UploadRow[]>`
    select ${columns(sql)} from uploads where expires_at < now() order by expires_at limit ${limit}`;
}

/** What the asset of an upload was found to be a copy of, told to those alone who may see that. */
export function findDuplicateOf(sql: Sql, sight: Sight, assetId: string) {
  return sql<{ duplicate_of: string | null }[]>`
    select (select o.id from assets o where o.id = a.duplicate_of and ${assetOpenTo(sql, sight, "view", "o")})
           as duplicate_of
    from assets a where a.id = ${assetId}`;
}
