// What people say of an asset: making a placeholder, and changing its metadata.
import { type Ctx, transaction } from "../../access/context.ts";
import { requirePermission } from "../../access/permissions.ts";
import { difference, record } from "../../audit/audit.ts";
import type { Sql } from "../../platform/db/database.ts";
import { newId } from "../../platform/ids.ts";
import { requireRoom } from "../../tenancy/quotas/quotas.ts";
import { announce, announceTo } from "../../work/live/live.ts";
import { changeVisibility, lockEditable } from "./access.ts";
import { mapDuplicateCode } from "./codes.ts";
import { readDetail } from "./detail.ts";
import { assetEvent } from "./events.ts";
import { requireFixed } from "./fixed_fields.ts";
import { requireOtherParent, requireParent } from "./parents.ts";
import * as queries from "./queries.ts";
import { assetError } from "./reasons.ts";
import {
  type AssetDetail,
  type AssetPatch,
  assetPatchSchema,
  type NewAsset,
  newAssetSchema,
} from "./schema.ts";

/**
 * Creates a placeholder whose file comes later. `sent` is all that the client sent: what cannot be set must be as it is
 * anyway. Throws `conflict` for a code in use and when the quota is used up, `not_found` and `invalid` for its parent.
 */
export async function createAsset(ctx: Ctx, input: NewAsset, sent: object = {}): Promise<AssetDetail> {
  requirePermission(ctx, "assets.change");
  const id = newId();
  const asset = await mapDuplicateCode(transaction(ctx, async (sql) => {
    await requireRoom(sql, ctx.actor.tenantId, { assets: 1 });
    if (input.parent_id) await requireParent(ctx, sql, input.parent_id);
    await queries.insertAsset(sql, {
      id,
      tenant_id: ctx.actor.tenantId,
      status: "ingesting",
      created_by: ctx.actor.userId,
      ...input,
    });
    await record(sql, ctx, { action: "asset.create", target: { id, name: input.title }, after: input });
    const asset = await readDetail(ctx, sql, id);
    requireFixed(sent, asset, newAssetSchema);
    return asset;
  }));
  await announce(ctx, ctx.actor.tenantId, assetEvent, { id, change: "created", status: asset.status });
  return asset;
}

/**
 * Changes the fields that the patch names. `sent` is all that the client sent: what cannot be set must be as it is.
 * Throws `not_found` (also for an asset in the trash, and for the parent), `conflict` when the code is in use, the
 * duration is measured or the actor would lose access, `forbidden` for an asset shared for viewing and for the visibility
 * of others' assets, `invalid` for a parent that descends from it.
 */
export async function updateAsset(
  ctx: Ctx,
  id: string,
  patch: AssetPatch,
  sent: object = {},
): Promise<AssetDetail> {
  requirePermission(ctx, "assets.change");
  const { asset, audience } = await mapDuplicateCode(transaction(ctx, async (sql) => {
    const locked = await lockEditable(ctx, sql, id);
    const before = await readDetail(ctx, sql, id);
    requireFixed(sent, before, assetPatchSchema);
    const { visibility, ...fields } = await requireFitting(ctx, sql, before, patch);
    const audience = await changeVisibility(ctx, sql, locked, visibility);
    if (Object.keys(fields).length > 0) await queries.updateAsset(sql, id, fields);
    const asset = await readDetail(ctx, sql, id);
    await recordUpdate(ctx, sql, before, asset, patch);
    return { asset, audience };
  }));
  const change = { id, change: "updated", status: asset.status } as const;
  if (audience) await announceTo(ctx, ctx.actor.tenantId, audience, assetEvent, change);
  else await announce(ctx, ctx.actor.tenantId, assetEvent, change);
  return asset;
}

/** The patch, once parent and duration fit. A parent that the actor does not see is kept when it is sent back as null. */
async function requireFitting(
  ctx: Ctx,
  sql: Sql,
  before: AssetDetail,
  patch: AssetPatch,
): Promise<AssetPatch> {
  const { parent_id, ...rest } = patch;
  const { duration_ms = before.duration_ms } = patch;
  if (before.checksum_sha256 && duration_ms !== before.duration_ms) throw assetError("duration_measured");
  if (parent_id === before.parent_id) return rest;
  if (parent_id) await requireOtherParent(ctx, sql, before.id, parent_id);
  return patch;
}

async function recordUpdate(ctx: Ctx, sql: Sql, before: AssetDetail, after: AssetDetail, patch: AssetPatch) {
  const changed = difference(before, after, Object.keys(patch) as (keyof AssetPatch)[]);
  const target = { id: before.id, name: before.title };
  if (changed) await record(sql, ctx, { action: "asset.update", target, ...changed });
}
