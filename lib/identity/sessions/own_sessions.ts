// A person's own sessions: listing them, revoking them, and how recent the sign-in of the present one is.
import { type Ctx, type Role, transaction } from "../../access/context.ts";
import { requirePermission, requirePerson } from "../../access/permissions.ts";
import { record } from "../../audit/audit.ts";
import type { Sql } from "../../platform/db/database.ts";
import * as queries from "./queries.ts";
import { type Session, sessionError } from "./schema.ts";

const LIMIT = 200;
const RECENT_MINUTES = 15;

/** The person's live sessions with origin and last use, the last used first. */
export function listSessions(ctx: Ctx): Promise<Session[]> {
  requirePermission(ctx, "sessions.read");
  const { userId, sessionId } = ctx.actor;
  // As the system: a superuser who acts in another tenant has their sessions in their own.
  return ctx.db.asSystem((sql) => queries.listSessions(sql, userId!, sessionId, LIMIT));
}

/** Revokes the session of this request. Throws `forbidden` for an API key, which has none. */
export async function signOut(ctx: Ctx): Promise<void> {
  requirePerson(ctx);
  const id = ctx.actor.sessionId!;
  await ctx.db.asSystem(async (sql) => {
    await queries.revokeSession(sql, id);
    await record(sql, ctx, { action: "session.delete", target: { id } });
  });
}

/**
 * Revokes one of the person's own sessions. Throws `not_found` for any other, `forbidden` for an API key, and, unless it
 * is this session, long after signing in (ASVS 5.0, 7.5.2): a stolen session must not lock its owner out.
 */
export async function revokeSession(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "sessions.change");
  requirePerson(ctx);
  if (id !== ctx.actor.sessionId) await requireRecentSignIn(ctx);
  await transaction(ctx, async (sql) => {
    const { count } = await queries.revokeOwnSession(sql, id, ctx.actor.userId!);
    if (count === 0) throw sessionError("not_found");
    await record(sql, ctx, { action: "session.delete", target: { id } });
  });
}

/** True while the person's sign-in is recent enough to change how they sign in (ASVS 5.0, 7.5.1). */
export async function isRecentSignIn(ctx: Ctx): Promise<boolean> {
  if (!ctx.actor.sessionId) return false;
  const id = ctx.actor.sessionId;
  return (await ctx.db.asSystem((sql) => queries.findRecent(sql, id, RECENT_MINUTES))).length > 0;
}

/** Throws `forbidden` for an API key, and when the sign-in is not recent. */
export async function requireRecentSignIn(ctx: Ctx): Promise<void> {
  requirePerson(ctx);
  if (await isRecentSignIn(ctx)) return;
  throw sessionError("sign_in_too_old", { minutes: RECENT_MINUTES });
}

/**
 * As `requireRecentSignIn`, for letting people in with this role. A program may do that with a key of the scope `admin`,
 * but makes no administrators.
 */
export async function requireRecentToAdmit(ctx: Ctx, role: Role): Promise<void> {
  if (role === "admin" || !ctx.actor.keyId) await requireRecentSignIn(ctx);
}

/**
 * In the transaction that changes how the person signs in: marks this session for another token and, with `endOthers`,
 * revokes their other sessions.
 */
export async function rotateAfterFactorChange(
  sql: Sql,
  { actor }: Ctx,
  { endOthers }: { endOthers: boolean },
): Promise<void> {
  if (endOthers) await queries.revokeAll(sql, actor.userId!, actor.sessionId);
  await queries.markForRotation(sql, actor.sessionId!);
}
