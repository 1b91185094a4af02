// How files come in: the bytes first, then, in one transaction, the asset, its original and the work to do on it.
import { type Ctx, sightOf, transaction } from "../../access/context.ts";
import { record } from "../../audit/audit.ts";
import type { Sql } from "../../platform/db/database.ts";
import { assetError } from "./reasons.ts";
import { newId } from "../../platform/ids.ts";
import { uploadedBytes } from "../../platform/observe/metrics.ts";
import type { StoredObject } from "../../platform/storage/storage.ts";
import { enqueueJobs, type Job, nudge } from "../../work/jobs/jobs.ts";
import { announce } from "../../work/live/live.ts";
import type { AssetType } from "../../media/schema.ts";
import { requireRoom } from "../../tenancy/quotas/quotas.ts";
import { requirePermission } from "../../access/permissions.ts";
import { stemOf } from "../objects/keys.ts";
import { requireEdit } from "./access.ts";
import { mapDuplicateCode } from "./codes.ts";
import { assetEvent } from "./events.ts";
import * as queries from "./queries.ts";
import { type IncomingFile, keepOrDiscard, receive, type ReceivedFile } from "./receive.ts";
import type { Purpose } from "../objects/schema.ts";
import type { AssetStatus, IngestOptions } from "./schema.ts";

export interface Ingested {
  assetId: string;
  status: AssetStatus;
  jobs: Job[];
  /** An older asset with the same bytes. */
  duplicateOf: string | null;
}

/**
 * Takes a file in as a new asset. Any non-empty file is kept. `readOptions` is asked once the bytes are in: in a form
 * they may stand behind the file. Throws `invalid` for an empty file, `conflict` for a taken code and for one asset too
 * many, `too_large` above UPLOAD_MAX_BYTES or what the tenant has left; nothing is left behind then, nor when the body
 * breaks off.
 */
export async function ingest(
  ctx: Ctx,
  file: IncomingFile,
  readOptions: () => IngestOptions | Promise<IngestOptions>,
): Promise<Ingested> {
  requirePermission(ctx, "assets.change");
  const place = { assetId: newId(), createdAt: nowIso(ctx), assets: 1 as const };
  const received = await receive(ctx, file, place, "original");
  return await keepOrDiscard(
    ctx,
    received,
    async () => await createFromFile(ctx, received, await readOptions()),
  );
}

/** Records a received file as a new asset and enqueues its work. Announces both. */
export async function createFromFile(
  ctx: Ctx,
  file: ReceivedFile,
  options: IngestOptions,
): Promise<Ingested> {
  const ingested = await mapDuplicateCode(transaction(ctx, async (sql) => {
    if (!file.isPromised) await requireRoom(sql, ctx.actor.tenantId, { bytes: file.bytes, assets: 1 });
    const duplicateOf = await findDuplicate(ctx, sql, file);
    const columns = assetColumns(ctx, file, options);
    await queries.insertAsset(sql, { ...columns, duplicate_of: duplicateOf });
    const ingested = await recordOriginal(ctx, sql, file, options, duplicateOf);
    const { title, original_filename, checksum_sha256 } = columns;
    const after = { title, original_filename, checksum_sha256 };
    await record(sql, ctx, { action: "asset.create", target: { id: file.assetId, name: title }, after });
    return ingested;
  }));
  uploadedBytes.inc(file.bytes);
  await afterIngest(ctx, ingested, "created");
  return ingested;
}

/** What storing another file of an asset answers. */
export interface StoredFile extends StoredObject {
  storageLocationId: string;
  bucket: string;
  path: string;
  status: AssetStatus;
}

/**
 * Adds a file to an asset. An original makes a placeholder an asset with work to do; a second one is `conflict`. The
 * other purposes are kept as they are: what somebody made by hand is better than what we would make. `isWhole` throws
 * when the form around the file turned out broken.
 */
export async function addFile(
  ctx: Ctx,
  assetId: string,
  purpose: Purpose,
  file: IncomingFile,
  isWhole: () => Promise<void> = () => Promise.resolve(),
): Promise<StoredFile> {
  requirePermission(ctx, "assets.change");
  const asset = await transaction(ctx, (sql) => findPlace(ctx, sql, assetId, purpose));
  const received = await receive(ctx, file, { assetId, createdAt: asset.created_at, assets: 0 }, purpose);
  await keepOrDiscard(ctx, received, async () => {
    await isWhole();
    if (purpose === "original") await fillPlaceholder(ctx, received);
    else await addRendition(ctx, received, purpose);
  });
  return await describe(ctx, received, purpose);
}

function addRendition(ctx: Ctx, file: ReceivedFile, purpose: Purpose): Promise<void> {
  return transaction(ctx, async (sql) => {
    await requireRoom(sql, ctx.actor.tenantId, { bytes: file.bytes });
    await recordFile(ctx, sql, file, purpose, { isManual: true });
  });
}

function assetColumns(ctx: Ctx, file: ReceivedFile, options: IngestOptions) {
  return {
    id: file.assetId,
    tenant_id: ctx.actor.tenantId,
    title: options.title ?? (stemOf(file.filename) || "Untitled"),
    description: options.description ?? null,
    code: options.code ?? null,
    visibility: options.visibility,
    created_by: ctx.actor.userId,
    status: "processing",
    ...originalColumns(file),
  };
}

function originalColumns(file: ReceivedFile) {
  return {
    asset_type: file.assetType,
    original_filename: file.filename,
    content_type: file.contentType,
    primary_storage_path: file.ref.key,
    file_size_bytes: file.bytes,
    checksum_sha256: file.sha256,
    ingest_notes: file.notes,
  };
}

type Wanted = Pick<IngestOptions, "generate_proxy" | "generate_thumbnail">;

async function recordOriginal(
  ctx: Ctx,
  sql: Sql,
  file: ReceivedFile,
  options: Wanted,
  duplicateOf: string | null,
): Promise<Ingested> {
  await recordFile(ctx, sql, file, "original", { isPrimary: true });
  const jobs = await enqueueJobs(sql, {
    tenantId: ctx.actor.tenantId,
    assetId: file.assetId,
    kinds: workFor(file.assetType, options),
    requestId: ctx.requestId,
    createdBy: ctx.actor.userId,
  });
  return { assetId: file.assetId, status: "processing", jobs, duplicateOf };
}

/** Probing always comes first: nothing else can be made of a file of which nothing is known. */
function workFor(assetType: AssetType, options: Wanted) {
  const renditions = assetType === "document" ? [] : [
    ...(options.generate_thumbnail ? ["thumbnail" as const] : []),
    ...(options.generate_proxy ? ["proxy" as const] : []),
  ];
  return ["metadata" as const, ...renditions];
}

async function recordFile(
  ctx: Ctx,
  sql: Sql,
  file: ReceivedFile,
  purpose: Purpose,
  mark: { isPrimary?: boolean; isManual?: boolean },
): Promise<void> {
  await file.reservation.release(sql);
  await queries.upsertLocation(sql, {
    id: newId(),
    tenantId: ctx.actor.tenantId,
    assetId: file.assetId,
    purpose,
    ...mark,
    bucket: ctx.storage.bucketName(file.ref.bucket),
    path: file.ref.key,
    filename: file.filename,
    contentType: file.contentType,
    bytes: file.bytes,
    sha256: file.sha256,
  });
}

async function findPlace(ctx: Ctx, sql: Sql, assetId: string, purpose: Purpose) {
  const [asset] = await queries.findAsset(sql, sightOf(ctx.actor), assetId, false);
  if (!asset) throw assetError("not_found");
  requireEdit(ctx, asset);
  const [original] = await queries.findLocation(sql, null, assetId, "original");
  if (purpose === "original" && original) throw assetError("has_original");
  return asset;
}

async function fillPlaceholder(ctx: Ctx, file: ReceivedFile): Promise<void> {
  const ingested = await transaction(ctx, async (sql) => {
    await requireRoom(sql, ctx.actor.tenantId, { bytes: file.bytes });
    await queries.lockAsset(sql, sightOf(ctx.actor), file.assetId);
    await findPlace(ctx, sql, file.assetId, "original");
    const duplicateOf = await findDuplicate(ctx, sql, file);
    await queries.updateAsset(sql, file.assetId, {
      ...originalColumns(file),
      status: "processing",
      duplicate_of: duplicateOf,
    });
    const everything = { generate_proxy: true, generate_thumbnail: true };
    return await recordOriginal(ctx, sql, file, everything, duplicateOf);
  });
  uploadedBytes.inc(file.bytes);
  await afterIngest(ctx, ingested, "updated");
}

/** An older asset with the same bytes; never one that the actor may not see. */
async function findDuplicate(ctx: Ctx, sql: Sql, file: ReceivedFile): Promise<string | null> {
  const [older] = await queries.findDuplicate(sql, sightOf(ctx.actor), file.sha256, file.assetId);
  return older?.id ?? null;
}

async function describe(ctx: Ctx, file: ReceivedFile, purpose: Purpose): Promise<StoredFile> {
  return await transaction(ctx, async (sql) => {
    const [location] = await queries.findLocation(sql, null, file.assetId, purpose);
    const [asset] = await queries.findAsset(sql, null, file.assetId, true);
    const { bucket, path } = location!;
    return {
      storageLocationId: location!.id,
      bucket,
      path,
      bytes: file.bytes,
      sha256: file.sha256,
      status: asset!.status,
    };
  });
}

async function afterIngest(
  ctx: Ctx,
  { assetId, status }: Ingested,
  change: "created" | "updated",
): Promise<void> {
  await nudge(ctx);
  await announce(ctx, ctx.actor.tenantId, assetEvent, { id: assetId, change, status });
}

function nowIso(ctx: Ctx): string {
  return new Date(ctx.clock.now()).toISOString();
}
