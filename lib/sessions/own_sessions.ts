// Where somebody is signed in, and ending that from elsewhere.
import { type Ctx, transaction } from "../context.ts";
import { record } from "../audit/audit.ts";
import { AppError } from "../platform/errors.ts";
import { requirePermission, requirePerson } from "../users/permissions.ts";
import * as queries from "./queries.ts";
import type { Session } from "./schema.ts";

const MOST = 200;

/** The person's live sessions with place and last use, the last used first. */
export function listSessions(ctx: Ctx): Promise<Session[]> {
  requirePermission(ctx, "sessions.read");
  const { userId, sessionId } = ctx.actor;
  // A superuser who acts in another tenant keeps the sessions of their own.
  return ctx.db.asSystem((sql) => queries.listSessions(sql, userId!, sessionId, MOST));
}

/** Ends one of the person's own sessions. Throws `not_found` for anybody else's and `forbidden` for an API key. */
export function revokeSession(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "sessions.change");
  requirePerson(ctx);
  return transaction(ctx, async (sql) => {
    const { count } = await queries.revokeOwnSession(sql, id, ctx.actor.userId!);
    if (count === 0) throw new AppError("not_found", "There is no such session.");
    await record(sql, ctx, { action: "session.delete", target: { id } });
  });
}
