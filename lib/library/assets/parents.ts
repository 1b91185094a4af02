// The asset that another one was made from or belongs to.
import { type Ctx, sightOf } from "../../access/context.ts";
import { seeWholeTenant, type Sql } from "../../platform/db/database.ts";
import * as queries from "./queries.ts";
import { assetError } from "./reasons.ts";

/**
 * Checks the parent of an asset that is about to be written. Throws `not_found` for one that is unknown, hidden from the
 * actor or in the trash, and `invalid` when the asset would become its own ancestor.
 */
export async function requireParent(
  ctx: Ctx,
  sql: Sql,
  id: string,
  parentId: string | null | undefined,
): Promise<void> {
  if (!parentId) return;
  const [parent] = await queries.findAsset(sql, sightOf(ctx.actor), parentId, false);
  if (!parent) throw assetError("parent_not_found");
  // Two changes at once could close a circle that neither of them sees.
  await queries.lockParents(sql, ctx.actor.tenantId);
  // A circle may pass through assets that the actor does not see.
  await seeWholeTenant(sql);
  const [ancestor] = await queries.findAncestor(sql, parentId, id);
  if (ancestor) throw assetError("parent_circle");
}
