// Who may do what, in one place.
import type { Ctx, Role } from "../context.ts";
import { AppError } from "../platform/errors.ts";

const RANK: Record<Role, number> = { viewer: 0, user: 1, editor: 2, manager: 3, admin: 4 };

/** True when the actor's role is `role` or more; superusers may do everything. */
export function hasRole(ctx: Pick<Ctx, "actor">, role: Role): boolean {
  return ctx.actor.isSuperuser || RANK[ctx.actor.role] >= RANK[role];
}

/** Throws `forbidden` unless the actor's role is `role` or more. */
export function requireRole(ctx: Pick<Ctx, "actor">, role: Role): void {
  if (!hasRole(ctx, role)) {
    throw new AppError("forbidden", `This needs the role ${role} or higher; yours is ${ctx.actor.role}.`);
  }
}
