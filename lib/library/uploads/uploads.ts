// Resumable uploads (tus 1.0): the bytes arrive in any number of requests; the last one makes the asset.
import { type Ctx, transaction } from "../../access/context.ts";
import { requirePermission } from "../../access/permissions.ts";
import { found, hasCode } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { uploadEvents } from "../../platform/observe/metrics.ts";
import type { ObjectRef } from "../../platform/storage/storage.ts";
import { requireRoom } from "../../tenancy/quotas/quotas.ts";
import type { DuplicateRule } from "../../tenancy/tenants/schema.ts";
import { requireFreeCode } from "../assets/codes.ts";
import { findDuplicateOf } from "../assets/duplicates.ts";
import { objectRef } from "../objects/keys.ts";
import { discardUpload } from "./discard.ts";
import { finishUpload } from "./finish.ts";
import { appendParts } from "./parts.ts";
import * as queries from "./queries.ts";
import type { OpenUploadRow, UploadRow } from "./queries.ts";
import { type NewUpload, uploadError, type UploadState } from "./schema.ts";

/**
 * Starts an upload and reserves its size in the quota. It is invisible to others until the last byte is in. Throws
 * `too_large` above UPLOAD_RESUMABLE_MAX_BYTES (at most 9,900 parts of 62 MiB, two of which are in memory at a time),
 * `too_large` and `conflict` when the quota is used up, `conflict` for a code in use.
 */
export async function createUpload(ctx: Ctx, input: NewUpload): Promise<UploadState> {
  requirePermission(ctx, "uploads.change");
  const { UPLOAD_RESUMABLE_MAX_BYTES: most } = ctx.config;
  if (input.total_bytes > most) throw uploadError("too_large", { most });
  const id = newId();
  const ref = await reserveRoom(ctx, id, input);
  const contentType = input.content_type ?? "application/octet-stream";
  const multipartId = await ctx.storage.startMultipart(ref, contentType).catch(async (error) => {
    // Give back its share of the quota: while the store is down a client retries many times.
    await transaction(ctx, (sql) => queries.deleteUpload(sql, id));
    throw error;
  });
  await transaction(ctx, (sql) => queries.saveMultipart(sql, id, multipartId));
  tally("started");
  return await getUpload(ctx, id);
}

/** Records the upload, if the quota has room for it. Answers where its bytes will be stored. */
async function reserveRoom(ctx: Ctx, id: string, input: NewUpload): Promise<ObjectRef> {
  const { tenantId, tenantCode, userId } = ctx.actor;
  const assetId = newId();
  const createdAt = new Date(ctx.clock.now()).toISOString();
  const ref = objectRef({ tenantCode, assetId, createdAt }, "original", input.filename);
  await transaction(ctx, async (sql) => {
    await requireRoom(sql, tenantId, { bytes: input.total_bytes, assets: 1 });
    await requireFreeCode(sql, input.options.code);
    await queries.insertUpload(sql, {
      id,
      assetId,
      tenantId,
      userId,
      filename: input.filename,
      contentType: input.content_type,
      totalBytes: input.total_bytes,
      bucket: ctx.storage.bucketName(ref.bucket),
      path: ref.key,
      options: input.options,
    });
  });
  return ref;
}

/** How far one of the actor's uploads is. Throws `not_found`. */
export function getUpload(ctx: Ctx, id: string): Promise<UploadState> {
  requirePermission(ctx, "uploads.read");
  return transaction(ctx, async (sql) => {
    const row = found(await queries.findUpload(sql, id, ctx.actor.userId), uploadError);
    const duplicateOf = row.finished_at ? await findDuplicateOf(ctx, sql, row.asset_id) : null;
    return present(row, duplicateOf ?? row.duplicate_of);
  });
}

/**
 * Appends `body` at `offset`; the last byte turns the upload into an asset. Every byte that arrived is kept, however the
 * body ends. Throws `conflict` when the upload is at another offset and for bytes that the library has and that are
 * refused (an empty body at the end tries again, by another `duplicateRule`), `too_large` for more bytes than announced,
 * and `unsupported`, which ends the upload, for a type that the tenant does not accept.
 */
export async function appendToUpload(
  ctx: Ctx,
  id: string,
  offset: number,
  body: ReadableStream<Uint8Array>,
  duplicateRule?: DuplicateRule,
): Promise<UploadState> {
  requirePermission(ctx, "uploads.change");
  const row = await becomeWriter(ctx, id, offset);
  if (row.finished_at) return await getUpload(ctx, id);
  const complete = await appendParts(ctx, row, body).catch(async (error) => {
    if (hasCode(error, "unsupported")) await discardUpload(ctx, row);
    throw error;
  });
  if (!complete) return await getUpload(ctx, id);
  const { assetId, duplicateOf } = await finishUpload(ctx, complete, duplicateRule).catch(async (error) => {
    // The right to make assets was taken away meanwhile: no other account can see or finish this upload.
    if (hasCode(error, "unauthenticated") || hasCode(error, "forbidden")) await discardUpload(ctx, row);
    throw error;
  });
  return { ...present(complete, duplicateOf), asset_id: assetId };
}

/** Makes this request the only writer: the new fencing token stops an earlier one from recording anything. */
async function becomeWriter(ctx: Ctx, id: string, offset: number): Promise<OpenUploadRow> {
  const token = newId();
  const [row] = await transaction(
    ctx,
    (sql) => queries.takeOver(sql, id, ctx.actor.userId, offset, token),
  );
  if (row) return row;
  const { received_bytes } = await getUpload(ctx, id);
  throw uploadError("offset_mismatch", { received: received_bytes, offset });
}

/** Ends one of the actor's uploads and deletes its bytes. Throws `not_found`. */
export async function abortUpload(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "uploads.change");
  const rows = await transaction(ctx, (sql) => queries.findUpload(sql, id, ctx.actor.userId));
  await discardUpload(ctx, found(rows, uploadError));
}

function tally(event: string): void {
  uploadEvents.inc({ way: "resumable", event });
}

function present(row: UploadRow, duplicateOf: string | null = null): UploadState {
  const { id, total_bytes, received_bytes, expires_at } = row;
  return {
    id,
    total_bytes,
    received_bytes,
    expires_at,
    asset_id: row.finished_at ? row.asset_id : null,
    duplicate_of: duplicateOf,
  };
}
