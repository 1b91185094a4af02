// Adding a file to an existing asset: the original of a placeholder, or a rendition that a person made.
import { type Ctx, sightOf, transaction } from "../../access/context.ts";
import { requirePermission } from "../../access/permissions.ts";
import { record } from "../../audit/audit.ts";
import type { Sql } from "../../platform/db/database.ts";
import { found } from "../../platform/errors.ts";
import { requireRoom } from "../../tenancy/quotas/quotas.ts";
import type { Purpose } from "../objects/schema.ts";
import { findFile } from "../renditions/renditions.ts";
import { requireFitting } from "../renditions/fitting.ts";
import { rendition } from "../renditions/kinds.ts";
import { UNCHECKED } from "../renditions/uploaded.ts";
import { enqueueJobs, nudge } from "../../work/jobs/jobs.ts";
import { orderJob } from "../../work/jobs/kinds.ts";
import { lockEditable, requireEdit } from "./access.ts";
import { settleDuplicate } from "./duplicates.ts";
import type { AssetRow, AssetStatus } from "./columns.ts";
import { afterIngest, type Ingested, originalColumns, recordOriginal, recordReceived } from "./original.ts";
import * as queries from "./queries.ts";
import { assetError } from "./reasons.ts";
import { ALL_JOBS, jobsFor } from "./recipe.ts";
import { type IncomingFile, keepOrDiscard, receive, type ReceivedFile } from "./receive.ts";

/** A file as it was added. */
export interface StoredFile {
  storageLocationId: string;
  bucket: string;
  path: string;
  bytes: number;
  sha256: string;
  status: AssetStatus;
}

/**
 * Adds a file to an asset. An original turns a placeholder into an asset with work to do; a second one is `conflict`, and
 * so are bytes that the library has where the tenant refuses those.
 * A file for another purpose has to fit that, else `unsupported`; it is preferred to the generated one once a worker has
 * probed it. `isWhole` throws when the form around
 * the file turns out to be broken.
 */
export async function addFile(
  ctx: Ctx,
  assetId: string,
  purpose: Purpose,
  file: IncomingFile,
  isWhole: () => Promise<void> = () => Promise.resolve(),
): Promise<StoredFile> {
  requirePermission(ctx, "assets.change");
  const asset = await transaction(ctx, (sql) => requirePlace(ctx, sql, assetId, purpose));
  const place = { assetId, createdAt: asset.created_at, assets: 0 } as const;
  const received = await receive(
    ctx,
    file,
    place,
    purpose,
    (content) => requireFitting(purpose, asset.asset_type, content, { isProbed: false }),
  );
  return await keepOrDiscard(ctx, received, async () => {
    await isWhole();
    return purpose === "original"
      ? await fillPlaceholder(ctx, received)
      : await addRendition(ctx, received, purpose);
  });
}

/** The asset, if it may get a file for this purpose. */
async function requirePlace(ctx: Ctx, sql: Sql, assetId: string, purpose: Purpose): Promise<AssetRow> {
  const asset = found(await queries.findAsset(sql, sightOf(ctx.actor), assetId, false), assetError);
  requireEdit(ctx, asset);
  if (purpose === "original" && await findFile(ctx, sql, assetId, "original")) {
    throw assetError("has_original");
  }
  return asset;
}

async function fillPlaceholder(ctx: Ctx, file: ReceivedFile): Promise<StoredFile> {
  const { ingested, stored } = await transaction(ctx, async (sql) => {
    await requireRoom(sql, ctx.actor.tenantId, { bytes: file.bytes });
    const { title } = await lockEditable(ctx, sql, file.assetId);
    await requirePlace(ctx, sql, file.assetId, "original");
    const original = originalColumns(file, await settleDuplicate(ctx, sql, file, undefined));
    const status = "processing" as const;
    await queries.updateAsset(sql, file.assetId, { ...original, status });
    const orders = jobsFor({ assetType: file.assetType, technical: null, options: ALL_JOBS });
    const jobs = await recordOriginal(ctx, sql, file, orders);
    const { duplicate_of: duplicateOf, original_filename, checksum_sha256 } = original;
    const location = await findFile(ctx, sql, file.assetId, "original");
    const stored = await describeStored(ctx, sql, file, location!.id);
    const after = { original_filename, checksum_sha256 };
    await record(sql, ctx, { action: "asset.fill", target: { id: file.assetId, name: title }, after });
    const ingested: Ingested = {
      assetId: file.assetId,
      status,
      jobs,
      duplicateOf,
      isNew: true,
      corrections: [],
    };
    return { ingested, stored };
  });
  await afterIngest(ctx, ingested, { bytes: file.bytes, change: "updated" });
  return stored;
}

/** Who may change the asset is asked again: sending the file may have taken hours. */
async function addRendition(ctx: Ctx, file: ReceivedFile, purpose: Purpose): Promise<StoredFile> {
  const stored = await transaction(ctx, async (sql) => {
    await requireRoom(sql, ctx.actor.tenantId, { bytes: file.bytes });
    const { title } = await lockEditable(ctx, sql, file.assetId);
    const before = await findFile(ctx, sql, file.assetId, purpose);
    const id = await recordReceived(ctx, sql, file, purpose, UNCHECKED);
    await enqueueJobs(sql, {
      tenantId: ctx.actor.tenantId,
      assetId: file.assetId,
      orders: [orderJob(rendition, { location_id: id })],
      requestId: ctx.requestId,
      createdBy: ctx.actor.userId,
    });
    const stored = await describeStored(ctx, sql, file, id);
    await record(sql, ctx, {
      action: "rendition.replace",
      target: { id: file.assetId, name: title },
      before: before && { purpose, checksum_sha256: before.sha256 },
      after: { purpose, filename: file.filename, checksum_sha256: file.sha256 },
    });
    return stored;
  });
  await nudge(ctx);
  return stored;
}

async function describeStored(ctx: Ctx, sql: Sql, file: ReceivedFile, id: string): Promise<StoredFile> {
  const [asset] = await queries.findAsset(sql, null, file.assetId, true);
  return {
    storageLocationId: id,
    bucket: ctx.storage.bucketName(file.ref.bucket),
    path: file.ref.key,
    bytes: file.bytes,
    sha256: file.sha256,
    status: asset!.status,
  };
}
