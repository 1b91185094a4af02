// Who changed what of an asset.
import { type Ctx, readOnly, sightOf } from "../../access/context.ts";
import { requirePermission } from "../../access/permissions.ts";
import { readHistory } from "../../audit/reading.ts";
import type { HistoryEntry } from "../../audit/schema.ts";
import { found } from "../../platform/errors.ts";
import { mayEdit, mayShare } from "./access.ts";
import { findAsset } from "./queries.ts";
import { assetError } from "./reasons.ts";

const MOST = 50;

/**
 * The newest changes of an asset, for those who may change it; none for others. With whom it was shared is told to those
 * who may share it. Throws `not_found`.
 */
export function listHistory(ctx: Ctx, id: string): Promise<HistoryEntry[]> {
  requirePermission(ctx, "assets.read");
  return readOnly(ctx, async (sql) => {
    const rights = found(await findAsset(sql, sightOf(ctx.actor), id, true), assetError);
    if (!mayEdit(ctx, rights)) return [];
    const entries = await readHistory(sql, id, MOST);
    if (mayShare(ctx, rights)) return entries;
    return entries.map((entry) =>
      entry.action === "asset.share" ? { ...entry, before: null, after: null } : entry
    );
  });
}
