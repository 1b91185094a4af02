// Streaming a file into the store: quota, identification by content, and cleaning up after a failure. Recording it in the
// database is in ingest.ts and add_file.ts.
import { type Ctx, transaction } from "../../access/context.ts";
import { hasCode } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { uploadEvents } from "../../platform/observe/metrics.ts";
import type { ObjectRef, StoredObject } from "../../platform/storage/storage.ts";
import { SNIFF_BYTES } from "../../media/sniff.ts";
import { noRoom, requireRoom } from "../../tenancy/quotas/quotas.ts";
import { requireAcceptedType } from "../../tenancy/tenants/accepted_types.ts";
import { objectRef } from "../objects/keys.ts";
import { discardObject, type ObjectReservation, reserveObject } from "../objects/objects.ts";
import { identify, type Identity } from "./identify.ts";
import { peek } from "./peek.ts";
import { assetError } from "./reasons.ts";
import type { Purpose } from "../objects/schema.ts";

/** A file as it arrives. `declaredType` is the media type that the client sent: a hint, never trusted. */
export interface IncomingFile {
  filename: string;
  declaredType: string | null;
  body: ReadableStream<Uint8Array>;
  /** In bytes, when the client declared it. */
  contentLength?: number;
  /** A lower bound in bytes, when the exact length is unknown. */
  leastBytes?: number;
  signal?: AbortSignal;
}

/** A file in the store, to be recorded as a file of an asset. */
export interface ReceivedFile extends StoredObject, Identity {
  assetId: string;
  ref: ObjectRef;
  filename: string;
  reservation: ObjectReservation;
  /** Its share of the quota was reserved when the upload began. */
  hasReservedRoom?: boolean;
}

/** The asset that a file belongs to; `assets` is 1 when the asset is new. */
export interface Place {
  assetId: string;
  createdAt: string;
  assets: 0 | 1;
}

/**
 * Streams a file into the store and identifies it. Throws `invalid` for an empty file, `too_large` above
 * UPLOAD_MAX_BYTES or the tenant's quota, `unsupported` for an original of a type that the tenant does not accept, and
 * what `accept` throws, once the first bytes have told what it is.
 */
export async function receive(
  ctx: Ctx,
  file: IncomingFile,
  place: Place,
  purpose: Purpose,
  accept: (identity: Identity) => void = () => {},
): Promise<ReceivedFile> {
  const bytes = file.contentLength ?? file.leastBytes ?? 0;
  const { UPLOAD_MAX_BYTES: most } = ctx.config;
  if (bytes > most) throw assetError("request_too_large", { most });
  const room = await transaction(ctx, (sql) => {
    return requireRoom(sql, ctx.actor.tenantId, { bytes, assets: place.assets });
  });
  const { head, stream } = await peek(file.body, SNIFF_BYTES);
  if (head.length === 0) throw assetError("empty_file");
  const identity = await identify(head, file.filename, file.declaredType);
  const prepared = Promise.try(accept, identity).then(() => prepare(ctx, file, place, purpose, identity));
  const { ref, reservation } = await prepared.catch((error) => {
    stream.cancel(error).catch(() => {});
    throw error;
  });
  const stored = await put(ctx, {
    ref,
    reservation,
    stream,
    room,
    contentType: identity.contentType,
    contentLength: file.contentLength,
    signal: file.signal,
  });
  return { assetId: place.assetId, ref, filename: file.filename, reservation, ...identity, ...stored };
}

async function prepare(
  ctx: Ctx,
  file: IncomingFile,
  { assetId, createdAt }: Place,
  purpose: Purpose,
  { assetType }: Identity,
) {
  const isOriginal = purpose === "original";
  if (isOriginal) await requireAcceptedType(ctx, assetType);
  // A unique name: a manual rendition must overwrite neither an earlier one nor what a job makes.
  const filename = isOriginal ? file.filename : `${newId().slice(-12)}-${file.filename}`;
  const ref = objectRef({ tenantCode: ctx.actor.tenantCode, assetId, createdAt }, purpose, filename);
  return { ref, reservation: await reserveObject(ctx, ref) };
}

interface Put {
  ref: ObjectRef;
  reservation: ObjectReservation;
  stream: ReadableStream<Uint8Array>;
  contentType: string;
  contentLength?: number;
  signal?: AbortSignal;
  /** Bytes that the tenant's quota leaves. */
  room: number;
}

async function put(ctx: Ctx, { ref, reservation, stream, room, ...file }: Put): Promise<StoredObject> {
  const { UPLOAD_MAX_BYTES } = ctx.config;
  uploadEvents.inc({ way: "request", event: "started" });
  try {
    const stored = await ctx.storage.put(ref, stream, {
      contentType: file.contentType,
      contentLength: file.contentLength,
      signal: file.signal,
      maxBytes: Math.min(UPLOAD_MAX_BYTES, room),
      onlyIfAbsent: true,
    });
    uploadEvents.inc({ way: "request", event: "finished" });
    return stored;
  } catch (error) {
    uploadEvents.inc({ way: "request", event: "failed" });
    // A failed put leaves no object, unless the store did not answer: then the reservation stays for the sweep.
    if (isCertain(error)) await transaction(ctx, reservation.release);
    throw room < UPLOAD_MAX_BYTES && hasCode(error, "too_large") ? noRoom() : error;
  }
}

/**
 * False when the object may exist although the put failed: the store did not answer, or it answered that the object
 * exists already, which a retry also gets when only the first answer was lost.
 */
function isCertain(error: unknown): boolean {
  return !hasCode(error, "unavailable") && !hasCode(error, "conflict");
}

/** Records a received file. When `record` fails, the object is deleted again. */
export async function keepOrDiscard<T>(ctx: Ctx, file: ReceivedFile, record: () => Promise<T>): Promise<T> {
  try {
    return await record();
  } catch (error) {
    // Without an answer from the database the commit may have succeeded: the sweep decides later.
    if (!hasCode(error, "unavailable")) await discardObject(ctx, file.ref, file.reservation);
    throw error;
  }
}
