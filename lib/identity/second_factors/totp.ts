// An authenticator app as second factor: set up, confirmed by its first code, removed.
import type { Ctx } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { record } from "../../audit/audit.ts";
import type { Sql } from "../../platform/db/database.ts";
import { resealAll, seal, unseal } from "../../platform/secrets.ts";
import { requireRecentSignIn } from "../sessions/own_sessions.ts";
import { requirePermission } from "../../access/permissions.ts";
import { countFactorAttempt } from "./attempts.ts";
import { matchStep, newSecret, otpauthUri } from "./authenticator.ts";
import * as queries from "./queries.ts";
import { afterFactorAdded, afterFactorRemoved } from "./second_factors.ts";
import { secondFactorError, type TotpSetup } from "./schema.ts";

const PURPOSE = "totp";
const PENDING_SECONDS = 3600;
const RESEAL_BATCH = 500;

/**
 * Begins to set up an authenticator app: a pending secret, which its first code must confirm within an hour. An app in use
 * stays valid until then. Throws `forbidden` for an API key and long after signing in.
 */
export async function beginTotp(ctx: Ctx): Promise<TotpSetup> {
  requirePermission(ctx, "account.change");
  await requireRecentSignIn(ctx);
  const id = ctx.actor.userId!;
  const secret = newSecret();
  const sealed = seal(ctx.config, PURPOSE, id, secret);
  await ctx.db.asSystem((sql) => queries.putPending(sql, id, sealed, PENDING_SECONDS));
  return present(ctx, secret);
}

/** The pending setup; undefined when there is none. */
export async function findPendingTotp(ctx: Ctx): Promise<TotpSetup | undefined> {
  requirePermission(ctx, "account.change");
  await requireRecentSignIn(ctx);
  const pending = await ctx.db.asSystem((sql) => findPending(sql, ctx));
  return pending && present(ctx, pending.secret);
}

/**
 * Confirms the pending setup by its first code. Returns the account's first recovery codes, or null when it has some.
 * Throws `invalid` on `code`, `conflict` when no setup is pending, `rate_limited` after too many attempts.
 */
export async function confirmTotp(ctx: Ctx, code: string): Promise<string[] | null> {
  requirePermission(ctx, "account.change");
  await requireRecentSignIn(ctx);
  const id = ctx.actor.userId!;
  await countFactorAttempt(ctx, id);
  return await ctx.db.asSystem(async (sql) => {
    const pending = await findPending(sql, ctx);
    if (!pending) throw secondFactorError("nothing_pending");
    const step = matchStep(pending.secret, digits(code), ctx.clock.now());
    if (step === undefined) throw secondFactorError("code_invalid");
    const { count } = await queries.confirmPending(sql, id, pending.sealed, step);
    if (count === 0) throw secondFactorError("nothing_pending");
    const codes = await afterFactorAdded(sql, ctx, "app_added");
    await record(sql, ctx, { action: "totp.create", target: { id, name: ctx.actor.email } });
    return codes;
  });
}

/** Removes the authenticator app. Throws `not_found`, and as `afterFactorRemoved` and `requireRecentSignIn` do. */
export async function deleteTotp(ctx: Ctx): Promise<void> {
  requirePermission(ctx, "account.change");
  await requireRecentSignIn(ctx);
  const id = ctx.actor.userId!;
  await ctx.db.asSystem(async (sql) => {
    const [row] = await queries.findTotp(sql, id);
    if (!row?.secret) throw secondFactorError("app_not_found");
    await queries.deleteTotp(sql, id);
    await afterFactorRemoved(sql, ctx, "app_removed");
    await record(sql, ctx, { action: "totp.delete", target: { id, name: ctx.actor.email } });
  });
}

/** Spends a code of the authenticator app. False for a wrong one, and when this or a later one was spent before. */
export async function spendTotp(
  sql: Sql,
  platform: Platform,
  userId: string,
  code: string,
): Promise<boolean> {
  const [row] = await queries.findTotp(sql, userId);
  if (!row?.secret) return false;
  const opened = unseal(platform.config, PURPOSE, userId, row.secret);
  // Sealed under a secret that is no longer configured: recovery codes and passkeys still work.
  if (!opened) {
    platform.log.error("totp_not_decrypted", { user_id: userId });
    return false;
  }
  const step = matchStep(opened.text, digits(code), platform.clock.now());
  if (step === undefined) return false;
  const { count } = await queries.spendStep(sql, userId, step);
  return count > 0;
}

/** Seals secrets again that the previous AKASHI_SECRET sealed, so that it can be removed. Returns how many. */
export function resealTotp({ config, db }: Pick<Platform, "config" | "db">): Promise<number> {
  return resealAll(config, PURPOSE, {
    list: (afterId) => db.asSystem((sql) => queries.listSealed(sql, afterId, RESEAL_BATCH)),
    replace: (row, resealed) => db.asSystem((sql) => queries.reseal(sql, row, resealed)),
  });
}

async function findPending(
  sql: Sql,
  { actor, config }: Ctx,
): Promise<{ sealed: string; secret: string } | undefined> {
  const [row] = await queries.findTotp(sql, actor.userId!);
  const sealed = row?.pending_secret;
  const opened = sealed ? unseal(config, PURPOSE, actor.userId!, sealed) : undefined;
  return opened && { sealed: sealed!, secret: opened.text };
}

function present({ actor }: Ctx, secret: string): TotpSetup {
  return { secret, uri: otpauthUri(secret, `${actor.email} (${actor.tenantCode})`) };
}

/** Apps show codes with spaces. */
function digits(code: string): string {
  return code.replaceAll(/\s/g, "");
}
