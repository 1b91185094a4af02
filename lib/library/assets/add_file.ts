// Adding a file to an existing asset: the original of a placeholder, or a rendition that a person made.
import { type Ctx, sightOf, transaction } from "../../access/context.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { Sql } from "../../platform/db/database.ts";
import { found } from "../../platform/errors.ts";
import { requireRoom } from "../../tenancy/quotas/quotas.ts";
import type { Purpose } from "../objects/schema.ts";
import { findFile } from "../renditions/renditions.ts";
import { requireEdit } from "./access.ts";
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
 * Files for other purposes are stored as they are and preferred to generated ones. `isWhole` throws when the form around
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
  const received = await receive(ctx, file, { assetId, createdAt: asset.created_at, assets: 0 }, purpose);
  await keepOrDiscard(ctx, received, async () => {
    await isWhole();
    if (purpose === "original") await fillPlaceholder(ctx, received);
    else await addRendition(ctx, received, purpose);
  });
  return await describeStored(ctx, received, purpose);
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

async function fillPlaceholder(ctx: Ctx, file: ReceivedFile): Promise<void> {
  const ingested = await transaction(ctx, async (sql): Promise<Ingested> => {
    await requireRoom(sql, ctx.actor.tenantId, { bytes: file.bytes });
    await queries.lockAsset(sql, sightOf(ctx.actor), file.assetId);
    await requirePlace(ctx, sql, file.assetId, "original");
    const original = originalColumns(file, await settleDuplicate(ctx, sql, file, undefined));
    const status = "processing";
    await queries.updateAsset(sql, file.assetId, { ...original, status });
    const orders = jobsFor({ assetType: file.assetType, technical: null, options: ALL_JOBS });
    const jobs = await recordOriginal(ctx, sql, file, orders);
    const duplicateOf = original.duplicate_of;
    return { assetId: file.assetId, status, jobs, duplicateOf, isNew: true, corrections: [] };
  });
  await afterIngest(ctx, ingested, { bytes: file.bytes, change: "updated" });
}

function addRendition(ctx: Ctx, file: ReceivedFile, purpose: Purpose): Promise<void> {
  return transaction(ctx, async (sql) => {
    await requireRoom(sql, ctx.actor.tenantId, { bytes: file.bytes });
    await recordReceived(ctx, sql, file, purpose, { is_manual: true });
  });
}

async function describeStored(ctx: Ctx, file: ReceivedFile, purpose: Purpose): Promise<StoredFile> {
  return await transaction(ctx, async (sql) => {
    const location = await findFile(ctx, sql, file.assetId, purpose);
    const [asset] = await queries.findAsset(sql, null, file.assetId, true);
    return {
      storageLocationId: location!.id,
      bucket: ctx.storage.bucketName(location!.ref.bucket),
      path: location!.ref.key,
      bytes: file.bytes,
      sha256: file.sha256,
      status: asset!.status,
    };
  });
}
