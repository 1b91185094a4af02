// Who may see and change an asset. What is private is its maker's, those it is shared with, and administrators'; all
// else is everybody's of the tenant, as far as their role goes.
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
import { assetError } from "./reasons.ts";
import { may, requirePermission } from "../../access/permissions.ts";
import { assetEvent } from "./events.ts";
import * as queries from "./queries.ts";
import type { AssetRow } from "./queries.ts";
import type { Access, NewAccess } from "./schema.ts";

/** Who sees an asset. For whoever may decide it. Throws `not_found`. */
export function getAccess(ctx: Ctx, id: string): Promise<Access> {
  requirePermission(ctx, "assets.change");
  return transaction(ctx, async (sql) => {
    const { visibility } = await lockShareable(ctx, sql, id);
    await seeWholeTenant(sql);
    return { visibility, ...await listGrants(sql, id) };
  });
}

/**
 * Decides anew who sees an asset; acts at everybody's next request. Throws `not_found`, `invalid` on the path of who is
 * nobody of this tenant, and `conflict` when the actor would lose sight of it.
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

/** Whom an asset can be shared with: groups and people by name. */
export function listShareable(ctx: Ctx): Promise<Subject[]> {
  requirePermission(ctx, "assets.change");
  return transaction(ctx, listSubjects);
}

/**
 * Runs what changes who sees an asset, and everything after it in this transaction, with the sight of the whole tenant.
 * Answers those who saw it before or see it now: all of them have to look again. Throws `conflict` when the actor would
 * not be among them any more.
 */
export async function changeSight(
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

/** True when the actor may change the asset: their role lets them, and so does the asset. */
export function mayEdit(ctx: Ctx, asset: Pick<AssetRow, "is_open_to_edit">): boolean {
  return may(ctx, "assets.change") && asset.is_open_to_edit;
}

/** True when the actor may decide who sees the asset: their own, or as a manager one that they may change. */
export function mayShare(ctx: Ctx, asset: Pick<AssetRow, "created_by" | "is_open_to_edit">): boolean {
  const own = asset.created_by !== null && asset.created_by === ctx.actor.userId;
  return mayEdit(ctx, asset) && (own || may(ctx, "assets.share"));
}

/** Throws `forbidden` for what was shared with the actor to look at alone. */
export function requireEdit(ctx: Ctx, asset: Pick<AssetRow, "is_open_to_edit">): void {
  if (!mayEdit(ctx, asset)) throw assetError("view_only");
}

/** Throws `forbidden` unless the actor may decide who sees the asset. */
export function requireShare(ctx: Ctx, asset: Pick<AssetRow, "created_by" | "is_open_to_edit">): void {
  if (!mayShare(ctx, asset)) throw assetError("share_refused");
}

async function lockShareable(ctx: Ctx, sql: Sql, id: string): Promise<AssetRow> {
  const [asset] = await queries.lockAsset(sql, sightOf(ctx.actor), id);
  if (!asset || asset.deleted_at) throw assetError("not_found");
  requireShare(ctx, asset);
  return asset;
}
