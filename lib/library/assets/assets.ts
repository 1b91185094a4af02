// Reading assets: one, or a page of them. Changing them is in describe.ts and trash.ts, their files are in ingest.ts.
import { type Ctx, readOnly, type Sight, sightOf, transaction } from "../../access/context.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { Sql } from "../../platform/db/database.ts";
import { found } from "../../platform/errors.ts";
import { assetError } from "./reasons.ts";
import { countedBefore, countedTo, type Page, toPage, type Total } from "../../platform/page.ts";
import { readDetail, thumbnailUrl } from "./detail.ts";
import * as queries from "./list_queries.ts";
import { sortingOf } from "./sort_queries.ts";
import type { AssetDetail, AssetFilter, AssetSummary } from "./schema.ts";

/** One page of the tenant's assets. Throws `invalid` for a cursor that no list sorted so answered. */
export function listAssets(ctx: Ctx, filter: AssetFilter): Promise<Page<AssetSummary>> {
  requirePermission(ctx, "assets.read");
  const sight = sightOf(ctx.actor);
  return readOnly(ctx, async (sql) => {
    const sorting = sortingOf(sql, filter);
    const [rows, total] = await Promise.all([
      queries.listAssets(sql, sight, filter),
      countedBefore(filter, sorting) ?? countAssets(sql, sight, filter),
    ]);
    const keyed = rows.map(({ sort_key, ...row }) => ({
      row,
      id: row.id,
      ...(sorting ? { sort: sorting.name, key: sort_key } : { createdAt: row.created_at }),
    }));
    return toPage({ rows: keyed, ...total }, filter, ({ row }) => presentSummary(row));
  });
}

/** One asset as lists show it. Throws `not_found`. */
export async function getAssetSummary(ctx: Ctx, id: string): Promise<AssetSummary> {
  requirePermission(ctx, "assets.read");
  const rows = await transaction(ctx, (sql) => queries.findSummary(sql, sightOf(ctx.actor), id));
  return presentSummary(found(rows, assetError));
}

/** One asset in full. Throws `not_found`, unless asked to include them also for assets in the trash. */
export function getAsset(
  ctx: Ctx,
  id: string,
  options: { includeDeleted?: boolean } = {},
): Promise<AssetDetail> {
  requirePermission(ctx, "assets.read");
  return transaction(ctx, (sql) => readDetail(ctx, sql, id, options.includeDeleted));
}

async function countAssets(sql: Sql, sight: Sight, filter: AssetFilter): Promise<Total> {
  const [row] = await queries.countAssets(sql, sight, filter);
  const counted = countedTo(row!.count);
  return counted.estimated
    ? { total: await queries.estimateAssets(sql, sight, filter), estimated: true }
    : counted;
}

function presentSummary({ thumbnail_version, ...row }: queries.SummaryRow): AssetSummary {
  return { ...row, thumbnail_url: thumbnail_version && thumbnailUrl(row.id, thumbnail_version) };
}
