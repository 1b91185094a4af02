import type { Ctx } from "../../access/context.ts";
import { revokeChallengesOf } from "../challenges/challenges.ts";
import { enqueueSecurityNotice } from "../security_notices/security_notices.ts";
import { rotateAfterFactorChange } from "../sessions/own_sessions.ts";
import { replacePassword } from "../users/users.ts";

/**
 * Changes the person's own password and notifies them; their other sessions and unfinished sign-ins are revoked, this
 * browser gets another session token. Throws `invalid` on `current_password` when that is wrong.
 */
export async function changePassword(ctx: Ctx, current: string, next: string): Promise<void> {
  await replacePassword(ctx, current, next);
  await ctx.db.asSystem(async (sql) => {
    await revokeChallengesOf(sql, ctx.actor.userId!);
    await enqueueSecurityNotice(sql, ctx, ctx.actor.userId!, "password_changed");
    await rotateAfterFactorChange(sql, ctx, { endOthers: true });
  });
}
