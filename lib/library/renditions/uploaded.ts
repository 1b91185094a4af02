// Renditions that people upload: stored at once, shown once a worker has probed them, and taken back again.
import type { Ctx } from "../../access/context.ts";
import type { Probe } from "../../media/schema.ts";
import type { Sql } from "../../platform/db/database.ts";
import { found } from "../../platform/errors.ts";
import { discardOrphans, markOrphaned } from "../objects/objects.ts";
import type { Purpose } from "../objects/schema.ts";
import * as queries from "./queries.ts";
import type { UploadedRow } from "./queries.ts";
import { fileError } from "./schema.ts";

/** The status of a file that was not probed yet. */
export const UNCHECKED = { is_manual: true, is_accessible: false, status: "checking" } as const;
/** The one that is shown, and the one before it, to which taking back returns. */
const KEPT = 2;

/** An uploaded rendition, for the worker that probes it. Throws `not_found` when it was taken back meanwhile. */
export async function getUploaded(ctx: Ctx, id: string): Promise<UploadedRow> {
  const rows = await ctx.db.asTenant(ctx.actor.tenantId, (sql) => queries.findUploaded(sql, id));
  return found(rows, () => fileError("taken_back"));
}

/** Shows a probed rendition from now on, in the caller's transaction, and gives up all but the one before it. */
export async function acceptUploaded(sql: Sql, row: UploadedRow, { contentType, technical }: Probe) {
  const { width, height } = technical;
  await queries.acceptUploaded(sql, row.id, { content_type: contentType, width, height });
  const outdated = await queries.deleteOutdated(sql, row.asset_id, row.purpose, KEPT);
  await markOrphaned(sql, row.tenant_id, [...outdated]);
}

/** Deletes a rendition that does not hold what its first bytes promised. */
export async function rejectUploaded(ctx: Ctx, row: UploadedRow): Promise<void> {
  const orphans = await ctx.db.asTenant(row.tenant_id, async (sql) => {
    const gone = await queries.deleteUploaded(sql, row.id);
    return await markOrphaned(sql, row.tenant_id, [...gone]);
  });
  await discardOrphans(ctx, orphans);
}

/**
 * Removes the newest uploaded rendition of a purpose in the caller's transaction: the one before it, or the generated
 * one, is shown again. Answers it with its object, for `discardOrphans`. Throws `not_found` when none was uploaded.
 */
export async function removeNewest(sql: Sql, assetId: string, purpose: Purpose) {
  const row = found(
    await queries.findNewest(sql, assetId, purpose),
    () => fileError("none_uploaded", { purpose }),
  );
  await queries.deleteUploaded(sql, row.id);
  return { row, orphans: await markOrphaned(sql, row.tenant_id, [row]) };
}
