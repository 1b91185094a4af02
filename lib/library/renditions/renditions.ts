// The stored files of an asset: its original and the renditions made from it.
import { type Ctx, sightOf, transaction } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import { newId } from "../../platform/ids.ts";
import type { BucketName, ObjectRef } from "../../platform/storage/storage.ts";
import { bucketNamed } from "../objects/keys.ts";
import type { Purpose } from "../objects/schema.ts";
import * as queries from "./queries.ts";
import { fileError, type LocationRow, type ShownLocation, type StorageLocation } from "./schema.ts";
import { fileUrl } from "./urls.ts";

/** One file of an asset, ready to be sent. */
export interface AssetFile {
  id: string;
  ref: ObjectRef;
  filename: string;
  contentType: string;
  bytes: number;
  sha256: string | null;
  /** Strong validator: the hash of the content. */
  etag: string;
  modifiedAt: Date;
  /** Access can be revoked at any time, so every request has to be checked. */
  isPrivate: boolean;
}

/** The preferred file of an asset for a purpose. Throws `not_found` when the actor sees no such file or asset. */
export async function getFile(ctx: Ctx, assetId: string, purpose: Purpose): Promise<AssetFile> {
  const file = await transaction(ctx, (sql) => findFile(ctx, sql, assetId, purpose, sightOf(ctx.actor)));
  if (!file) throw fileError("not_found", { purpose });
  return file;
}

/** The preferred file of an asset for a purpose, within the caller's transaction. `sight` null sees every asset. */
export async function findFile(
  { storage }: Pick<Ctx, "storage">,
  sql: Sql,
  assetId: string,
  purpose: Purpose,
  sight: string | null = null,
): Promise<AssetFile | undefined> {
  const [row] = await queries.findFile(sql, sight, assetId, purpose);
  return row && {
    id: row.id,
    ref: { bucket: bucketNamed(storage, row.bucket), key: row.path },
    filename: row.filename,
    contentType: row.content_type,
    bytes: row.file_size_bytes,
    sha256: row.checksum_sha256,
    etag: `"${row.checksum_sha256 ?? row.id}"`,
    modifiedAt: new Date(row.updated_at),
    isPrivate: row.is_private,
  };
}

/** The files of an asset as a client is shown them, the original first. */
export async function listFiles(sql: Sql, assetId: string): Promise<ShownLocation[]> {
  return [...await queries.listLocations(sql, assetId)];
}

/** A stored file with a URL of its content. */
export function presentFile(
  ctx: Ctx,
  file: ShownLocation,
  { isPrivate }: { isPrivate: boolean },
): StorageLocation {
  const url = fileUrl(ctx, {
    ref: { bucket: bucketNamed(ctx.storage, file.bucket), key: file.path },
    filename: file.filename,
    purpose: file.purpose,
    contentType: file.content_type,
    isPrivate,
  });
  return { ...file, url };
}

/** Where all files of an asset are stored, for `markOrphaned`. */
export async function listObjects(sql: Sql, assetId: string): Promise<{ bucket: string; path: string }[]> {
  return [...await queries.listObjects(sql, assetId)];
}

/** A stored file and what is known of it. */
export interface NewFile {
  ref: ObjectRef;
  filename: string;
  contentType: string;
  bytes: number;
  sha256: string | null;
  width?: number | null;
  height?: number | null;
}

export type Marks = Partial<Pick<LocationRow, "is_primary" | "is_manual" | "is_accessible" | "status">>;

interface Owner {
  id: string;
  tenantId: string;
}

/**
 * Records a stored file of an asset in the caller's transaction; answers its id. Idempotent: the same object is recorded
 * once.
 */
export async function recordFile(
  { storage }: { storage: { bucketName(bucket: BucketName): string } },
  sql: Sql,
  { id, tenantId }: Owner,
  purpose: Purpose,
  file: NewFile,
  marks: Marks = {},
): Promise<string> {
  const [row] = await queries.upsertLocation(sql, {
    id: newId(),
    tenant_id: tenantId,
    asset_id: id,
    purpose,
    bucket: storage.bucketName(file.ref.bucket),
    path: file.ref.key,
    filename: file.filename,
    content_type: file.contentType,
    file_size_bytes: file.bytes,
    checksum_sha256: file.sha256,
    width: file.width,
    height: file.height,
    ...marks,
  });
  return row!.id;
}

/** Corrects the content type of an original once probing knows it. */
export async function saveOriginalType(sql: Sql, assetId: string, contentType: string): Promise<void> {
  await queries.updateOriginalType(sql, assetId, contentType);
}
