import type { Ctx } from "../../access/context.ts";
import { record } from "../../audit/audit.ts";
import { revokeKeysOf } from "../api_keys/api_keys.ts";
import { revokeChallengesOf } from "../challenges/challenges.ts";
import { enqueueSecurityNotice } from "../security_notices/security_notices.ts";
import { rotateAfterFactorChange } from "../sessions/own_sessions.ts";
import { hashNewPassword, updatePassword } from "../users/users.ts";

/**
 * Changes the person's own password and notifies them; their other sessions and unfinished sign-ins are revoked, with
 * `endKeys` their API keys too, and this browser gets another session token. Throws as `hashNewPassword` does.
 */
export async function changePassword(
  ctx: Ctx,
  current: string,
  next: string,
  { endKeys }: { endKeys: boolean },
): Promise<void> {
  const hash = await hashNewPassword(ctx, current, next);
  const id = ctx.actor.userId!;
  await ctx.db.asSystem(async (sql) => {
    await updatePassword(sql, id, hash);
    await revokeChallengesOf(sql, id);
    await enqueueSecurityNotice(sql, ctx, id, "password_changed");
    await rotateAfterFactorChange(sql, ctx, { endOthers: true });
    if (endKeys) await revokeKeysOf(sql, ctx, id);
    await record(sql, ctx, { action: "password.change", target: { id, name: ctx.actor.email } });
  });
}
