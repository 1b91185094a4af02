// What a verb is handed: the platform's parts and who asks. A plain object, made per request and per job.
import type { Sql } from "../platform/db/database.ts";
import type { Platform } from "../platform/platform.ts";

export const ROLES = ["admin", "manager", "editor", "user", "viewer"] as const;
export type Role = typeof ROLES[number];

/** Whoever acts: a signed-in person, or a worker on behalf of a tenant (`userId` null). */
export interface Actor {
  tenantId: string;
  tenantCode: string;
  userId: string | null;
  sessionId: string | null;
  role: Role;
  isSuperuser: boolean;
  /** Their tenant is: they look and change nothing. */
  isReadOnly?: boolean;
  /** What the audit calls them. */
  email?: string;
  /** The API key that they came by, instead of a session. */
  keyId?: string;
  /** Their tenant asks for a second factor and they have none: they may set one up and nothing else. */
  mustEnrol?: boolean;
}

export interface Ctx extends Platform {
  actor: Actor;
  requestId: string;
  /** The address that the request came from. */
  address?: string;
}

/** Whose eyes a query has: a person's, by id, or null for those who see their whole tenant. */
export type Sight = string | null;

/** Administrators and workers see all of their tenant, everybody else what is not private or shared with them. */
export function sightOf({ role, isSuperuser, userId }: Actor): Sight {
  return role === "admin" || isSuperuser ? null : userId;
}

/** Runs `work` in one transaction that sees of the actor's tenant what the actor may see, and nothing else. */
export function transaction<T>(ctx: Ctx, work: (sql: Sql) => Promise<T>): Promise<T> {
  return ctx.db.asTenant(ctx.actor.tenantId, work, { viewer: sightOf(ctx.actor) ?? undefined });
}

/** As `transaction`, on the read replica where there is one. For lists that may be a moment old. */
export function readOnly<T>(ctx: Ctx, work: (sql: Sql) => Promise<T>): Promise<T> {
  return ctx.db.asTenant(ctx.actor.tenantId, work, {
    viewer: sightOf(ctx.actor) ?? undefined,
    replica: true,
  });
}
