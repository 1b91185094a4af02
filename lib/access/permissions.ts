// Permissions: for each noun its actions, and the lowest role that may perform each.
import type { Ctx, Role } from "./context.ts";
import { accessError } from "./reasons.ts";

const RANK: Record<Role, number> = { viewer: 0, user: 1, editor: 2, manager: 3, admin: 4 };

export type Least = Role | "superuser";

const PERMISSIONS = {
  account: { read: "viewer", change: "viewer" },
  api_keys: { read: "viewer", change: "viewer", read_all: "admin", revoke_all: "admin" },
  // Editors share their own assets; `share` is for those of others.
  assets: { read: "viewer", change: "editor", share: "manager", delete: "admin" },
  audit: { read: "admin" },
  events: { read: "viewer" },
  // Editors name groups when they share an asset.
  groups: { read: "editor", change: "admin" },
  invitations: { read: "admin", change: "admin" },
  jobs: { read: "viewer", change: "editor", run_now: "manager" },
  logs: { read: "superuser" },
  media: { read: "viewer" },
  // Metrics name every tenant with its volume.
  metrics: { read: "superuser" },
  providers: { read: "admin", change: "admin" },
  sessions: { read: "viewer", change: "viewer" },
  tenants: { read: "superuser", change: "superuser" },
  uploads: { read: "viewer", change: "editor" },
  usage: { read: "admin" },
  users: { read: "admin", change: "admin" },
} as const satisfies Record<string, Record<string, Least>>;

type Table = typeof PERMISSIONS;
const READING: readonly string[] = ["read", "read_all"];
/** Nouns that people may change in a read-only tenant: they concern their own account alone. */
const OWN: readonly string[] = ["account", "sessions"];

/** `noun.action`, as in the table. */
export type Permission = { [Noun in keyof Table]: `${Noun}.${keyof Table[Noun] & string}` }[keyof Table];

/** True when the actor's role includes the permission and no read-only tenant forbids it; superusers have all. */
export function may(ctx: Pick<Ctx, "actor">, permission: Permission): boolean {
  const least = leastRole(permission);
  return !isHeld(ctx, permission) && (least === "superuser" ? ctx.actor.isSuperuser : hasRole(ctx, least));
}

/** Throws `forbidden` when the actor's role lacks the permission or a read-only tenant forbids it. */
export function requirePermission(ctx: Pick<Ctx, "actor">, permission: Permission): void {
  const least = leastRole(permission);
  if (least !== "superuser") requireRole(ctx, least);
  else if (!ctx.actor.isSuperuser) throw accessError("superuser_required");
  if (isHeld(ctx, permission)) {
    throw accessError("tenant_read_only");
  }
}

/** Throws `forbidden` for an API key: whatever its scopes, it must not change how its owner signs in. */
export function requirePerson(ctx: Pick<Ctx, "actor">): void {
  if (ctx.actor.keyId) throw accessError("not_for_api_keys");
}

/** True when the actor's role is `role` or higher; always for superusers. */
export function hasRole(ctx: Pick<Ctx, "actor">, role: Role): boolean {
  return ctx.actor.isSuperuser || RANK[ctx.actor.role] >= RANK[role];
}

/** True when `role` is allowed more than `other`. */
export function isHigherRole(role: Role, other: Role): boolean {
  return RANK[role] > RANK[other];
}

/** The highest of several roles; undefined for an empty list. */
export function highestRole(roles: Role[]): Role | undefined {
  return roles.toSorted((a, b) => RANK[b] - RANK[a])[0];
}

/** Throws `forbidden` unless the actor's role is `role` or higher. */
export function requireRole(ctx: Pick<Ctx, "actor">, role: Role): void {
  if (!hasRole(ctx, role)) {
    throw accessError("role_required", { role, own: ctx.actor.role });
  }
}

/** True when the permission may be used in a read-only tenant: it reads, or changes the actor's own account alone. */
export function isOpenToReadOnly(permission: Permission): boolean {
  const [noun, action] = permission.split(".") as [string, string];
  return READING.includes(action) || OWN.includes(noun);
}

/** True for a change in a read-only tenant. */
function isHeld({ actor }: Pick<Ctx, "actor">, permission: Permission): boolean {
  return Boolean(actor.isReadOnly) && !actor.isSuperuser && !isOpenToReadOnly(permission);
}

/** The lowest role that includes the permission; `superuser` for what concerns the whole installation. */
export function leastRole(permission: Permission): Least {
  const [noun, action] = permission.split(".") as [keyof Table, string];
  return (PERMISSIONS[noun] as Record<string, Least>)[action]!;
}
