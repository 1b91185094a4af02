// Appending to an upload: its bytes are cut into parts, each stored and recorded; the rest is kept as the tail.
import { type Ctx, transaction } from "../../access/context.ts";
import { SNIFF_BYTES } from "../../media/sniff.ts";
import { AppError } from "../../platform/errors.ts";
import { uploadEvents } from "../../platform/observe/metrics.ts";
import type { Platform } from "../../platform/platform.ts";
import { borrowBlock, returnBlock } from "../../platform/storage/block_pool.ts";
import type { ObjectRef } from "../../platform/storage/storage.ts";
import { requireAcceptedType } from "../../tenancy/tenants/accepted_types.ts";
import { identify } from "../assets/identify.ts";
import { bucketNamed } from "../objects/keys.ts";
import { discardOrphans } from "../objects/objects.ts";
import { type Checksum, resumeChecksum } from "./checksum.ts";
import * as queries from "./queries.ts";
import type { OpenUploadRow, UploadRow } from "./queries.ts";
import { uploadError } from "./schema.ts";
import { fetchTail, keepTail, markTailOrphaned, takenOver } from "./tails.ts";

const MIB = 1024 * 1024;
const PART_BYTES = 8 * MIB;
/** S3 allows 10,000 parts of one object. */
const MOST_PARTS = 9_900;

/** An upload while a request appends to it. */
interface Append {
  /** `received_bytes` counts all bytes taken from the body, `parts` has those that are stored. */
  upload: OpenUploadRow;
  checksum: Checksum;
  partBytes: number;
  /** The part that is being filled; undefined from when one is full to the next byte. */
  part?: Uint8Array<ArrayBuffer>;
  /** How many of its bytes are filled. */
  filled: number;
  /** How many of those, at its beginning, the previous version keeps in the row. */
  inRow: number;
  isTypeChecked: boolean;
  /** Settles when every full part is stored and recorded. */
  storing: Promise<void>;
}

/**
 * Appends a body to an upload. Each part is stored while the next one fills; what is left at the end becomes the tail.
 * Answers the row when all bytes are in, undefined when some are missing. Throws `too_large` for more bytes than
 * announced and `unsupported` when the first bytes show a type that the tenant does not accept.
 */
export async function appendParts(
  ctx: Ctx,
  row: OpenUploadRow,
  body: ReadableStream<Uint8Array>,
): Promise<OpenUploadRow | undefined> {
  const append = await resume(ctx, row);
  const { upload, checksum } = append;
  for await (const chunk of untilBroken(body, () => noteInterruption(ctx, upload))) {
    if (upload.received_bytes + chunk.length > upload.total_bytes) {
      throw uploadError("length_exceeded", { bytes: upload.total_bytes });
    }
    await addChunk(ctx, append, chunk);
  }
  if (upload.received_bytes < upload.total_bytes) {
    await keepRest(ctx, append, upload.received_bytes > row.received_bytes);
    return undefined;
  }
  if (append.filled > 0) storePart(ctx, append);
  await append.storing;
  return { ...upload, hash_state: checksum.save() };
}

/** Continues where the upload stands: with its checksum, and with its tail as the beginning of the next part. */
async function resume(ctx: Ctx, row: OpenUploadRow): Promise<Append> {
  const size = partBytes(row.total_bytes);
  const checksum = await resumeChecksum(row.hash_state);
  const part = borrowBlock(size);
  const { filled, inRow } = await fetchTail(ctx, row, part);
  checksum.update(part.subarray(inRow, filled));
  return {
    upload: { ...row, parts: [...row.parts] },
    checksum,
    partBytes: size,
    part,
    filled,
    inRow,
    isTypeChecked: row.parts.length > 0 || filled >= SNIFF_BYTES,
    storing: Promise.resolve(),
  };
}

async function addChunk(ctx: Ctx, append: Append, chunk: Uint8Array): Promise<void> {
  for (let taken = 0; taken < chunk.length;) {
    const piece = chunk.subarray(taken, taken + append.partBytes - append.filled);
    append.part ??= borrowBlock(append.partBytes);
    append.part.set(piece, append.filled);
    append.checksum.update(piece);
    append.filled += piece.length;
    append.upload.received_bytes += piece.length;
    taken += piece.length;
    await checkType(ctx, append);
    if (append.filled < append.partBytes) continue;
    // Wait for the part before: at most two parts are in memory.
    await append.storing;
    storePart(ctx, append);
  }
}

/** Refuses a type that the tenant does not accept as soon as enough bytes are in to tell. */
async function checkType(ctx: Ctx, append: Append): Promise<void> {
  const { upload, part, filled } = append;
  const isEnough = filled >= SNIFF_BYTES || upload.received_bytes === upload.total_bytes;
  if (append.isTypeChecked || !isEnough) return;
  const head = part!.subarray(0, Math.min(filled, SNIFF_BYTES));
  const { assetType } = await identify(head, upload.filename, upload.content_type);
  await requireAcceptedType(ctx, assetType);
  append.isTypeChecked = true;
}

/** Starts storing what is filled as the next part, after those before; `storing` tells when it is recorded. */
function storePart(ctx: Ctx, append: Append): void {
  const { upload, part, filled, storing } = append;
  const bytes = part!.subarray(0, filled);
  // As of now: the body goes on while the part is stored.
  const progress = { receivedBytes: upload.received_bytes, hashState: append.checksum.save() };
  append.storing = storing.then(async () => {
    const number = upload.parts.length + 1;
    upload.parts.push(await ctx.storage.putPart(refOf(ctx, upload), upload.multipart_id!, number, bytes));
    const head = number === 1 ? bytes.subarray(0, SNIFF_BYTES) : null;
    await recordPart(ctx, upload, { ...progress, head, parts: upload.parts });
    returnBlock(bytes);
  });
  append.storing.catch(() => {});
  append.part = undefined;
  append.filled = 0;
  append.inRow = 0;
}

async function recordPart(ctx: Ctx, upload: OpenUploadRow, progress: queries.Progress): Promise<void> {
  const orphans = await transaction(ctx, async (sql) => {
    const { count } = await queries.savePart(sql, upload, progress);
    if (count === 0) throw takenOver();
    return await markTailOrphaned(sql, upload);
  });
  // The part includes the bytes of the tail.
  upload.tail_path = null;
  await discardOrphans(ctx, orphans);
}

/** Keeps the bytes after the last part, if this request brought any. */
async function keepRest(ctx: Ctx, append: Append, hasNewBytes: boolean): Promise<void> {
  await append.storing;
  const { upload, part, filled, inRow } = append;
  if (hasNewBytes && filled > 0) await keepTail(ctx, upload, part!.subarray(inRow, filled));
  if (part) returnBlock(part);
}

/** Where the bytes of an upload are stored. */
export function refOf({ storage }: Pick<Platform, "storage">, row: UploadRow): ObjectRef {
  return { bucket: bucketNamed(storage, row.bucket), key: row.path };
}

/** The chunks of a body; `onBreak` is called when the connection breaks. Errors that the server raises are thrown. */
async function* untilBroken(body: ReadableStream<Uint8Array>, onBreak: () => void) {
  try {
    yield* body;
  } catch (error) {
    if (error instanceof AppError) throw error;
    onBreak();
  }
}

function noteInterruption(ctx: Ctx, { id, received_bytes }: OpenUploadRow): void {
  uploadEvents.inc({ way: "resumable", event: "interrupted" });
  ctx.log.info("upload_interrupted", { upload_id: id, received_bytes });
}

/** Parts grow with the file, so that a file of any size needs no more parts than S3 allows. */
function partBytes(totalBytes: number): number {
  return Math.max(PART_BYTES, Math.ceil(totalBytes / MOST_PARTS / MIB) * MIB);
}
