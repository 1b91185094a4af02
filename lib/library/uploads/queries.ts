import type { Sql } from "../../platform/db/database.ts";
import type { UploadedPart } from "../../platform/storage/storage.ts";

export interface UploadRow {
  id: string;
  tenant_id: string;
  asset_id: string;
  filename: string;
  content_type: string | null;
  options: unknown;
  total_bytes: number;
  /** Including the tail. */
  received_bytes: number;
  bucket: string;
  path: string;
  multipart_id: string | null;
  tail_path: string | null;
  tail_bytes: number;
  finished_at: string | null;
  expires_at: string;
  /** The asset that has the bytes already, and kept this upload from becoming one. */
  duplicate_of: string | null;
}

/** With what only the writer needs: it grows with the upload. */
export interface OpenUploadRow extends UploadRow {
  /** Fencing token: only the request that holds it may record bytes. */
  writer_id: string;
  parts: UploadedPart[];
  /** The checksum's state after all bytes in `parts` and `tail`. */
  hash_state: Uint8Array | null;
  /** Bytes that the previous version kept here instead of in an object. */
  tail: Uint8Array;
}

/** How much of the object at `tail_path` is valid: nothing when the previous version continued from the parts. */
const tailBytes = (sql: Sql) => sql`case when tail_from = received_bytes then tail_bytes else 0 end`;

const columns = (sql: Sql) =>
  sql`id, tenant_id, asset_id, filename, content_type, options, total_bytes,
      received_bytes + ${tailBytes(sql)} as received_bytes, bucket, path, multipart_id, tail_path,
      ${tailBytes(sql)} as tail_bytes, finished_at, expires_at, duplicate_of`;

/** How long an upload waits for its next byte. */
const LIFETIME_SECONDS = 7 * 24 * 3600;

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
}

export function insertUpload(sql: Sql, row: NewUploadRow) {
  return sql`
    insert into uploads (id, tenant_id, created_by, asset_id, filename, content_type, options, total_bytes, bucket, path,
                         expires_at)
    values (${row.id}, ${row.tenantId}, ${row.userId}, ${row.assetId}, ${row.filename}, ${row.contentType},
            ${sql.json(row.options as never)}, ${row.totalBytes}, ${row.bucket}, ${row.path},
            now() + make_interval(secs => ${LIFETIME_SECONDS}))`;
}

export function saveMultipart(sql: Sql, id: string, multipartId: string) {
  return sql`update uploads set multipart_id = ${multipartId} where id = ${id}`;
}

export function postponeUpload(sql: Sql, id: string, seconds: number) {
  return sql`update uploads set expires_at = now() + make_interval(secs => ${seconds}) where id = ${id}`;
}

/** An upload of this user that has not expired. */
export function findUpload(sql: Sql, id: string, userId: string | null) {
  return sql<UploadRow[]>`
    select ${columns(sql)} from uploads
    where id = ${id} and created_by is not distinct from ${userId} and expires_at > now()`;
}

/** Makes the caller the only writer. Answers no row when the upload is at another offset. */
export function takeOver(sql: Sql, id: string, userId: string | null, offset: number, writerId: string) {
  return sql<OpenUploadRow[]>`
    update uploads set writer_id = ${writerId}
    where id = ${id} and created_by is not distinct from ${userId} and expires_at > now()
      and received_bytes + ${tailBytes(sql)} = ${offset}
    returning ${columns(sql)}, writer_id, parts, hash_state, tail`;
}

export interface Progress {
  receivedBytes: number;
  parts: UploadedPart[];
  /** First bytes of the file, with its first part. */
  head: Uint8Array | null;
  hashState: Uint8Array;
}

/** Records another part, which includes the tail, if the caller still is the writer. */
export function savePart(sql: Sql, row: OpenUploadRow, progress: Progress) {
  return sql`
    update uploads set received_bytes = ${progress.receivedBytes}, parts = ${
    sql.json(progress.parts as never)
  },
                       head = coalesce(${progress.head}, head), hash_state = ${progress.hashState}, tail = '',
                       tail_path = null, tail_bytes = 0, tail_from = null,
                       expires_at = now() + make_interval(secs => ${LIFETIME_SECONDS})
    where id = ${row.id} and writer_id = ${row.writer_id}`;
}

/** Records where the bytes after the last part are stored, if the caller still is the writer. */
export function saveTail(sql: Sql, row: OpenUploadRow, path: string, bytes: number) {
  return sql`
    update uploads set tail_path = ${path}, tail_bytes = ${bytes}, tail_from = received_bytes,
                       expires_at = now() + make_interval(secs => ${LIFETIME_SECONDS})
    where id = ${row.id} and writer_id = ${row.writer_id}`;
}

export function dropTail(sql: Sql, row: OpenUploadRow) {
  return sql`
    update uploads set tail_path = null, tail_bytes = 0, tail_from = null
    where id = ${row.id} and writer_id = ${row.writer_id}`;
}

/** The first bytes of the file. */
export function readHead(sql: Sql, id: string) {
  return sql<{ head: Uint8Array }[]>`select head from uploads where id = ${id}`;
}

/** Records what an upload has become: an asset of its own, or an older one that is a duplicate as well. */
export function finishUpload(sql: Sql, id: string, assetId: string, duplicateOf: string | null) {
  return sql`
    update uploads set finished_at = now(), head = '', asset_id = ${assetId}, duplicate_of = ${duplicateOf}
    where id = ${id}`;
}

/** Keeps a complete upload whose bytes the library has, until a person decides or `seconds` have passed. */
export function holdUpload(sql: Sql, id: string, duplicateOf: string, seconds: number) {
  return sql`
    update uploads set duplicate_of = ${duplicateOf}, expires_at = now() + make_interval(secs => ${seconds})
    where id = ${id}`;
}

/** Answers the deleted row. */
export function deleteUpload(sql: Sql, id: string) {
  return sql<UploadRow[]>`delete from uploads where id = ${id} returning ${columns(sql)}`;
}

export function listExpired(sql: Sql, limit: number) {
  return sql<UploadRow[]>`
    select ${columns(sql)} from uploads where expires_at < now() order by expires_at limit ${limit}`;
}
