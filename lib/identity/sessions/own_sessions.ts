// Where somebody is signed in, and ending that from elsewhere.
import { type Ctx, transaction } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import { record } from "../../audit/audit.ts";
import { AppError } from "../../platform/errors.ts";
import { requirePermission, requirePerson } from "../../access/permissions.ts";
import * as queries from "./queries.ts";
import type { Session } from "./schema.ts";

const MOST = 200;
const RECENT_MINUTES = 15;

/** The person's live sessions with place and last use, the last used first. */
export function listSessions(ctx: Ctx): Promise<Session[]> {
  requirePermission(ctx, "sessions.read");
  const { userId, sessionId } = ctx.actor;
  // A superuser who acts in another tenant keeps the sessions of their own.
  return ctx.db.asSystem((sql) => queries.listSessions(sql, userId!, sessionId, MOST));
}

/**
 * Ends one of the person's own sessions. Throws `not_found` for anybody else's, `forbidden` for an API key, and for
 * another than this one long after signing in (ASVS 5.0, 7.5.2): whoever stole one cannot put its owner out.
 */
export async function revokeSession(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "sessions.change");
  requirePerson(ctx);
  if (id !== ctx.actor.sessionId) await requireRecentSignIn(ctx);
  await transaction(ctx, async (sql) => {
    const { count } = await queries.revokeOwnSession(sql, id, ctx.actor.userId!);
    if (count === 0) throw new AppError("not_found", "There is no such session.");
    await record(sql, ctx, { action: "session.delete", target: { id } });
  });
}

/** True while the person's sign-in is recent enough to change how they sign in (ASVS 5.0, 7.5.1). */
export async function isRecentSignIn(ctx: Ctx): Promise<boolean> {
  if (!ctx.actor.sessionId) return false;
  const id = ctx.actor.sessionId;
  return (await ctx.db.asSystem((sql) => queries.findRecent(sql, id, RECENT_MINUTES))).length > 0;
}

/** Throws `forbidden` for an API key, and when the sign-in was too long ago for what needs a fresh proof. */
export async function requireRecentSignIn(ctx: Ctx): Promise<void> {
  requirePerson(ctx);
  if (await isRecentSignIn(ctx)) return;
  throw new AppError(
    "forbidden",
    `This needs a sign-in of the last ${RECENT_MINUTES} minutes. Sign in again and repeat it.`,
  );
}

/**
 * In the transaction that changes how the person signs in: this browser gets another session token with the answer, and
 * on demand their other sessions end.
 */
export async function changeFactors(
  sql: Sql,
  { actor }: Ctx,
  { endOthers }: { endOthers: boolean },
): Promise<void> {
  if (endOthers) await queries.revokeSessionsOf(sql, actor.userId!, actor.sessionId);
  await queries.markForRotation(sql, actor.sessionId!);
}
