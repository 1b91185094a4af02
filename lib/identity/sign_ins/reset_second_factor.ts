import { type Ctx, transaction } from "../../access/context.ts";
import { requirePermission } from "../../access/permissions.ts";
import { record } from "../../audit/audit.ts";
import { userError } from "../users/reasons.ts";
import { secondFactorError } from "../second_factors/schema.ts";
import { deletePasskeysOf } from "../passkeys/passkeys.ts";
import { deleteFactorsOf, readSecondFactor } from "../second_factors/second_factors.ts";
import { enqueueSecurityNotice } from "../security_notices/security_notices.ts";
import { requireRecentSignIn } from "../sessions/own_sessions.ts";
import { revokeSessionsOf } from "../sessions/sessions.ts";
import { getUser } from "../users/people.ts";

/**
 * Deletes every second factor of another account whose owner lost theirs, and revokes its sessions. Throws `not_found`,
 * `forbidden` for superusers, for an API key and long after signing in, `conflict` for one's own.
 */
export async function resetSecondFactor(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "users.change");
  await requireRecentSignIn(ctx);
  const user = await getUser(ctx, id);
  if (user.is_superuser && !ctx.actor.isSuperuser) throw userError("superuser_required");
  if (id === ctx.actor.userId) throw secondFactorError("own_account");
  await transaction(ctx, async (sql) => {
    const { is_enabled, passkeys, totp } = await readSecondFactor(sql, id);
    await deleteFactorsOf(sql, id);
    await deletePasskeysOf(sql, id);
    if (!is_enabled) return;
    await revokeSessionsOf(sql, id);
    await enqueueSecurityNotice(sql, ctx, id, "factor_reset");
    await record(sql, ctx, {
      action: "second_factor.reset",
      target: { id, name: user.email },
      before: { passkeys, totp: totp !== null },
    });
  });
}
