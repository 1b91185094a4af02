// The neighbours of an asset in a list.
import { type Ctx, readOnly, sightOf } from "../../access/context.ts";
import { requirePermission } from "../../access/permissions.ts";
import * as queries from "./list_queries.ts";
import { orderOf } from "./sort_queries.ts";
import type { AssetFilter } from "./schema.ts";

/** The ids of the assets before and after one; null at the ends of the list. */
export interface Beside {
  previous: string | null;
  next: string | null;
}

/**
 * The neighbours of an asset among those that match the filter and that the actor sees, in the order of the filter. The
 * asset itself need not match any more: it stands where it would.
 */
export function findBeside(
  ctx: Ctx,
  id: string,
  filter: Omit<AssetFilter, "cursor" | "page" | "page_size">,
): Promise<Beside> {
  requirePermission(ctx, "assets.read");
  const sight = sightOf(ctx.actor);
  return readOnly(ctx, async (sql) => {
    const [place] = await queries.findSortKey(sql, id, orderOf(sql, filter));
    if (!place) return { previous: null, next: null };
    const find = (isAfter: boolean) =>
      queries.findNeighbour(sql, sight, filter, { id, key: place.key, isAfter });
    const [[previous], [next]] = await Promise.all([find(false), find(true)]);
    return { previous: previous?.id ?? null, next: next?.id ?? null };
  });
}
