// Assets: finding, describing, trashing and restoring them. How their files come in is in ingest.ts, how work on them
// ends in work.ts, where their objects lie in objects.ts.
import { type Ctx, readOnly, type Sight, sightOf, transaction } from "../../access/context.ts";
import { difference, record } from "../../audit/audit.ts";
import type { Audience } from "../../access/grants/schema.ts";
import type { Sql } from "../../platform/db/database.ts";
import { type AppError, found } from "../../platform/errors.ts";
import { assetError } from "./reasons.ts";
import { newId } from "../../platform/ids.ts";
import { countedBefore, countedTo, type Page, toPage, type Total } from "../../platform/page.ts";
import { findAudience } from "../../access/grants/grants.ts";
import { announce, announceTo } from "../../work/live/live.ts";
import { requireRoom } from "../../tenancy/quotas/quotas.ts";
import { requirePermission } from "../../access/permissions.ts";
import { changeSight, mayEdit, mayShare, requireEdit, requireShare } from "./access.ts";
import { mapDuplicateCode } from "./codes.ts";
import { assetEvent } from "./events.ts";
import { fileUrl } from "./files.ts";
import { bucketNamed } from "../objects/keys.ts";
import { discardOrphans, markOrphaned } from "../objects/objects.ts";
import * as queries from "./queries.ts";
import type { AssetRow, LocationRow, SummaryRow } from "./queries.ts";
import type { StorageLocation } from "../renditions/schema.ts";
import type { AssetDetail, AssetFilter, AssetPatch, AssetSummary, NewAsset, Visibility } from "./schema.ts";

/** One page of the tenant's assets, newest first. Throws `invalid` for a cursor that no list answered. */
export function listAssets(ctx: Ctx, filter: AssetFilter): Promise<Page<AssetSummary>> {
  requirePermission(ctx, "assets.read");
  const sight = sightOf(ctx.actor);
  return readOnly(ctx, async (sql) => {
    const [rows, total] = await Promise.all([
      queries.listAssets(sql, sight, filter),
      countedBefore(filter) ?? countAssets(sql, sight, filter),
    ]);
    const keyed = rows.map((row) => ({ ...row, createdAt: row.created_at }));
    return toPage({ rows: keyed, ...total }, filter, ({ createdAt: _, ...row }) => presentSummary(row));
  });
}

async function countAssets(sql: Sql, sight: Sight, filter: AssetFilter): Promise<Total> {
  const [row] = await queries.countAssets(sql, sight, filter);
  const counted = countedTo(row!.count);
  return counted.estimated
    ? { total: await queries.estimateAssets(sql, sight, filter), estimated: true }
    : counted;
}

/** One asset as lists show it. Throws `not_found`. */
export async function getAssetSummary(ctx: Ctx, id: string): Promise<AssetSummary> {
  requirePermission(ctx, "assets.read");
  const rows = await transaction(ctx, (sql) => queries.findSummary(sql, sightOf(ctx.actor), id));
  return presentSummary(found(rows, noSuchAsset));
}

/** One asset with its files and facts. What is in the trash is `not_found` unless asked for. */
export function getAsset(
  ctx: Ctx,
  id: string,
  options: { includeDeleted?: boolean } = {},
): Promise<AssetDetail> {
  requirePermission(ctx, "assets.read");
  return transaction(ctx, (sql) => readDetail(ctx, sql, id, options.includeDeleted ?? false));
}

/** Makes a placeholder whose file comes later. Throws `conflict` when the code is taken or it is one asset too many. */
export async function createAsset(ctx: Ctx, input: NewAsset): Promise<AssetDetail> {
  requirePermission(ctx, "assets.change");
  const id = newId();
  const asset = await mapDuplicateCode(transaction(ctx, async (sql) => {
    await requireRoom(sql, ctx.actor.tenantId, { assets: 1 });
    await queries.insertAsset(sql, {
      id,
      tenant_id: ctx.actor.tenantId,
      status: "ingesting",
      created_by: ctx.actor.userId,
      ...input,
    });
    const target = { id, name: input.title };
    await record(sql, ctx, { action: "asset.create", target, after: input });
    return await readDetail(ctx, sql, id, false);
  }));
  await announce(ctx, ctx.actor.tenantId, assetEvent, { id, change: "created", status: asset.status });
  return asset;
}

/**
 * Changes what the patch names. Throws `not_found` for what is in the trash, `conflict` when the code is taken or the
 * actor would lose sight of it, `forbidden` for what is shared to look at alone and for the visibility of others' assets.
 */
export async function updateAsset(ctx: Ctx, id: string, patch: AssetPatch): Promise<AssetDetail> {
  requirePermission(ctx, "assets.change");
  const { asset, audience } = await mapDuplicateCode(transaction(ctx, async (sql) => {
    const row = found(await queries.lockAsset(sql, sightOf(ctx.actor), id), noSuchAsset);
    const before = await readDetail(ctx, sql, id, false);
    requireEdit(ctx, row);
    const audience = await writePatch(ctx, sql, row, patch);
    const asset = await readDetail(ctx, sql, id, false);
    const changed = difference(before, asset, Object.keys(patch) as (keyof AssetPatch)[]);
    const target = { id, name: before.title };
    if (changed) await record(sql, ctx, { action: "asset.update", target, ...changed });
    return { asset, audience };
  }));
  const change = { id, change: "updated", status: asset.status } as const;
  if (audience) await announceTo(ctx, ctx.actor.tenantId, audience, assetEvent, change);
  else await announce(ctx, ctx.actor.tenantId, assetEvent, change);
  return asset;
}

/** Answers who has to hear of it, when that is more than those who see the asset now. */
async function writePatch(
  ctx: Ctx,
  sql: Sql,
  asset: AssetRow,
  patch: AssetPatch,
): Promise<Audience | undefined> {
  if (Object.keys(patch).length === 0) return undefined;
  const write = () => queries.updateAsset(sql, asset.id, patch);
  if ((patch.visibility ?? asset.visibility) === asset.visibility) return void await write();
  requireShare(ctx, asset);
  return await changeSight(ctx, sql, asset.id, write);
}

/** Puts an asset into the trash, from which `restoreAsset` brings it back as it was. */
export async function trashAsset(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "assets.change");
  await transaction(ctx, async (sql) => {
    const asset = found(await queries.lockAsset(sql, sightOf(ctx.actor), id), noSuchAsset);
    if (asset.deleted_at) throw noSuchAsset();
    requireEdit(ctx, asset);
    await queries.trashAsset(sql, id);
    await record(sql, ctx, { action: "asset.trash", target: { id, name: asset.title } });
  });
  await announce(ctx, ctx.actor.tenantId, assetEvent, { id, change: "removed", status: "deleted" });
}

/** Takes an asset out of the trash in its earlier state. Throws `conflict` when it is not in there or one too many. */
export async function restoreAsset(ctx: Ctx, id: string): Promise<AssetDetail> {
  requirePermission(ctx, "assets.change");
  const asset = await transaction(ctx, async (sql) => {
    await requireRoom(sql, ctx.actor.tenantId, { assets: 1 });
    requireEdit(ctx, found(await queries.lockAsset(sql, sightOf(ctx.actor), id), noSuchAsset));
    const { count } = await queries.restoreAsset(sql, id);
    if (count === 0) throw assetError("not_in_trash");
    const restored = await readDetail(ctx, sql, id, false);
    await record(sql, ctx, { action: "asset.restore", target: { id, name: restored.title } });
    return restored;
  });
  await announce(ctx, ctx.actor.tenantId, assetEvent, { id, change: "created", status: asset.status });
  return asset;
}

/** Deletes an asset and all its files for ever. Administrators only. */
export async function deleteAsset(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "assets.delete");
  const { orphans, audience } = await transaction(ctx, async (sql) => {
    await queries.lockJobs(sql, id);
    const { title, original_filename } = found(
      await queries.lockAsset(sql, sightOf(ctx.actor), id),
      noSuchAsset,
    );
    const audience = await findAudience(sql, id);
    const orphans = await markOrphaned(sql, ctx.actor.tenantId, await queries.listLocations(sql, id));
    await queries.deleteAsset(sql, id);
    const before = { title, original_filename };
    await record(sql, ctx, { action: "asset.delete", target: { id, name: title }, before });
    return { orphans, audience };
  });
  await discardOrphans(ctx, orphans);
  const change = { id, change: "removed", status: "deleted" } as const;
  await announceTo(ctx, ctx.actor.tenantId, audience, assetEvent, change);
}

async function readDetail(ctx: Ctx, sql: Sql, id: string, includeDeleted: boolean): Promise<AssetDetail> {
  const [assets, locations, [technical]] = await Promise.all([
    queries.findAsset(sql, sightOf(ctx.actor), id, includeDeleted),
    queries.listLocations(sql, id),
    queries.findTechnicalMetadata(sql, id),
  ]);
  const { is_open_to_edit, ...row } = found(assets, noSuchAsset);
  const rights = { is_open_to_edit, created_by: row.created_by };
  const thumbnail = locations.find((location) => location.purpose === "thumbnail");
  const proxy = locations.find((location) => location.purpose === "proxy");
  return {
    ...row as unknown as AssetDetail,
    ...await nameSeen(ctx, sql, row),
    can_edit: mayEdit(ctx, rights),
    can_share: mayShare(ctx, rights),
    thumbnail_url: thumbnail ? thumbnailUrl(id, version(thumbnail)) : null,
    proxy_url: proxy ? `/media/assets/${id}/proxy` : null,
    storage_locations: await Promise.all(
      locations.map((location) => presentLocation(ctx, location, row.visibility)),
    ),
    technical_metadata: (technical as unknown as AssetDetail["technical_metadata"]) ?? null,
    keywords: [],
    markers: [],
  };
}

type Named = Pick<AssetRow, "parent_id" | "duplicate_of">;

/** Other assets are named to those alone who may see them. */
async function nameSeen(ctx: Ctx, sql: Sql, { parent_id, duplicate_of }: Named): Promise<Named> {
  const ids = [parent_id, duplicate_of].filter((id) => id !== null);
  const seen = ids.length > 0 ? await queries.listSeen(sql, sightOf(ctx.actor), ids) : [];
  const name = (id: string | null) => seen.some((row) => row.id === id) ? id : null;
  return { parent_id: name(parent_id), duplicate_of: name(duplicate_of) };
}

async function presentLocation(
  ctx: Ctx,
  location: LocationRow,
  visibility: Visibility,
): Promise<StorageLocation> {
  const { asset_id: _, ...shown } = location;
  const bucket = bucketNamed(ctx.storage, location.bucket);
  return {
    ...shown as unknown as StorageLocation,
    url: await fileUrl(ctx, { ...location, bucket, visibility }),
  };
}

function presentSummary({ thumbnail_version, ...row }: SummaryRow): AssetSummary {
  return {
    ...row as unknown as AssetSummary,
    thumbnail_url: thumbnail_version ? thumbnailUrl(row.id, thumbnail_version) : null,
  };
}

function thumbnailUrl(id: string, version: string): string {
  return `/media/assets/${id}/thumbnail?v=${version}`;
}

function version(location: LocationRow): string {
  return location.checksum_sha256?.slice(0, 12) ?? location.id;
}

function noSuchAsset(): AppError {
  return assetError("not_found");
}
