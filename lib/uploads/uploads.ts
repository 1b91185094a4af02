// Resumable uploads (tus 1.0): bytes arrive in as many requests as it takes and become an asset with the last one.
import { type Ctx, type Platform, transaction } from "../context.ts";
import { AppError } from "../platform/errors.ts";
import { newId } from "../platform/ids.ts";
import type { ObjectRef, UploadedPart } from "../platform/storage.ts";
import { createFromFile, identify, type Ingested } from "../assets/ingest.ts";
import { announceObject, bucketNamed, objectRef } from "../assets/objects.ts";
import { ingestOptionsSchema } from "../assets/schema.ts";
import { SNIFF_BYTES } from "../media/sniff.ts";
import { requirePermission } from "../users/permissions.ts";
import { resumeChecksum } from "./checksum.ts";
import * as queries from "./queries.ts";
import type { UploadRow } from "./queries.ts";
import type { NewUpload, UploadState } from "./schema.ts";

const MIB = 1024 * 1024;
const PART_BYTES = 8 * MIB;
/** S3 takes 10,000 parts of one object. */
const MOST_PARTS = 9_900;
/** How long an upload waits for its next byte. */
const LIFETIME_SECONDS = 7 * 24 * 3600;

/** Begins an upload of so many bytes. Nothing of it is seen by anybody until the last byte is in. */
export async function createUpload(ctx: Ctx, input: NewUpload): Promise<UploadState> {
  requirePermission(ctx, "uploads.change");
  const { id, assetId, createdAt } = {
    id: newId(),
    assetId: newId(),
    createdAt: new Date(ctx.clock.now()).toISOString(),
  };
  const ref = objectRef({ tenantCode: ctx.actor.tenantCode, assetId, createdAt }, "original", input.filename);
  const multipartId = await ctx.storage.startMultipart(ref, input.content_type ?? "application/octet-stream");
  await transaction(ctx, (sql) =>
    queries.insertUpload(sql, {
      ...{ id, assetId, tenantId: ctx.actor.tenantId, userId: ctx.actor.userId },
      ...{ filename: input.filename, contentType: input.content_type, totalBytes: input.total_bytes },
      ...{ bucket: ctx.storage.bucketName(ref.bucket), path: ref.key, multipartId },
      ...{ options: input.options, lifetimeSeconds: LIFETIME_SECONDS },
    }));
  return await getUpload(ctx, id);
}

/** How far an upload of one's own is. Throws `not_found`. */
export function getUpload(ctx: Ctx, id: string): Promise<UploadState> {
  requirePermission(ctx, "uploads.read");
  return transaction(ctx, async (sql) => {
    const [row] = await queries.findUpload(sql, id, ctx.actor.userId);
    if (!row) throw noUpload();
    const [asset] = row.finished_at ? await queries.findDuplicateOf(sql, row.asset_id) : [];
    return { ...present(row), duplicate_of: asset?.duplicate_of ?? null };
  });
}

/**
 * Appends what `body` holds at `offset`; with the last byte the asset is made. However the body ends, what arrived is
 * kept, to the byte. Throws `conflict` when the upload stands elsewhere and `too_large` for more than was announced.
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
    throw new AppError(
      "conflict",
      `This upload stands at byte ${received_bytes}, not ${offset}. Go on from there.`,
    );
  }
  if (row.finished_at) return await getUpload(ctx, id);
  const complete = await appendParts(ctx, row, writerId, body);
  return complete ? await finish(ctx, complete) : await getUpload(ctx, id);
}

/** Ends an upload and forgets its bytes. Throws `not_found`. */
export async function abortUpload(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "uploads.change");
  const [row] = await transaction(ctx, (sql) => queries.findUpload(sql, id, ctx.actor.userId));
  if (!row) throw noUpload();
  if (!row.finished_at) await ctx.storage.abortMultipart(refOf(ctx, row), row.multipart_id);
  await transaction(ctx, (sql) => queries.deleteUpload(sql, id));
}

/** Forgets up to `limit` uploads that nobody went on with. Answers how many. */
export async function sweepUploads(platform: Platform, limit = 100): Promise<number> {
  const expired = await platform.db.asSystem((sql) => queries.listExpired(sql, limit));
  for (const row of expired) {
    if (!row.finished_at) await platform.storage.abortMultipart(refOf(platform, row), row.multipart_id);
    await platform.db.asSystem((sql) => queries.deleteUpload(sql, row.id));
  }
  return expired.length;
}

/** Cuts the body into parts and stores each. Answers the row when all bytes are in, undefined when some are missing. */
async function appendParts(
  ctx: Ctx,
  row: UploadRow,
  writerId: string,
  body: ReadableStream<Uint8Array>,
): Promise<UploadRow | undefined> {
  const part = new Uint8Array(partBytes(row.total_bytes));
  part.set(row.tail);
  const state = { ...row, parts: [...row.parts] };
  const checksum = await resumeChecksum(row.hash_state);
  let filled = row.tail.length;

  async function store(): Promise<void> {
    const isFull = filled === part.length;
    const isLast = state.received_bytes === row.total_bytes;
    if ((isFull || isLast) && filled > 0) {
      const number = state.parts.length + 1;
      const stored: UploadedPart = await ctx.storage.putPart(
        refOf(ctx, row),
        row.multipart_id,
        number,
        part.subarray(0, filled),
      );
      state.parts.push(stored);
      filled = 0;
    }
    state.tail = part.slice(0, filled);
    state.hash_state = checksum.save();
    await saveProgress(ctx, state, writerId);
  }

  try {
    for await (const chunk of body) {
      if (state.received_bytes + chunk.length > row.total_bytes) throw tooMuch(row.total_bytes);
      if (state.head.length < SNIFF_BYTES) {
        state.head = join(state.head, chunk.subarray(0, SNIFF_BYTES - state.head.length));
      }
      for (let taken = 0; taken < chunk.length;) {
        const piece = chunk.subarray(taken, taken + part.length - filled);
        part.set(piece, filled);
        checksum.update(piece);
        filled += piece.length;
        taken += piece.length;
        state.received_bytes += piece.length;
        if (filled === part.length) await store();
      }
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    ctx.log.info("upload_interrupted", { upload_id: row.id, received_bytes: state.received_bytes });
  }
  if (filled > 0) await store();
  return state.received_bytes === row.total_bytes ? state : undefined;
}

async function saveProgress(ctx: Ctx, state: UploadRow, writerId: string): Promise<void> {
  const { count } = await transaction(ctx, (sql) =>
    queries.saveProgress(sql, state.id, writerId, {
      ...{ receivedBytes: state.received_bytes, parts: state.parts, head: state.head, tail: state.tail },
      ...{ hashState: state.hash_state!, lifetimeSeconds: LIFETIME_SECONDS },
    }));
  if (count === 0) throw new AppError("conflict", "Another request goes on with this upload.");
}

/** Puts the parts together and makes the asset. May be called again when an earlier attempt broke off in the middle. */
async function finish(ctx: Ctx, row: UploadRow): Promise<UploadState> {
  const [made] = await transaction(ctx, (sql) => queries.findDuplicateOf(sql, row.asset_id));
  const duplicateOf = made ? made.duplicate_of : (await makeAsset(ctx, row)).duplicateOf;
  await transaction(ctx, (sql) => queries.finishUpload(sql, row.id));
  return { ...present(row), asset_id: row.asset_id, duplicate_of: duplicateOf };
}

async function makeAsset(ctx: Ctx, row: UploadRow): Promise<Ingested> {
  const ref = refOf(ctx, row);
  const { own } = await announceObject(ctx, ref);
  if ((await ctx.storage.head(ref))?.bytes !== row.total_bytes) {
    await ctx.storage.completeMultipart(ref, row.multipart_id, row.parts);
  }
  const sha256 = (await resumeChecksum(row.hash_state)).digest("hex");
  const identity = await identify(row.head, row.filename, row.content_type);
  const file = {
    ref,
    own,
    assetId: row.asset_id,
    filename: row.filename,
    bytes: row.total_bytes,
    sha256,
    ...identity,
  };
  return await createFromFile(ctx, file, ingestOptionsSchema.parse(row.options));
}

/** Parts grow with the file, so that any size fits into as many as S3 takes. */
function partBytes(totalBytes: number): number {
  return Math.max(PART_BYTES, Math.ceil(totalBytes / MOST_PARTS / MIB) * MIB);
}

function refOf({ storage }: Pick<Platform, "storage">, row: UploadRow): ObjectRef {
  return { bucket: bucketNamed(storage, row.bucket), key: row.path };
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

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

function tooMuch(totalBytes: number): AppError {
  return new AppError(
    "too_large",
    `This upload was announced with ${totalBytes} bytes; more than that arrived.`,
  );
}

function noUpload(): AppError {
  return new AppError("not_found", "There is no such upload, or it has run out. Begin again.");
}
