// How the bytes of an upload come into the store: cut into parts, each recorded once it is there; the rest as a tail.
import { type Ctx, transaction } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { borrowBlock, returnBlock } from "../../platform/storage/block_pool.ts";
import { AppError } from "../../platform/errors.ts";
import { uploadError } from "./schema.ts";
import { uploadEvents } from "../../platform/observe/metrics.ts";
import type { ObjectRef } from "../../platform/storage/storage.ts";
import { identify } from "../assets/identify.ts";
import { bucketNamed } from "../objects/keys.ts";
import { discardOrphans } from "../objects/objects.ts";
import { SNIFF_BYTES } from "../../media/sniff.ts";
import { requireAcceptedType } from "../../tenancy/tenants/accepted_types.ts";
import { resumeChecksum } from "./checksum.ts";
import * as queries from "./queries.ts";
import type { OpenUploadRow, UploadRow } from "./queries.ts";
import { fetchTail, keepTail, markTailOrphaned, takenOver } from "./tails.ts";

const MIB = 1024 * 1024;
const PART_BYTES = 8 * MIB;
/** S3 takes 10,000 parts of one object. */
const MOST_PARTS = 9_900;

/**
 * Cuts the body into parts and stores each while the next one fills; what fills none at the end is kept as the tail.
 * Answers the row when all bytes are in, undefined when some are missing. Throws `too_large` for more than was announced
 * and `unsupported` when the first bytes tell of a type that the tenant does not take.
 */
export async function appendParts(
  ctx: Ctx,
  row: OpenUploadRow,
  body: ReadableStream<Uint8Array>,
): Promise<OpenUploadRow | undefined> {
  const state = { ...row, parts: [...row.parts] };
  const size = partBytes(row.total_bytes);
  const checksum = await resumeChecksum(row.hash_state);
  let part: Uint8Array<ArrayBuffer> | undefined = borrowBlock(size);
  let { filled, inRow } = await fetchTail(ctx, row, part);
  checksum.update(part.subarray(inRow, filled));
  let isKnown = row.parts.length > 0 || filled >= SNIFF_BYTES;
  let storing = Promise.resolve();

  /** Stores what is filled as the next part and records it, after those before. */
  function storePart(): void {
    const [bytes, before] = [part!.subarray(0, filled), storing];
    const progress = { receivedBytes: state.received_bytes, hashState: checksum.save() };
    storing = before.then(async () => {
      const number = state.parts.length + 1;
      state.parts.push(await ctx.storage.putPart(refOf(ctx, row), row.multipart_id!, number, bytes));
      const head = number === 1 ? bytes.subarray(0, SNIFF_BYTES) : null;
      await recordPart(ctx, state, { ...progress, head, parts: state.parts });
      returnBlock(bytes);
    });
    storing.catch(() => {});
    part = undefined;
    filled = inRow = 0;
  }

  for await (const chunk of untilBroken(body, () => noteInterruption(ctx, state))) {
    if (state.received_bytes + chunk.length > row.total_bytes) {
      throw uploadError("more_than_announced", { bytes: row.total_bytes });
    }
    for (let taken = 0; taken < chunk.length;) {
      const piece = chunk.subarray(taken, taken + size - filled);
      part ??= borrowBlock(size);
      part.set(piece, filled);
      checksum.update(piece);
      filled += piece.length;
      taken += piece.length;
      state.received_bytes += piece.length;
      if (!isKnown && (filled >= SNIFF_BYTES || state.received_bytes === row.total_bytes)) {
        const head = part.subarray(0, Math.min(filled, SNIFF_BYTES));
        await requireAcceptedType(ctx, (await identify(head, row.filename, row.content_type)).assetType);
        isKnown = true;
      }
      // The part before has to be in first: two parts in memory, never three.
      if (filled === size) await storing.then(storePart);
    }
  }
  const isComplete = state.received_bytes === row.total_bytes;
  if (isComplete && filled > 0) storePart();
  await storing;
  if (isComplete) return { ...state, hash_state: checksum.save() };
  if (state.received_bytes > row.received_bytes && filled > 0) {
    await keepTail(ctx, state, part!.subarray(inRow, filled));
  }
  if (part) returnBlock(part);
  return undefined;
}

/** Where the bytes of an upload go. */
export function refOf({ storage }: Pick<Platform, "storage">, row: UploadRow): ObjectRef {
  return { bucket: bucketNamed(storage, row.bucket), key: row.path };
}

/** What arrives of a body; `onBreak` is called when it breaks off. What the server says against it is still thrown. */
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

async function recordPart(ctx: Ctx, state: OpenUploadRow, progress: queries.Progress): Promise<void> {
  const orphans = await transaction(ctx, async (sql) => {
    const { count } = await queries.savePart(sql, state, progress);
    if (count === 0) throw takenOver();
    return await markTailOrphaned(sql, state);
  });
  // The part holds what was in the tail.
  state.tail_path = null;
  await discardOrphans(ctx, orphans);
}

/** Parts grow with the file, so that any size fits into as many as S3 takes. */
function partBytes(totalBytes: number): number {
  return Math.max(PART_BYTES, Math.ceil(totalBytes / MOST_PARTS / MIB) * MIB);
}
