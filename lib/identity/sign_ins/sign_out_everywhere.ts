import type { Ctx } from "../../access/context.ts";
import { requirePerson } from "../../access/permissions.ts";
import { record } from "../../audit/audit.ts";
import { revokeKeysOf } from "../api_keys/api_keys.ts";
import { revokeSessionsOf } from "../sessions/sessions.ts";

/**
 * Revokes every session of the person, this one too, and with `endKeys` their API keys; needs no recent sign-in. Throws
 * `forbidden` for an API key.
 */
export async function signOutEverywhere(ctx: Ctx, { endKeys }: { endKeys: boolean }): Promise<void> {
  requirePerson(ctx);
  const id = ctx.actor.userId!;
  await ctx.db.asSystem(async (sql) => {
    await revokeSessionsOf(sql, id);
    if (endKeys) await revokeKeysOf(sql, ctx, id);
    await record(sql, ctx, { action: "session.delete_all", target: { id, name: ctx.actor.email } });
  });
}
