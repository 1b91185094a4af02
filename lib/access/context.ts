// The context of a verb: the platform's parts and the actor. A plain object, made per request and per job.
import type { Sql } from "../platform/db/database.ts";
import type { Platform } from "../platform/platform.ts";

export const ROLES = ["admin", "manager", "editor", "user", "viewer"] as const;
export type Role = typeof ROLES[number];

/** Who acts in a tenant: an account, or without one (`userId` null) a worker, the operator, an invited person. */
export interface Actor {
  tenantId: string;
  tenantCode: string;
  userId: string | null;
  sessionId: string | null;
  role: Role;
  isSuperuser: boolean;
  /** The tenant is read-only. */
  isReadOnly?: boolean;
  /** The actor's name in audit entries. */
  email?: string;
  /** The API key that authenticated the request, instead of a session. */
  keyId?: string;
  /** The tenant requires a second factor and the account has none: it may set one up and do nothing else. */
  mustEnrol?: boolean;
}

/** Makes an actor. Unless given, it has no account, no session and the least rights. */
export function makeActor(actor: Pick<Actor, "tenantId" | "tenantCode"> & Partial<Actor>): Actor {
  return { userId: null, sessionId: null, role: "viewer", isSuperuser: false, ...actor };
}

export interface Ctx extends Platform {
  actor: Actor;
  requestId: string;
  /** The address that the request came from. */
  address?: string;
}

/** Whose visibility a query has: that of an account, by id, or null for the whole tenant. */
export type Sight = string | null;

/**
 * The actor's visibility: administrators and workers see the whole tenant, other accounts internal and public assets,
 * and private ones that are their own or shared with them.
 */
export function sightOf({ role, isSuperuser, userId }: Actor): Sight {
  return role === "admin" || isSuperuser ? null : userId;
}

/** Runs `work` in one transaction, limited by row level security to what the actor may see of their tenant. */
export function transaction<T>(ctx: Ctx, work: (sql: Sql) => Promise<T>): Promise<T> {
  return ctx.db.asTenant(ctx.actor.tenantId, work, { viewer: sightOf(ctx.actor) ?? undefined });
}

/** As `transaction`, on the read replica where there is one. For lists that may lag a moment behind. */
export function readOnly<T>(ctx: Ctx, work: (sql: Sql) => Promise<T>): Promise<T> {
  return ctx.db.asTenant(ctx.actor.tenantId, work, {
    viewer: sightOf(ctx.actor) ?? undefined,
    replica: true,
  });
}
