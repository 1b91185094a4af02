// Assets with the same bytes. An asset that the actor may not see is never mentioned.
import { type Ctx, sightOf } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import * as queries from "./queries.ts";

/** The oldest other asset with these bytes, or null. */
export async function findDuplicate(
  ctx: Ctx,
  sql: Sql,
  file: { sha256: string; assetId: string },
): Promise<string | null> {
  const [older] = await queries.findDuplicate(sql, sightOf(ctx.actor), file.sha256, file.assetId);
  return older?.id ?? null;
}

/** What `duplicate_of` of an asset shows the actor; undefined when there is no such asset. */
export async function findDuplicateOf(
  ctx: Ctx,
  sql: Sql,
  assetId: string,
): Promise<string | null | undefined> {
  const [row] = await queries.findDuplicateOf(sql, sightOf(ctx.actor), assetId);
  return row?.duplicate_of;
}
