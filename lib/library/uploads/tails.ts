// The tail of an upload: the bytes after its last full part, kept as an object of their own. S3 accepts no part below
// 5 MiB, and a row of the database is no place for them: each tail would be written twice more, as text.
import { type Ctx, transaction } from "../../access/context.ts";
import type { AppError } from "../../platform/errors.ts";
import { uploadError } from "./schema.ts";
import type { Sql } from "../../platform/db/database.ts";
import { bucketNamed } from "../objects/keys.ts";
import { discardObject, discardOrphans, markOrphaned, reserveObject } from "../objects/objects.ts";
import * as queries from "./queries.ts";
import type { OpenUploadRow, UploadRow } from "./queries.ts";

/**
 * Reads the tail into `block`. Answers how many bytes that were (`filled`) and how many of them came from the row
 * (`inRow`), which the saved checksum covers already. Throws `conflict` when the tail is missing from the store, after
 * moving the upload back to before it, and when another request is the writer now.
 */
export async function fetchTail(ctx: Ctx, row: OpenUploadRow, block: Uint8Array) {
  // The previous version kept tails in the row.
  block.set(row.tail);
  const inRow = row.tail.length;
  if (row.tail_bytes === 0) return { filled: inRow, inRow };
  const stored = await ctx.storage.get({
    bucket: bucketNamed(ctx.storage, row.bucket),
    key: row.tail_path!,
  });
  if (stored?.bytes !== row.tail_bytes) {
    await stored?.body.cancel();
    throw await dropLostTail(ctx, row);
  }
  let filled = inRow;
  for await (const chunk of stored.body) {
    block.set(chunk, filled);
    filled += chunk.length;
  }
  return { filled, inRow };
}

async function dropLostTail(ctx: Ctx, row: OpenUploadRow): Promise<AppError> {
  const orphans = await transaction(ctx, async (sql) => {
    const { count } = await queries.dropTail(sql, row);
    // Another writer has replaced the tail: nothing is lost.
    if (count === 0) throw takenOver();
    return await markTailOrphaned(sql, row);
  });
  ctx.log.error("upload_tail_lost", { upload_id: row.id, bucket: row.bucket, key: row.tail_path });
  await discardOrphans(ctx, orphans);
  const offset = row.received_bytes - row.tail_bytes;
  return uploadError("bytes_lost", { offset });
}

/** Stores the tail and deletes the one before. Throws `conflict` when another request is the writer now. */
export async function keepTail(ctx: Ctx, row: OpenUploadRow, bytes: Uint8Array): Promise<void> {
  const folder = row.path.split("/").slice(0, -2).join("/");
  const ref = { bucket: bucketNamed(ctx.storage, row.bucket), key: `${folder}/tail/${row.writer_id}` };
  const reservation = await reserveObject(ctx, ref);
  try {
    await ctx.storage.put(ref, bytes, {
      contentType: "application/octet-stream",
      contentLength: bytes.length,
    });
    const orphans = await transaction(ctx, async (sql) => {
      await reservation.release(sql);
      const { count } = await queries.saveTail(sql, row, ref.key, bytes.length);
      if (count === 0) throw takenOver();
      return await markTailOrphaned(sql, row);
    });
    await discardOrphans(ctx, orphans);
  } catch (error) {
    await discardObject(ctx, ref, reservation);
    throw error;
  }
}

/** Marks the tail as orphaned in the caller's transaction. Answers it for `discardOrphans`. */
export async function markTailOrphaned(sql: Sql, { tenant_id, bucket, tail_path }: UploadRow) {
  return tail_path ? await markOrphaned(sql, tenant_id, [{ bucket, path: tail_path }]) : [];
}

/** The error of a request whose upload another request has taken over (the fencing token has changed). */
export function takenOver(): AppError {
  return uploadError("taken_over");
}
