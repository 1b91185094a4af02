// Resumable uploads (tus 1.0): bytes arrive in as many requests as it takes and become an asset with the last one.
import { type Ctx, sightOf, transaction } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { hasCode } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { uploadEvents } from "../../platform/observe/metrics.ts";
import { createFromFile, type Ingested } from "../assets/ingest.ts";
import { identify } from "../assets/identify.ts";
import { requireFreeCode } from "../assets/codes.ts";
import { objectRef } from "../objects/keys.ts";
import { discardOrphans, markOrphaned, reserveObject } from "../objects/objects.ts";
import { ingestOptionsSchema } from "../assets/schema.ts";
import { requireRoom } from "../../tenancy/quotas/quotas.ts";
import { requirePermission } from "../../access/permissions.ts";
import { resumeChecksum } from "./checksum.ts";
import { appendParts, refOf } from "./parts.ts";
import * as queries from "./queries.ts";
import type { OpenUploadRow, UploadRow } from "./queries.ts";
import { type NewUpload, uploadError, type UploadState } from "./schema.ts";
import { markTailOrphaned } from "./tails.ts";

/** When forgetting one did not work, others come first. */
const RETRY_SECONDS = 3600;

/**
 * Begins an upload of so many bytes, for which room is kept from here on. Nothing of it is seen by anybody until the last
 * byte is in. Throws `too_large` above UPLOAD_RESUMABLE_MAX_BYTES (at its most 9,900 parts of 62 MiB, two of which are in
 * memory at a time), `too_large` and `conflict` when the tenant has no room for it.
 */
export async function createUpload(ctx: Ctx, input: NewUpload): Promise<UploadState> {
  requirePermission(ctx, "uploads.change");
  const { UPLOAD_RESUMABLE_MAX_BYTES: most } = ctx.config;
  if (input.total_bytes > most) throw uploadError("too_large", { most });
  const { id, assetId, createdAt } = {
    id: newId(),
    assetId: newId(),
    createdAt: new Date(ctx.clock.now()).toISOString(),
  };
  const ref = objectRef({ tenantCode: ctx.actor.tenantCode, assetId, createdAt }, "original", input.filename);
  await transaction(ctx, async (sql) => {
    await requireRoom(sql, ctx.actor.tenantId, { bytes: input.total_bytes, assets: 1 });
    await requireFreeCode(sql, input.options.code);
    await queries.insertUpload(sql, {
      id,
      assetId,
      tenantId: ctx.actor.tenantId,
      userId: ctx.actor.userId,
      filename: input.filename,
      contentType: input.content_type,
      totalBytes: input.total_bytes,
      bucket: ctx.storage.bucketName(ref.bucket),
      path: ref.key,
      options: input.options,
    });
  });
  const contentType = input.content_type ?? "application/octet-stream";
  const multipartId = await ctx.storage.startMultipart(ref, contentType).catch(async (error) => {
    // What cannot begin keeps no room; without a store the client tries again and again.
    await transaction(ctx, (sql) => queries.deleteUpload(sql, id));
    throw error;
  });
  await transaction(ctx, (sql) => queries.saveMultipart(sql, id, multipartId));
  tally("started");
  return await getUpload(ctx, id);
}

/** How far an upload of one's own is. Throws `not_found`. */
export function getUpload(ctx: Ctx, id: string): Promise<UploadState> {
  requirePermission(ctx, "uploads.read");
  return transaction(ctx, async (sql) => {
    const [row] = await queries.findUpload(sql, id, ctx.actor.userId);
    if (!row) throw uploadError("not_found");
    const [asset] = row.finished_at
      ? await queries.findDuplicateOf(sql, sightOf(ctx.actor), row.asset_id)
      : [];
    return { ...present(row), duplicate_of: asset?.duplicate_of ?? null };
  });
}

/**
 * Appends what `body` holds at `offset`; with the last byte the asset is made. However the body ends, what arrived is
 * kept, to the byte. Throws `conflict` when the upload stands elsewhere, `too_large` for more than was announced, and
 * `unsupported`, with which the upload ends, for a type that the tenant does not take.
 */
export async function appendToUpload(
  ctx: Ctx,
  id: string,
  offset: number,
  body: ReadableStream<Uint8Array>,
): Promise<UploadState> {
  requirePermission(ctx, "uploads.change");
  const writerId = newId();
  const [row] = await transaction(
    ctx,
    (sql) => queries.takeOver(sql, id, ctx.actor.userId, offset, writerId),
  );
  if (!row) {
    const { received_bytes } = await getUpload(ctx, id);
    throw uploadError("offset_wrong", { received: received_bytes, offset });
  }
  if (row.finished_at) return await getUpload(ctx, id);
  const complete = await appendParts(ctx, row, body).catch(async (error) => {
    if (hasCode(error, "unsupported")) await forget(ctx, row);
    throw error;
  });
  return complete ? await finish(ctx, complete) : await getUpload(ctx, id);
}

/** Ends an upload and forgets its bytes. Throws `not_found`. */
export async function abortUpload(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "uploads.change");
  const [row] = await transaction(ctx, (sql) => queries.findUpload(sql, id, ctx.actor.userId));
  if (!row) throw uploadError("not_found");
  await forget(ctx, row);
}

/** Forgets up to `limit` uploads that nobody went on with. Answers how many. */
export async function sweepUploads(platform: Platform, limit = 100): Promise<number> {
  const expired = await platform.db.asSystem((sql) => queries.listExpired(sql, limit));
  for (const row of expired) {
    try {
      await forget(platform, row);
    } catch (error) {
      platform.log.warn("upload_left_to_sweep", { upload_id: row.id, error });
      await platform.db.asSystem((sql) => queries.postponeUpload(sql, row.id, RETRY_SECONDS));
    }
  }
  return expired.length;
}

/** Forgets an upload with its parts, its tail and, when putting them together was as far as it came, its object. */
async function forget(platform: Platform, row: UploadRow): Promise<void> {
  const ref = refOf(platform, row);
  if (!row.finished_at) {
    for (const open of await platform.storage.listMultipart(ref.bucket, ref.key)) {
      if (open.key === ref.key) await platform.storage.abortMultipart(ref, open.uploadId);
    }
  }
  const orphans = await platform.db.asTenant(row.tenant_id, async (sql) => {
    // A writer may have put another tail in place of what `row` knows.
    const [last] = await queries.deleteUpload(sql, row.id);
    const object = row.finished_at ? [] : await markOrphaned(sql, row.tenant_id, [row]);
    return [...object, ...last ? await markTailOrphaned(sql, last) : []];
  });
  await discardOrphans(platform, orphans);
  if (!row.finished_at) tally("ended");
}

/** Puts the parts together and makes the asset. May be called again when an earlier attempt broke off in the middle. */
async function finish(ctx: Ctx, row: OpenUploadRow): Promise<UploadState> {
  const [made] = await transaction(
    ctx,
    (sql) => queries.findDuplicateOf(sql, sightOf(ctx.actor), row.asset_id),
  );
  const duplicateOf = made ? made.duplicate_of : (await makeAsset(ctx, row)).duplicateOf;
  await transaction(ctx, (sql) => queries.finishUpload(sql, row.id));
  tally("finished");
  return { ...present(row), asset_id: row.asset_id, duplicate_of: duplicateOf };
}

async function makeAsset(ctx: Ctx, row: OpenUploadRow): Promise<Ingested> {
  const ref = refOf(ctx, row);
  const reservation = await reserveObject(ctx, ref);
  if ((await ctx.storage.head(ref))?.bytes !== row.total_bytes) {
    await ctx.storage.completeMultipart(ref, row.multipart_id!, row.parts);
  }
  const sha256 = (await resumeChecksum(row.hash_state)).digest("hex");
  const [begin] = await transaction(ctx, (sql) => queries.readHead(sql, row.id));
  const identity = await identify(begin!.head, row.filename, row.content_type);
  const file = {
    ref,
    reservation,
    assetId: row.asset_id,
    filename: row.filename,
    bytes: row.total_bytes,
    sha256,
    hasReservedRoom: true,
    ...identity,
  };
  return await createFromFile(ctx, file, ingestOptionsSchema.parse(row.options));
}

function tally(event: string): void {
  uploadEvents.inc({ way: "resumable", event });
}

function present(row: UploadRow): UploadState {
  const { id, total_bytes, received_bytes, expires_at } = row;
  return {
    id,
    total_bytes,
    received_bytes,
    expires_at,
    asset_id: row.finished_at ? row.asset_id : null,
    duplicate_of: null,
  };
}
