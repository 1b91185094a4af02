// Assets with the same bytes. An asset that the actor may not see is never mentioned.
import { type Ctx, sightOf } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import { defineReasons } from "../../platform/errors.ts";
import { readDuplicateRule } from "../../tenancy/tenants/duplicate_rule.ts";
import type { DuplicateRule } from "../../tenancy/tenants/schema.ts";
import * as queries from "./queries.ts";

/** Why bytes that are in the library already are not taken again. */
export const duplicateError = defineReasons("duplicate", {
  refused: {
    code: "conflict",
    detail: "The same bytes are in already, as {duplicate_of}. This tenant keeps each file once.",
  },
  unwanted: {
    code: "conflict",
    detail: "The same bytes are in already, as {duplicate_of}. Send duplicate_rule=keep to keep both.",
  },
});

/** An older asset with the same bytes. */
export interface Duplicate {
  id: string;
  /** True when nothing is to be added, because that asset stands for the file. */
  isLinked: boolean;
}

/**
 * The oldest other asset with these bytes, and what follows from it: the tenant's rule counts; where that keeps
 * duplicates, the one that the client `asked` for. Of the same file sent twice at once only one is new, except under
 * `keep`. Throws `conflict` where the rule refuses.
 */
export async function settleDuplicate(
  ctx: Ctx,
  sql: Sql,
  file: { sha256: string; assetId: string },
  asked: DuplicateRule | undefined,
): Promise<Duplicate | undefined> {
  const { tenantId } = ctx.actor;
  const own = await readDuplicateRule(sql, tenantId);
  const rule = own === "keep" ? asked ?? own : own;
  if (rule !== "keep") await queries.lockBytes(sql, tenantId, file.sha256);
  const [older] = await queries.findDuplicate(sql, sightOf(ctx.actor), file.sha256, file.assetId);
  if (!older) return undefined;
  if (rule !== "refuse") return { id: older.id, isLinked: rule === "link" };
  const members = { duplicate_of: older.id };
  if (own === "refuse") throw duplicateError("refused", members, { members });
  throw duplicateError("unwanted", members, { members });
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
