// The second factors of an account, and what follows when one is added or removed.
import type { Ctx } from "../../access/context.ts";
import { record } from "../../audit/audit.ts";
import { enqueueSecurityNotice } from "../security_notices/security_notices.ts";
import type { Sql } from "../../platform/db/database.ts";
import { requireRecentSignIn, rotateAfterFactorChange } from "../sessions/own_sessions.ts";
import { requirePermission } from "../../access/permissions.ts";
import * as queries from "./queries.ts";
import { ensureCodes, replaceCodes } from "./recovery_codes.ts";
import { type SecondFactor, secondFactorError } from "./schema.ts";

/** The second factors of the signed-in account. */
export async function getSecondFactor(ctx: Ctx): Promise<SecondFactor> {
  requirePermission(ctx, "account.read");
  return await ctx.db.asSystem((sql) => readSecondFactor(sql, ctx.actor.userId!));
}

/**
 * Replaces the person's own recovery codes; they are returned here only. Throws `conflict` without a second factor,
 * `forbidden` for an API key and long after signing in.
 */
export async function renewRecoveryCodes(ctx: Ctx): Promise<string[]> {
  requirePermission(ctx, "account.change");
  await requireRecentSignIn(ctx);
  const id = ctx.actor.userId!;
  return await ctx.db.asSystem(async (sql) => {
    const { is_enabled } = await readSecondFactor(sql, id);
    if (!is_enabled) throw secondFactorError("not_set_up");
    const codes = await replaceCodes(sql, id);
    await enqueueSecurityNotice(sql, ctx, id, "codes_renewed");
    await record(sql, ctx, { action: "recovery_codes.create", target: { id, name: ctx.actor.email } });
    return codes;
  });
}

/**
 * In the transaction that adds a factor: returns the first recovery codes (null when there are some), rotates this session
 * and notifies the owner. The first factor revokes the other sessions, since a password alone started them.
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
 * In the transaction that removes a factor: revokes the other sessions and notifies the owner; with the last factor the
 * recovery codes go too. Throws `conflict` for the last factor when the tenant requires one.
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
