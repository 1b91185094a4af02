// What workers read and write of an asset. Everything that takes `sql` runs in the transaction that ends the job.
import type { Ctx } from "../../access/context.ts";
import { assetError } from "./reasons.ts";
import type { Sql } from "../../platform/db/database.ts";
import { newId } from "../../platform/ids.ts";
import type { BucketName, ObjectRef } from "../../platform/storage/storage.ts";
import type { AssetType, Probe, Rendition, TechnicalMetadata } from "../../media/schema.ts";
import { enqueueJobs } from "../../work/jobs/jobs.ts";
import { bucketNamed, objectRef } from "../objects/keys.ts";
import { reserveObject } from "../objects/objects.ts";
import * as queries from "./queries.ts";
import type { Purpose } from "../objects/schema.ts";
import type { AssetStatus } from "./schema.ts";

/** An asset as a worker needs it. */
export interface AssetForWork {
  id: string;
  tenantId: string;
  tenantCode: string;
  createdAt: string;
  assetType: AssetType;
  title: string;
  durationMs: number | null;
  original: {
    bucket: BucketName;
    path: string;
    filename: string;
    contentType: string;
    bytes: number;
    sha256: string | null;
  };
  /** What probing found; null until the metadata job is done. */
  probe: Probe | null;
}

/** Reads an asset with its original. Throws `not_found` when either is gone: there is nothing left to do then. */
export async function getAssetForWork(ctx: Ctx, sql: Sql, assetId: string): Promise<AssetForWork> {
  const [asset] = await queries.findAsset(sql, null, assetId, true);
  const [original] = await queries.findLocation(sql, null, assetId, "original");
  if (!asset || !original) throw assetError("original_gone");
  const [technical] = await queries.findTechnicalMetadata(sql, assetId);
  return {
    id: asset.id,
    tenantId: asset.tenant_id,
    tenantCode: original.path.split("/")[0]!,
    createdAt: asset.created_at,
    assetType: asset.asset_type as AssetType,
    title: asset.title,
    durationMs: asset.duration_ms as number | null,
    original: {
      bucket: bucketNamed(ctx.storage, original.bucket),
      path: original.path,
      filename: original.filename,
      contentType: original.content_type,
      bytes: original.file_size_bytes,
      sha256: original.checksum_sha256,
    },
    probe: technical ? probeOf(asset, original.content_type, technical) : null,
  };
}

function probeOf(asset: queries.AssetRow, contentType: string, technical: TechnicalMetadata): Probe {
  return {
    assetType: asset.asset_type as AssetType,
    contentType,
    durationMs: asset.duration_ms as number | null,
    recordedAt: asset.recorded_at as string | null,
    technical,
  };
}

/** Shows that work on an asset that had failed goes on. Called when a job is claimed. */
export async function reopenAsset(sql: Sql, assetId: string): Promise<void> {
  await queries.reopenAsset(sql, assetId);
}

/** Records what probing found. A file that was taken for a document and turns out to be media gets its renditions. */
export async function saveProbe(sql: Sql, asset: AssetForWork, probe: Probe): Promise<void> {
  await queries.upsertTechnicalMetadata(sql, asset.tenantId, asset.id, probe.technical);
  await queries.updateFacts(sql, asset.id, {
    asset_type: probe.assetType,
    content_type: probe.contentType,
    duration_ms: probe.durationMs,
    recorded_at: probe.recordedAt,
  });
  await queries.updateLocationType(sql, asset.id, probe.contentType);
  if (asset.assetType === "document" && probe.assetType !== "document") {
    await enqueueJobs(sql, {
      tenantId: asset.tenantId,
      assetId: asset.id,
      kinds: ["thumbnail", "proxy"],
      requestId: null,
      createdBy: null,
    });
  }
}

/**
 * Stores a rendition under the key that every attempt uses. Answers what records it in the transaction that ends the
 * job; a run that lost its lease never gets there, and the object it wrote is the one its successor writes again.
 */
export async function storeRendition(
  ctx: Ctx,
  asset: AssetForWork,
  purpose: Purpose,
  rendition: Rendition,
  signal: AbortSignal,
): Promise<(sql: Sql) => Promise<void>> {
  const filename = `${purpose}.${rendition.extension}`;
  const ref = objectRef(
    { tenantCode: asset.tenantCode, assetId: asset.id, createdAt: asset.createdAt },
    purpose,
    filename,
  );
  const reservation = await reserveObject(ctx, ref);
  const file = await Deno.open(rendition.path);
  const { size } = await file.stat();
  const options = { contentType: rendition.contentType, contentLength: size, signal };
  // When this fails the note stays: whether an earlier run owns the object is for the sweep to see.
  const stored = await ctx.storage.put(ref, file.readable, options);
  return async (sql) => {
    await reservation.release(sql);
    await recordFile(ctx, sql, asset, purpose, ref, { filename, ...rendition, ...stored });
  };
}

/** Records that the original itself plays everywhere: the proxy location points at its object. */
export async function saveOriginalAsProxy(ctx: Ctx, sql: Sql, asset: AssetForWork): Promise<void> {
  const { bucket, path, filename, contentType, bytes, sha256 } = asset.original;
  const { width = null, height = null } = asset.probe?.technical ?? {};
  const facts = { filename, contentType, bytes, sha256, width, height };
  await recordFile(ctx, sql, asset, "proxy", { bucket, key: path }, facts);
}

interface FileFacts {
  filename: string;
  contentType: string;
  bytes: number;
  sha256: string | null;
  width: number | null;
  height: number | null;
}

async function recordFile(
  ctx: Ctx,
  sql: Sql,
  asset: AssetForWork,
  purpose: Purpose,
  ref: ObjectRef,
  facts: FileFacts,
) {
  await queries.upsertLocation(sql, {
    id: newId(),
    tenantId: asset.tenantId,
    assetId: asset.id,
    purpose,
    bucket: ctx.storage.bucketName(ref.bucket),
    path: ref.key,
    filename: facts.filename,
    contentType: facts.contentType,
    bytes: facts.bytes,
    sha256: facts.sha256,
    width: facts.width,
    height: facts.height,
  });
}

/**
 * Moves an asset on when none of its jobs is open any more: to available, or to failed when its metadata or proxy could
 * not be made. Answers its state when it changed.
 */
export async function settleAsset(sql: Sql, assetId: string): Promise<AssetStatus | undefined> {
  // Two jobs may end at the same moment, each seeing the other still open: the second one has to wait and look again.
  await queries.lockAsset(sql, null, assetId);
  const [work] = await queries.findWorkState(sql, assetId);
  if (work!.open > 0) return undefined;
  const [settled] = await queries.settleAsset(sql, assetId, {
    status: work!.failed ? "failed" : "available",
    code: work!.failed ? work!.error_code : null,
    reason: work!.failed ? work!.error_message : null,
  });
  return settled?.status;
}
