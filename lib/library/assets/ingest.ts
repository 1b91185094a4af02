// Ingest: the bytes are stored first; then one transaction records the asset, its original and the work on it.
import { type Ctx, sightOf, transaction } from "../../access/context.ts";
import { requirePermission } from "../../access/permissions.ts";
import { record } from "../../audit/audit.ts";
import type { Sql } from "../../platform/db/database.ts";
import { found } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { requireRoom } from "../../tenancy/quotas/quotas.ts";
import { stemOf } from "../objects/keys.ts";
import { discardObject } from "../objects/objects.ts";
import { mapDuplicateCode } from "./codes.ts";
import { settleDuplicate } from "./duplicates.ts";
import { correctAssetType } from "./identify.ts";
import { afterIngest, type Ingested, originalColumns, recordOriginal } from "./original.ts";
import { findAsset, insertAsset } from "./queries.ts";
import { assetError } from "./reasons.ts";
import { jobsFor } from "./recipe.ts";
import { type IncomingFile, keepOrDiscard, receive, type ReceivedFile } from "./receive.ts";
import type { IngestOptions } from "./schema.ts";

export type { Ingested } from "./original.ts";

/**
 * Ingests a file as a new asset. Any non-empty file is accepted. `readOptions` is called once the bytes are stored,
 * because the fields of a form may follow its file. Throws `invalid` for an empty file, `conflict` for a code in use and
 * when the quota of assets is used up or the same bytes are refused, `too_large` above UPLOAD_MAX_BYTES or the quota of bytes. On any failure, and when
 * the body breaks off, nothing is left behind.
 */
export async function ingest(
  ctx: Ctx,
  file: IncomingFile,
  readOptions: () => IngestOptions | Promise<IngestOptions>,
): Promise<Ingested> {
  requirePermission(ctx, "assets.change");
  const createdAt = new Date(ctx.clock.now()).toISOString();
  const received = await receive(ctx, file, { assetId: newId(), createdAt, assets: 1 }, "original");
  const ingested = await keepOrDiscard(ctx, received, async () => {
    return await createFromFile(ctx, received, await readOptions());
  });
  if (!ingested.isNew) await discardObject(ctx, received.ref, received.reservation);
  return ingested;
}

/**
 * Records a stored file as a new asset, enqueues the work on it and announces both. Where the rule about duplicates
 * answers an older asset instead, nothing is recorded and the object is the caller's to discard. Throws `conflict` where
 * that rule refuses.
 */
export async function createFromFile(
  ctx: Ctx,
  file: ReceivedFile,
  options: IngestOptions,
): Promise<Ingested> {
  const ingested = await mapDuplicateCode(transaction(ctx, (sql) => recordAsset(ctx, sql, file, options)));
  if (!ingested.isNew) return ingested;
  await afterIngest(ctx, ingested, { bytes: file.bytes, change: "created" });
  return ingested;
}

async function recordAsset(
  ctx: Ctx,
  sql: Sql,
  file: ReceivedFile,
  options: IngestOptions,
): Promise<Ingested> {
  const { tenantId, userId } = ctx.actor;
  if (!file.hasReservedRoom) await requireRoom(sql, tenantId, { bytes: file.bytes, assets: 1 });
  const duplicate = await settleDuplicate(ctx, sql, file, options.duplicate_rule);
  if (duplicate?.isLinked) return await linkTo(ctx, sql, duplicate.id);
  const original = originalColumns(file, duplicate);
  const title = options.title ?? (stemOf(file.filename) || "Untitled");
  const orders = jobsFor({ assetType: file.assetType, technical: null, options });
  const status = orders.length > 0 ? "processing" : "available";
  const corrections = correctAssetType(options.asset_type, file.assetType);
  await insertAsset(sql, {
    id: file.assetId,
    tenant_id: tenantId,
    title,
    description: options.description,
    code: options.code,
    visibility: options.visibility,
    created_by: userId,
    status,
    ...original,
    ingest_notes: [...file.notes, ...corrections],
  });
  const jobs = await recordOriginal(ctx, sql, file, orders);
  const { original_filename, checksum_sha256, duplicate_of } = original;
  const after = { title, original_filename, checksum_sha256 };
  await record(sql, ctx, { action: "asset.create", target: { id: file.assetId, name: title }, after });
  return { assetId: file.assetId, status, jobs, duplicateOf: duplicate_of, isNew: true, corrections };
}

/** The answer that an older asset stands for a file. */
export async function linkTo(ctx: Ctx, sql: Sql, id: string): Promise<Ingested> {
  const { status } = found(await findAsset(sql, sightOf(ctx.actor), id, false), assetError);
  return { assetId: id, status, jobs: [], duplicateOf: id, isNew: false, corrections: [] };
}
