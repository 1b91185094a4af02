// What arrived of an upload and fills no part yet, as an object of its own. S3 takes no part below 5 MiB, and rows of the
// database are no place for files: each such tail would be written twice more, as text.
import { type Ctx, transaction } from "../../access/context.ts";
import {
  announceObject,
  bucketNamed,
  discardNoted,
  discardObject,
  disownObjects,
} from "../objects/objects.ts";
import { AppError } from "../../platform/errors.ts";
import type { Sql } from "../../platform/db/database.ts";
import * as queries from "./queries.ts";
import type { OpenUploadRow, UploadRow } from "./queries.ts";

/**
 * Puts what was kept of a part into `block`. Answers how many bytes that were, and how many of them lie in the row and
 * are in the saved checksum. Throws `conflict` when the tail is gone from the store, where the upload goes on from before
 * it, and when somebody else is the writer.
 */
export async function fetchTail(ctx: Ctx, row: OpenUploadRow, block: Uint8Array) {
  // The version before kept tails in the row.
  block.set(row.tail);
  const inRow = row.tail.length;
  let filled = inRow;
  if (row.tail_bytes > 0) {
    const stored = await ctx.storage.get({
      bucket: bucketNamed(ctx.storage, row.bucket),
      key: row.tail_path!,
    });
    if (stored?.bytes !== row.tail_bytes) {
      await stored?.body.cancel();
      throw await loseTail(ctx, row);
    }
    for await (const chunk of stored.body) {
      block.set(chunk, filled);
      filled += chunk.length;
    }
  }
  return { filled, inRow };
}

async function loseTail(ctx: Ctx, row: OpenUploadRow): Promise<AppError> {
  const notes = await transaction(ctx, async (sql) => {
    const { count } = await queries.dropTail(sql, row);
    // Whoever took over has replaced it: nothing is lost.
    if (count === 0) throw takenOver();
    return await disownTail(sql, row);
  });
  ctx.log.error("upload_tail_lost", { upload_id: row.id, bucket: row.bucket, key: row.tail_path });
  await discardNoted(ctx, notes);
  const offset = row.received_bytes - row.tail_bytes;
  return new AppError("conflict", `What came after byte ${offset} is lost. Go on from there.`);
}

/** Keeps what fills no part yet, in place of what was kept before. Throws `conflict` when somebody else is the writer. */
export async function keepTail(ctx: Ctx, row: OpenUploadRow, bytes: Uint8Array): Promise<void> {
  const folder = row.path.split("/").slice(0, -2).join("/");
  const ref = { bucket: bucketNamed(ctx.storage, row.bucket), key: `${folder}/tail/${row.writer_id}` };
  const note = await announceObject(ctx, ref);
  try {
    await ctx.storage.put(ref, bytes, {
      contentType: "application/octet-stream",
      contentLength: bytes.length,
    });
    const before = await transaction(ctx, async (sql) => {
      await note.own(sql);
      const { count } = await queries.saveTail(sql, row, ref.key, bytes.length);
      if (count === 0) throw takenOver();
      return await disownTail(sql, row);
    });
    await discardNoted(ctx, before);
  } catch (error) {
    await discardObject(ctx, ref, note);
    throw error;
  }
}

/** Marks the tail as nobody's in the caller's transaction. Answers the notes for `discardNoted`. */
export async function disownTail(sql: Sql, { tenant_id, bucket, tail_path }: UploadRow) {
  return tail_path ? await disownObjects(sql, tenant_id, [{ bucket, path: tail_path }]) : [];
}

export function takenOver(): AppError {
  return new AppError("conflict", "Another request goes on with this upload.");
}
