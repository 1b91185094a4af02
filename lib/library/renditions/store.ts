// Storing what workers make of an asset.
import type { Ctx } from "../../access/context.ts";
import type { Rendition } from "../../media/schema.ts";
import type { Sql } from "../../platform/db/database.ts";
import { objectRef } from "../objects/keys.ts";
import { reserveObject } from "../objects/objects.ts";
import type { Purpose } from "../objects/schema.ts";
import { recordFile } from "./renditions.ts";

interface Owner {
  id: string;
  tenantId: string;
  tenantCode: string;
  createdAt: string;
}

/**
 * Stores a rendition under the key that every attempt uses. Answers what records it, to be called in the transaction
 * that ends the job. A run that lost its lease does not get that far; its successor overwrites the same object.
 */
export async function storeRendition(
  ctx: Ctx,
  asset: Owner,
  purpose: Purpose,
  rendition: Rendition,
  signal: AbortSignal,
): Promise<(sql: Sql) => Promise<void>> {
  const filename = `${purpose}.${rendition.extension}`;
  const owner = { tenantCode: asset.tenantCode, assetId: asset.id, createdAt: asset.createdAt };
  const ref = objectRef(owner, purpose, filename);
  const reservation = await reserveObject(ctx, ref);
  const file = await Deno.open(rendition.path);
  const { size } = await file.stat();
  const options = { contentType: rendition.contentType, contentLength: size, signal };
  // On failure the reservation stays: an earlier run may own the object, which the sweep checks.
  const stored = await ctx.storage.put(ref, file.readable, options);
  return async (sql) => {
    await reservation.release(sql);
    await recordFile(ctx, sql, asset, purpose, { ref, filename, ...rendition, ...stored });
  };
}
