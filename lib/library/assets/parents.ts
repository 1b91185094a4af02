// The asset that another one was made from or belongs to.
import { type Ctx, sightOf } from "../../access/context.ts";
import { seeWholeTenant, type Sql } from "../../platform/db/database.ts";
import * as queries from "./queries.ts";
import { assetError } from "./reasons.ts";

/** Throws `not_found` for a parent that is unknown, hidden from the actor or in the trash. */
export async function requireParent(ctx: Ctx, sql: Sql, parentId: string): Promise<void> {
  const [parent] = await queries.findAsset(sql, sightOf(ctx.actor), parentId, false);
  if (!parent) throw assetError("parent_not_found");
}

/** As `requireParent`, for another parent of an asset. Throws `invalid` when it would become its own ancestor. */
export async function requireOtherParent(ctx: Ctx, sql: Sql, id: string, parentId: string): Promise<void> {
  await requireParent(ctx, sql, parentId);
  // Two changes at once could close a circle that neither of them sees.
  await queries.lockParents(sql, ctx.actor.tenantId);
  // A circle may pass through assets that the actor does not see.
  await seeWholeTenant(sql);
  const [ancestor] = await queries.findAncestor(sql, parentId, id);
  if (ancestor) throw assetError("parent_circle");
}
