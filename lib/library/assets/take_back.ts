// Taking back a rendition that a person uploaded.
import { type Ctx, transaction } from "../../access/context.ts";
import { requirePermission } from "../../access/permissions.ts";
import { record } from "../../audit/audit.ts";
import { announce } from "../../work/live/live.ts";
import { discardOrphans } from "../objects/objects.ts";
import type { Purpose } from "../objects/schema.ts";
import { findFile } from "../renditions/renditions.ts";
import { removeNewest } from "../renditions/uploaded.ts";
import { lockEditable } from "./access.ts";
import { assetEvent } from "./events.ts";

/**
 * Removes the rendition that was uploaded last for a purpose; the one before it, or the generated one, is shown again.
 * Throws `not_found`, also when none was uploaded, and `forbidden`.
 */
export async function takeBackRendition(ctx: Ctx, assetId: string, purpose: Purpose): Promise<void> {
  requirePermission(ctx, "assets.change");
  const { orphans, status } = await transaction(ctx, async (sql) => {
    const { title, status } = await lockEditable(ctx, sql, assetId);
    const { row, orphans } = await removeNewest(sql, assetId, purpose);
    const now = await findFile(ctx, sql, assetId, purpose);
    await record(sql, ctx, {
      action: "rendition.take_back",
      target: { id: assetId, name: title },
      before: { purpose, filename: row.filename, checksum_sha256: row.checksum_sha256 },
      after: { purpose, filename: now?.filename, checksum_sha256: now?.sha256 },
    });
    return { orphans, status };
  });
  await discardOrphans(ctx, orphans);
  await announce(ctx, ctx.actor.tenantId, assetEvent, { id: assetId, change: "updated", status });
}
