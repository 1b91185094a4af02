// The trash, and deleting for good.
import { type Ctx, sightOf, transaction } from "../../access/context.ts";
import { findAudience } from "../../access/grants/grants.ts";
import { requirePermission } from "../../access/permissions.ts";
import { record } from "../../audit/audit.ts";
import { found } from "../../platform/errors.ts";
import { requireRoom } from "../../tenancy/quotas/quotas.ts";
import { lockAssetJobs } from "../../work/jobs/asset_jobs.ts";
import { announce, announceTo } from "../../work/live/live.ts";
import { discardOrphans, markOrphaned } from "../objects/objects.ts";
import { listObjects } from "../renditions/renditions.ts";
import { lockEditable, requireEdit } from "./access.ts";
import { readDetail } from "./detail.ts";
import { assetEvent } from "./events.ts";
import * as queries from "./queries.ts";
import { assetError } from "./reasons.ts";
import type { AssetDetail } from "./schema.ts";

/** Moves an asset to the trash. Throws `not_found`, also when it is in there, and `forbidden`. */
export async function trashAsset(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "assets.change");
  await transaction(ctx, async (sql) => {
    const asset = await lockEditable(ctx, sql, id);
    await queries.trashAsset(sql, id);
    await record(sql, ctx, { action: "asset.trash", target: { id, name: asset.title } });
  });
  await announce(ctx, ctx.actor.tenantId, assetEvent, { id, change: "removed", status: "deleted" });
}

/** Takes an asset out of the trash, in its earlier status. Throws `conflict` when it is not in there, or over quota. */
export async function restoreAsset(ctx: Ctx, id: string): Promise<AssetDetail> {
  requirePermission(ctx, "assets.change");
  const asset = await transaction(ctx, async (sql) => {
    await requireRoom(sql, ctx.actor.tenantId, { assets: 1 });
    requireEdit(ctx, found(await queries.lockAsset(sql, sightOf(ctx.actor), id), assetError));
    const { count } = await queries.restoreAsset(sql, id);
    if (count === 0) throw assetError("not_in_trash");
    const restored = await readDetail(ctx, sql, id);
    await record(sql, ctx, { action: "asset.restore", target: { id, name: restored.title } });
    return restored;
  });
  await announce(ctx, ctx.actor.tenantId, assetEvent, { id, change: "created", status: asset.status });
  return asset;
}

/** Deletes an asset and all its files for good. Administrators only. */
export async function deleteAsset(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "assets.delete");
  const { orphans, audience } = await transaction(ctx, async (sql) => {
    await lockAssetJobs(sql, id);
    const { title, original_filename } = found(
      await queries.lockAsset(sql, sightOf(ctx.actor), id),
      assetError,
    );
    const audience = await findAudience(sql, id);
    const orphans = await markOrphaned(sql, ctx.actor.tenantId, await listObjects(sql, id));
    await queries.deleteAsset(sql, id);
    const before = { title, original_filename };
    await record(sql, ctx, { action: "asset.delete", target: { id, name: title }, before });
    return { orphans, audience };
  });
  await discardOrphans(ctx, orphans);
  const change = { id, change: "removed", status: "deleted" } as const;
  await announceTo(ctx, ctx.actor.tenantId, audience, assetEvent, change);
}
