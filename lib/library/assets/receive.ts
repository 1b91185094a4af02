// Bringing a file's bytes into the store: room for them, what they are by their content, and no trace when it fails. What
// becomes of them in the database is in ingest.ts.
import { type Ctx, transaction } from "../../access/context.ts";
import { type AppError, hasCode } from "../../platform/errors.ts";
import { assetError } from "./reasons.ts";
import { newId } from "../../platform/ids.ts";
import { uploadEvents } from "../../platform/observe/metrics.ts";
import type { ObjectRef, StoredObject } from "../../platform/storage/storage.ts";
import { sniff, SNIFF_BYTES } from "../../media/sniff.ts";
import type { AssetType } from "../../media/schema.ts";
import { noRoom, requireRoom } from "../../tenancy/quotas/quotas.ts";
import { requireAcceptedType } from "../../tenancy/tenants/accepted_types.ts";
import { objectRef } from "../objects/keys.ts";
import { discardObject, type ObjectReservation, reserveObject } from "../objects/objects.ts";
import { peek } from "./peek.ts";
import type { Purpose } from "../objects/schema.ts";

/** A file as it comes in. `declaredType` is what the client says of it: a hint, never a fact. */
export interface IncomingFile {
  filename: string;
  declaredType: string | null;
  body: ReadableStream<Uint8Array>;
  /** Bytes, when the client said. */
  contentLength?: number;
  /** So many bytes at the least, when that is all that can be told. */
  leastBytes?: number;
  signal?: AbortSignal;
}

/** A file of known place and content, on the way to becoming an asset's. */
export interface ReceivedFile extends StoredObject {
  assetId: string;
  ref: ObjectRef;
  filename: string;
  contentType: string;
  assetType: AssetType;
  notes: Record<string, string>[];
  reservation: ObjectReservation;
  /** Its room was kept for it when it began. */
  isPromised?: boolean;
}

/** Where a file goes; `assets` is how many more there are with it. */
export interface Place {
  assetId: string;
  createdAt: string;
  assets: 0 | 1;
}

/** Notes that the object is on its way, streams it into the store, and tells what it is. */
export async function receive(
  ctx: Ctx,
  file: IncomingFile,
  { assetId, createdAt, assets }: Place,
  purpose: Purpose,
): Promise<ReceivedFile> {
  const announced = file.contentLength ?? file.leastBytes ?? 0;
  if (announced > ctx.config.UPLOAD_MAX_BYTES) throw tooLarge(ctx);
  const room = await transaction(ctx, (sql) => {
    return requireRoom(sql, ctx.actor.tenantId, { bytes: announced, assets });
  });
  const { head, stream } = await peek(file.body, SNIFF_BYTES);
  if (head.length === 0) throw assetError("file_empty");
  const letGo = (error: unknown): never => {
    stream.cancel(error).catch(() => {});
    throw error;
  };
  const identity = await identify(head, file.filename, file.declaredType);
  if (purpose === "original") await requireAcceptedType(ctx, identity.assetType).catch(letGo);
  // What people make by hand never lies where a job would write, nor over an earlier one.
  const filename = purpose === "original" ? file.filename : `${newId().slice(-12)}-${file.filename}`;
  const ref = objectRef({ tenantCode: ctx.actor.tenantCode, assetId, createdAt }, purpose, filename);
  const reservation = await reserveObject(ctx, ref).catch(letGo);
  uploadEvents.inc({ way: "request", event: "started" });
  try {
    const stored = await ctx.storage.put(ref, stream, {
      contentType: identity.contentType,
      contentLength: file.contentLength,
      signal: file.signal,
      maxBytes: Math.min(ctx.config.UPLOAD_MAX_BYTES, room),
      onlyIfAbsent: true,
    });
    uploadEvents.inc({ way: "request", event: "finished" });
    return { assetId, ref, filename: file.filename, reservation, ...identity, ...stored };
  } catch (error) {
    uploadEvents.inc({ way: "request", event: "failed" });
    // A failed put leaves nothing behind; only a store that did not answer may have it after all. The sweep looks then.
    if (isCertain(error)) await transaction(ctx, reservation.release);
    const full = room < ctx.config.UPLOAD_MAX_BYTES && hasCode(error, "too_large");
    throw full ? noRoom(room) : error;
  }
}

/**
 * False when the store may have the object all the same: it did not answer, or it said that the object is there
 * already, which it also says to a second try whose first answer was lost.
 */
function isCertain(error: unknown): boolean {
  return !isAway(error) && !hasCode(error, "conflict");
}

function isAway(error: unknown): boolean {
  return hasCode(error, "unavailable");
}

/** Content decides; what a client claimed otherwise is put right and noted. */
export async function identify(head: Uint8Array, filename: string, declaredType: string | null) {
  const sniffed = await sniff(head, filename);
  const contentType = sniffed?.contentType ?? "application/octet-stream";
  const assetType: AssetType = sniffed?.assetType ?? "document";
  const lied = sniffed && declaredType && family(declaredType) !== "application" &&
    family(declaredType) !== family(contentType);
  const notes = lied ? [{ code: "type_corrected", declared: declaredType, actual: contentType }] : [];
  return { contentType, assetType, notes };
}

function family(contentType: string): string {
  return contentType.split("/")[0]!.toLowerCase();
}

/** Records what was received, or takes it out of the store again: nothing is left behind when `record` fails. */
export async function keepOrDiscard<T>(ctx: Ctx, file: ReceivedFile, record: () => Promise<T>): Promise<T> {
  try {
    return await record();
  } catch (error) {
    // The database may have come through with it all the same: then the sweep looks, later.
    if (!isAway(error)) await discardObject(ctx, file.ref, file.reservation);
    throw error;
  }
}

function tooLarge(ctx: Ctx): AppError {
  const { UPLOAD_MAX_BYTES } = ctx.config;
  return assetError("request_too_large", { most: UPLOAD_MAX_BYTES });
}
