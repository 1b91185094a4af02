// How people secure their own sign-in, and how an administrator helps who lost the phone.
import type { Ctx } from "../../access/context.ts";
import { record } from "../../audit/audit.ts";
import { enqueueSecurityNotice } from "../security_notices/security_notices.ts";
import type { Sql } from "../../platform/db/database.ts";
import { requireRecentSignIn, rotateAfterFactorChange } from "../sessions/own_sessions.ts";
import { requirePermission } from "../../access/permissions.ts";
import * as queries from "./queries.ts";
import { ensureCodes, replaceCodes } from "./recovery_codes.ts";
import { type SecondFactor, secondFactorError } from "./schema.ts";

/** What the signed-in person has. */
export async function getSecondFactor(ctx: Ctx): Promise<SecondFactor> {
  requirePermission(ctx, "account.read");
  return await ctx.db.asSystem((sql) => readSecondFactor(sql, ctx.actor.userId!));
}

/**
 * Ten new recovery codes in place of the old ones; they are in this answer and nowhere else. Throws `conflict` without
 * a second factor, `forbidden` for an API key and long after signing in.
 */
export async function renewRecoveryCodes(ctx: Ctx): Promise<string[]> {
  requirePermission(ctx, "account.change");
  await requireRecentSignIn(ctx);
  const id = ctx.actor.userId!;
  return await ctx.db.asSystem(async (sql) => {
    const { is_enabled } = await readSecondFactor(sql, id);
    if (!is_enabled) throw secondFactorError("none");
    const codes = await replaceCodes(sql, id);
    await enqueueSecurityNotice(sql, ctx, id, "codes_renewed");
    await record(sql, ctx, { action: "recovery_codes.create", target: { id, name: ctx.actor.email } });
    return codes;
  });
}

/**
 * In the transaction that adds a method: the person's first recovery codes (null when they had some). With the first
 * method other sessions end, because a password alone began them; this one gets another token. Its owner is told.
 */
export async function afterFactorAdded(
  sql: Sql,
  ctx: Ctx,
  change: "app_added" | "passkey_added",
): Promise<string[] | null> {
  const codes = await ensureCodes(sql, ctx.actor.userId!);
  await rotateAfterFactorChange(sql, ctx, { endOthers: codes !== null });
  await enqueueSecurityNotice(sql, ctx, ctx.actor.userId!, change);
  return codes;
}

/**
 * In the transaction that takes a method away: the last one takes the recovery codes with it. Other sessions end, its
 * owner is told. Throws `conflict` when it is the last one and the tenant asks for one.
 */
export async function afterFactorRemoved(
  sql: Sql,
  ctx: Ctx,
  change: "app_removed" | "passkey_removed",
): Promise<void> {
  const { is_enabled, is_required } = await readSecondFactor(sql, ctx.actor.userId!);
  if (!is_enabled && is_required) throw secondFactorError("required");
  if (!is_enabled) await queries.deleteCodes(sql, ctx.actor.userId!);
  await rotateAfterFactorChange(sql, ctx, { endOthers: true });
  await enqueueSecurityNotice(sql, ctx, ctx.actor.userId!, change);
}

/** Deletes the authenticator app and the recovery codes of an account, in the caller's transaction. */
export async function deleteFactorsOf(sql: Sql, userId: string): Promise<void> {
  await queries.deleteTotp(sql, userId);
  await queries.deleteCodes(sql, userId);
}

/** The second factor of an account, in a transaction that sees it. */
export async function readSecondFactor(sql: Sql, userId: string): Promise<SecondFactor> {
  const [row] = await queries.findSecondFactor(sql, userId);
  const { confirmed_at, last_used_at, ...rest } = row!;
  return { ...rest, totp: confirmed_at ? { confirmed_at, last_used_at } : null };
}
