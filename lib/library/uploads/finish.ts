// Turning a complete upload into an asset.
import { type Ctx, transaction } from "../../access/context.ts";
import { uploadEvents } from "../../platform/observe/metrics.ts";
import { findDuplicateOf } from "../assets/duplicates.ts";
import { identify } from "../assets/identify.ts";
import { createFromFile } from "../assets/ingest.ts";
import { ingestOptionsSchema } from "../assets/schema.ts";
import { reserveObject } from "../objects/objects.ts";
import { resumeChecksum } from "./checksum.ts";
import { refOf } from "./parts.ts";
import * as queries from "./queries.ts";
import type { OpenUploadRow } from "./queries.ts";

/**
 * Assembles the parts and makes the asset. Idempotent: an attempt that was interrupted at any point may be repeated.
 * Answers an older asset with the same bytes, or null.
 */
export async function finishUpload(ctx: Ctx, row: OpenUploadRow): Promise<string | null> {
  const earlier = await transaction(ctx, (sql) => findDuplicateOf(ctx, sql, row.asset_id));
  const duplicateOf = earlier === undefined ? await makeAsset(ctx, row) : earlier;
  await transaction(ctx, (sql) => queries.finishUpload(sql, row.id));
  uploadEvents.inc({ way: "resumable", event: "finished" });
  return duplicateOf;
}

async function makeAsset(ctx: Ctx, row: OpenUploadRow): Promise<string | null> {
  const ref = refOf(ctx, row);
  const reservation = await reserveObject(ctx, ref);
  if ((await ctx.storage.head(ref))?.bytes !== row.total_bytes) {
    await ctx.storage.completeMultipart(ref, row.multipart_id!, row.parts);
  }
  const [start] = await transaction(ctx, (sql) => queries.readHead(sql, row.id));
  const file = {
    ref,
    reservation,
    assetId: row.asset_id,
    filename: row.filename,
    bytes: row.total_bytes,
    sha256: (await resumeChecksum(row.hash_state)).digest("hex"),
    hasReservedRoom: true,
    ...await identify(start!.head, row.filename, row.content_type),
  };
  const { duplicateOf } = await createFromFile(ctx, file, ingestOptionsSchema.parse(row.options));
  return duplicateOf;
}
