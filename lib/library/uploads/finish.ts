// Turning a complete upload into an asset.
import { type Ctx, transaction } from "../../access/context.ts";
import { AppError } from "../../platform/errors.ts";
import { uploadEvents } from "../../platform/observe/metrics.ts";
import type { DuplicateRule } from "../../tenancy/tenants/schema.ts";
import { findDuplicateOf, settleDuplicate } from "../assets/duplicates.ts";
import { identify } from "../assets/identify.ts";
import { createFromFile, linkTo } from "../assets/ingest.ts";
import { type IngestOptions, ingestOptionsSchema } from "../assets/schema.ts";
import { discardOrphans, markOrphaned, reserveObject } from "../objects/objects.ts";
import { resumeChecksum } from "./checksum.ts";
import { abortMultiparts } from "./discard.ts";
import { refOf } from "./parts.ts";
import * as queries from "./queries.ts";
import type { OpenUploadRow } from "./queries.ts";

/** How long the bytes of a refused duplicate wait for a decision. */
const HOLD_SECONDS = 24 * 3600;

/** What an upload has become. */
interface Finished {
  assetId: string;
  duplicateOf: string | null;
}

/**
 * Assembles the parts and makes the asset. Idempotent: an attempt that was interrupted at any point may be repeated.
 * `asked` replaces the rule about duplicates that the upload began with. Throws `conflict` where that rule refuses; the
 * bytes are kept for a day, so that the upload can be finished by another rule.
 */
export async function finishUpload(ctx: Ctx, row: OpenUploadRow, asked?: DuplicateRule): Promise<Finished> {
  const earlier = await transaction(ctx, (sql) => findDuplicateOf(ctx, sql, row.asset_id));
  const finished = earlier === undefined
    ? await makeAsset(ctx, row, asked)
    : { assetId: row.asset_id, duplicateOf: earlier };
  const { assetId, duplicateOf } = finished;
  const isLinked = assetId !== row.asset_id;
  if (isLinked) await abortMultiparts(ctx, row);
  const orphans = await transaction(ctx, async (sql) => {
    await queries.finishUpload(sql, row.id, assetId, duplicateOf);
    return isLinked ? await markOrphaned(sql, row.tenant_id, [row]) : [];
  });
  await discardOrphans(ctx, orphans);
  uploadEvents.inc({ way: "resumable", event: "finished" });
  return finished;
}

async function makeAsset(ctx: Ctx, row: OpenUploadRow, asked?: DuplicateRule): Promise<Finished> {
  const options = ingestOptionsSchema.parse(row.options);
  if (asked) options.duplicate_rule = asked;
  const sha256 = (await resumeChecksum(row.hash_state)).digest("hex");
  try {
    return await linkToDuplicate(ctx, row, sha256, options) ?? await assemble(ctx, row, sha256, options);
  } catch (error) {
    const duplicate = error instanceof AppError && error.members?.duplicate_of;
    if (duplicate) await transaction(ctx, (sql) => queries.holdUpload(sql, row.id, duplicate, HOLD_SECONDS));
    throw error;
  }
}

/** The older asset that stands for these bytes, where the rule says so. Asked before the parts are copied together. */
async function linkToDuplicate(ctx: Ctx, row: OpenUploadRow, sha256: string, options: IngestOptions) {
  return await transaction(ctx, async (sql) => {
    const file = { sha256, assetId: row.asset_id };
    const duplicate = await settleDuplicate(ctx, sql, file, options.duplicate_rule);
    return duplicate?.isLinked ? await linkTo(ctx, sql, duplicate.id) : undefined;
  });
}

async function assemble(ctx: Ctx, row: OpenUploadRow, sha256: string, options: IngestOptions) {
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
    sha256,
    hasReservedRoom: true,
    ...await identify(start!.head, row.filename, row.content_type),
  };
  return await createFromFile(ctx, file, options).catch(async (error) => {
    // The row of the upload owns the object until it is discarded with it.
    await transaction(ctx, reservation.release);
    throw error;
  });
}
