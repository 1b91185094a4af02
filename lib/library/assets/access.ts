// Who may see and change an asset. A private one: its creator, those it is shared with, and administrators. Any other:
// every member of the tenant, as far as their role allows.
import { type Ctx, sightOf, transaction } from "../../access/context.ts";
import { record } from "../../audit/audit.ts";
import {
  findAudience,
  joinAudiences,
  listGrants,
  listSubjects,
  replaceGrants,
} from "../../access/grants/grants.ts";
import type { Subject } from "../../access/grants/grants.ts";
import type { Audience } from "../../access/grants/schema.ts";
import { announceTo } from "../../work/live/live.ts";
import { seeWholeTenant, type Sql } from "../../platform/db/database.ts";
import { may, requirePermission } from "../../access/permissions.ts";
import { found } from "../../platform/errors.ts";
import { assetEvent } from "./events.ts";
import * as queries from "./queries.ts";
import type { AssetRow, Visibility } from "./columns.ts";
import type { EditRight, LockedAsset } from "./queries.ts";
import { assetError } from "./reasons.ts";
import type { Access, NewAccess } from "./schema.ts";

/** Who sees an asset; for those who may share it. Throws `not_found` and `forbidden`. */
export function getAccess(ctx: Ctx, id: string): Promise<Access> {
  requirePermission(ctx, "assets.change");
  return transaction(ctx, async (sql) => {
    const { visibility } = await lockShareable(ctx, sql, id);
    await seeWholeTenant(sql);
    return { visibility, ...await listGrants(sql, id) };
  });
}

/**
 * Replaces who sees an asset; takes effect at the next request of each member. Throws `not_found`, `forbidden`, `invalid`
 * on the path of an account or group that is not in this tenant, and `conflict` when the actor would lose access.
 */
export async function setAccess(ctx: Ctx, id: string, access: NewAccess): Promise<Access> {
  requirePermission(ctx, "assets.change");
  const { after, audience, status } = await transaction(ctx, async (sql) => {
    const { visibility, title, status } = await lockShareable(ctx, sql, id);
    await seeWholeTenant(sql);
    const before = { visibility, ...await listGrants(sql, id) };
    const audience = await changeSight(ctx, sql, id, async () => {
      await queries.updateAsset(sql, id, { visibility: access.visibility });
      await replaceGrants(sql, { tenantId: ctx.actor.tenantId, assetId: id }, access);
    });
    const after = { visibility: access.visibility, ...await listGrants(sql, id) };
    await record(sql, ctx, { action: "asset.share", target: { id, name: title }, before, after });
    return { after, audience, status };
  });
  await announceTo(ctx, ctx.actor.tenantId, audience, assetEvent, { id, change: "updated", status });
  return after;
}

/** The groups and members that an asset can be shared with, by name. */
export function listShareable(ctx: Ctx): Promise<Subject[]> {
  requirePermission(ctx, "assets.change");
  return transaction(ctx, listSubjects);
}

/**
 * Changes the visibility of an asset in the caller's transaction, when it differs. Answers all who saw the asset before
 * or see it now, undefined when nothing changed. Throws `forbidden` and `conflict` as `setAccess` does.
 */
export async function changeVisibility(
  ctx: Ctx,
  sql: Sql,
  asset: LockedAsset,
  visibility: Visibility = asset.visibility,
): Promise<Audience | undefined> {
  if (visibility === asset.visibility) return undefined;
  requireShare(ctx, asset);
  return await changeSight(ctx, sql, asset.id, () => queries.updateAsset(sql, asset.id, { visibility }));
}

/**
 * Runs a change of who sees an asset; it and the rest of the transaction see the whole tenant. Answers all who saw the
 * asset before or see it now: their pages have to reload it. Throws `conflict` when the actor would lose access.
 */
async function changeSight(
  ctx: Ctx,
  sql: Sql,
  id: string,
  change: () => Promise<unknown>,
): Promise<Audience> {
  await seeWholeTenant(sql);
  const before = await findAudience(sql, id);
  await change();
  const [stillSeen] = await queries.lockAsset(sql, sightOf(ctx.actor), id);
  if (!stillSeen) throw assetError("own_access_lost");
  return joinAudiences(before, await findAudience(sql, id));
}

type Shareable = EditRight & Pick<AssetRow, "created_by">;

/** True when both the actor's role and the asset's grants let the actor change it. */
export function mayEdit(ctx: Ctx, asset: EditRight): boolean {
  return may(ctx, "assets.change") && asset.is_open_to_edit;
}

/** True when the actor may decide who sees the asset: one that they created, or as a manager one that they may change. */
export function mayShare(ctx: Ctx, asset: Shareable): boolean {
  const own = asset.created_by !== null && asset.created_by === ctx.actor.userId;
  return mayEdit(ctx, asset) && (own || may(ctx, "assets.share"));
}

/** Throws `forbidden` for an asset that is shared with the actor for viewing only. */
export function requireEdit(ctx: Ctx, asset: EditRight): void {
  if (!mayEdit(ctx, asset)) throw assetError("view_only");
}

/** Throws `forbidden` unless the actor may decide who sees the asset. */
export function requireShare(ctx: Ctx, asset: Shareable): void {
  if (!mayShare(ctx, asset)) throw assetError("share_refused");
}

/** Locks an asset that the actor may change. Throws `not_found`, also for one in the trash, and `forbidden`. */
export async function lockEditable(ctx: Ctx, sql: Sql, id: string): Promise<LockedAsset> {
  const asset = found(await queries.lockAsset(sql, sightOf(ctx.actor), id), assetError);
  if (asset.deleted_at) throw assetError("not_found");
  requireEdit(ctx, asset);
  return asset;
}

async function lockShareable(ctx: Ctx, sql: Sql, id: string): Promise<LockedAsset> {
  const [asset] = await queries.lockAsset(sql, sightOf(ctx.actor), id);
  if (!asset || asset.deleted_at) throw assetError("not_found");
  requireShare(ctx, asset);
  return asset;
}
