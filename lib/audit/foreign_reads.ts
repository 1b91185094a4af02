// What superusers read in tenants that are not their own. The tenant's administrators see it in their audit.
import type { Ctx } from "../access/context.ts";
import { record } from "./audit.ts";
import * as queries from "./queries.ts";

/** The same address read again within this time adds no entry, so that polling does not flood the audit. */
const QUIET_SECONDS = 3600;
const MOST_CHARACTERS = 200;

/** Records in the audit of `tenantId` that a superuser reads `path` there, once an hour for each path and person. */
export async function recordForeignRead(ctx: Ctx, tenantId: string, path: string): Promise<void> {
  const target = path.slice(0, MOST_CHARACTERS);
  const action = "tenant.read";
  await ctx.db.asTenant(tenantId, async (sql) => {
    const known = { actorId: ctx.actor.userId!, action, target, seconds: QUIET_SECONDS };
    if ((await queries.findRecent(sql, known)).length > 0) return;
    await record(sql, ctx, { action, target: { id: target, name: target } }, tenantId);
  });
}
