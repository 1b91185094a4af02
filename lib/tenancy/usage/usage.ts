// Usage of each tenant: the database's triggers write an entry for every change, and the usage is their sum.
import { type Ctx, transaction } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Database, Sql } from "../../platform/db/database.ts";
import { countRunning } from "../../work/jobs/runs.ts";
import { requirePermission } from "../../access/permissions.ts";
import { type AmountRow, readAmounts, readPromised, readQuota, sumOf } from "../quotas/quotas.ts";
import type { Quota } from "../quotas/schema.ts";
import * as queries from "./queries.ts";
import type { Usage } from "./schema.ts";

export type { UsageRow } from "./queries.ts";

/** Tenants per run. */
const BATCH = 500;

/** Usage and quota of the actor's tenant. For its administrators. */
export function getUsage(ctx: Ctx): Promise<{ usage: Usage; quota: Quota }> {
  requirePermission(ctx, "usage.read");
  const { tenantId } = ctx.actor;
  return transaction(ctx, async (sql) => ({
    usage: await readUsage(sql, tenantId),
    quota: await readQuota(sql, tenantId),
  }));
}

/** The usage of a tenant, in a transaction that sees it. */
export async function readUsage(sql: Sql, tenantId: string): Promise<Usage> {
  const [amounts, promised, jobs] = await Promise.all([
    readAmounts(sql, tenantId),
    readPromised(sql, tenantId),
    countRunning(sql, tenantId),
  ]);
  return {
    bytes: sumOf(amounts, "bytes"),
    uploading_bytes: promised.bytes,
    assets: sumOf(amounts, "assets"),
    users: sumOf(amounts, "users"),
    jobs,
    bytes_by_purpose: byLabel(amounts, "bytes"),
    assets_by_type: byLabel(amounts, "assets"),
  };
}

/** Folds entries into sums, so that adding them up stays cheap. Returns how many sums it wrote. */
export async function foldUsage({ db }: Pick<Platform, "db">): Promise<number> {
  const { count } = await db.asSystem((sql) => queries.foldEntries(sql, BATCH));
  return count;
}

/** Usage of the `most` largest tenants by code, and of all others together as `(other)`. */
export async function listUsage(db: Database, most: number): Promise<queries.UsageRow[]> {
  return await db.asSystem((sql) => queries.listUsage(sql, most));
}

function byLabel(amounts: AmountRow[], measure: AmountRow["measure"]): Record<string, number> {
  const rows = amounts.filter((row) => row.measure === measure);
  return Object.fromEntries(rows.map(({ label, value }) => [label, value]));
}
