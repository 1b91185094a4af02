// The members of a tenant, as its administrators manage them.
import { type Ctx, type Role, transaction } from "../../access/context.ts";
import { type AuditSource, difference, record } from "../../audit/audit.ts";
import { found } from "../../platform/errors.ts";
import { userError } from "./reasons.ts";
import type { Sql } from "../../platform/db/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { newId } from "../../platform/ids.ts";
import { hashPassword } from "./passwords.ts";
import { changeEmail, refuseTaken, requireMayChangeEmail } from "./email_changes.ts";
import { requireSeat } from "../../tenancy/quotas/quotas.ts";
import { readTenant } from "../../tenancy/tenants/tenants.ts";
import { requireUnguessablePassword } from "./password_rules.ts";
import { isHigherRole, requirePermission } from "../../access/permissions.ts";
import { enqueueAccessNotice } from "../security_notices/security_notices.ts";
import { requireRecentToAdmit } from "../sessions/own_sessions.ts";
import { revokeSessionsOf, rotateSessionsOf } from "../sessions/sessions.ts";
import { type NewUser, type User, type UserFilter, type UserPatch, withOneName } from "./schema.ts";
import * as queries from "./queries.ts";
import { presentUser } from "./users.ts";

const KEPT = ["name", "email", "pending_email", "role", "is_active"] as const;

/** The members of the actor's tenant by name; only active ones by default. */
export async function listUsers(ctx: Ctx, filter: UserFilter): Promise<User[]> {
  requirePermission(ctx, "users.read");
  return (await transaction(ctx, (sql) => queries.listUsers(sql, filter))).map(presentUser);
}

/** One member of the actor's tenant. Throws `not_found`. */
export async function getUser(ctx: Ctx, id: string): Promise<User> {
  requirePermission(ctx, "users.read");
  return presentUser(found(await transaction(ctx, (sql) => queries.findById(sql, id)), userError));
}

/**
 * Creates an account. Throws `conflict` when the address has one, `invalid` for a password that is easily guessed, and
 * `forbidden` as `requireRecentToAdmit` does.
 */
export async function createUser(ctx: Ctx, sent: NewUser): Promise<User> {
  requirePermission(ctx, "users.change");
  await requireRecentToAdmit(ctx, sent.role);
  const input = withOneName(sent);
  const tenant = await transaction(ctx, (sql) => readTenant(sql, ctx.actor.tenantId));
  const owner = { ...input, tenant_code: tenant.code, tenant_name: tenant.name };
  requireUnguessablePassword(ctx, "password", input.password, owner);
  const passwordHash = await hashPassword(input.password);
  return await transaction(ctx, async (sql) => {
    const made = await addUser(sql, ctx, { ...input, passwordHash });
    await notifyOfAdministrator(sql, ctx, ctx, made);
    return made;
  });
}

interface Account extends Omit<NewUser, "password" | "full_name"> {
  /** Null for an account that signs in by an identity provider. */
  passwordHash: string | null;
  isSuperuser?: boolean;
}

/**
 * Adds an account to the tenant of `by`, in the caller's transaction. Throws `conflict` when the address has one or the
 * quota of accounts is used up.
 */
export async function addUser(sql: Sql, by: AuditSource, account: Account): Promise<User> {
  const { email, role, passwordHash, isSuperuser = false, name = email.split("@")[0]! } = account;
  const id = newId();
  const { tenantId } = by.actor;
  await requireSeat(sql, tenantId, { hold: true });
  const { count } = await queries.insertUser(sql, {
    id,
    tenantId,
    email,
    name,
    passwordHash,
    role,
    isSuperuser,
  });
  if (count === 0) throw userError("email_taken", { email });
  const after = { email, name, role, ...(isSuperuser && { is_superuser: true }) };
  await record(sql, by, { action: "user.create", target: { id, name: email }, after });
  return presentUser(found(await queries.findById(sql, id), userError));
}

/**
 * Changes name, address, role or state of a member, with effect from their next request. Another role rotates the tokens of their
 * browsers, deactivation revokes every session.
 * Throws `conflict` for one's own role and state, for the last administrator and beyond the quota of accounts, `forbidden`
 * for superusers and, for what gives more access, as `requireRecentToAdmit` does. Another address counts as `changeEmail`
 * says, and throws as `requireMayChangeEmail` does.
 */
export async function updateUser(ctx: Ctx, id: string, patch: UserPatch): Promise<User> {
  requirePermission(ctx, "users.change");
  const user = await getUser(ctx, id);
  if (givesAccess(user, patch)) await requireRecentToAdmit(ctx, patch.role ?? user.role);
  const { email, ...others } = patch;
  if (email !== undefined && email !== user.email) await requireMayChangeEmail(ctx, id);
  return await refuseTaken(email ?? "", () =>
    transaction(ctx, async (sql) => {
      const administrators = await queries.lockAdministrators(sql, ctx.actor.tenantId);
      const before = presentUser(found(await queries.lockUser(sql, id), userError));
      requireChangeable(ctx, before, patch, administrators.map((row) => row.id));
      if (patch.is_active && !before.is_active) await requireSeat(sql, before.tenant_id, { hold: true });
      const fields = withOneName(others);
      if (Object.keys(fields).length > 0) await queries.updateUser(sql, id, fields);
      if (email !== undefined) await changeEmail(sql, ctx, before, email);
      if (patch.is_active === false) await revokeSessionsOf(sql, id);
      else if (patch.role && patch.role !== before.role) await rotateSessionsOf(sql, id);
      const after = presentUser(found(await queries.findById(sql, id), userError));
      const changed = difference(before, after, KEPT);
      const target = { id, name: before.email };
      if (before.role !== after.role) await notifyOfAdministrator(sql, ctx, ctx, after);
      if (changed) await record(sql, ctx, { action: actionOf(before, after), target, ...changed });
      return after;
    }));
}

/** Tells the tenant's administrators of an account that is one of them from now on; nothing for other roles. */
export async function notifyOfAdministrator(
  sql: Sql,
  platform: Pick<Platform, "config" | "mail">,
  by: AuditSource,
  { role, email }: Pick<User, "role" | "email">,
): Promise<void> {
  if (role !== "admin") return;
  await enqueueAccessNotice(sql, platform, by, { change: "administrator_added", name: email });
}

/** The source of a change, with what it takes to tell others of it. */
type Notifier = AuditSource & { platform: Pick<Platform, "config" | "mail"> };

/**
 * Sets the role that an identity provider gives, in the caller's transaction. The last administrator stays one, so that
 * an account remains that can correct the provider's settings.
 */
export async function followRole(sql: Sql, by: Notifier, id: string, role: Role): Promise<void> {
  const administrators = await queries.lockAdministrators(sql, by.actor.tenantId);
  const before = found(await queries.lockUser(sql, id), userError);
  if (role === before.role) return;
  if (administrators.length === 1 && administrators[0]!.id === id) return;
  await queries.updateUser(sql, id, { role });
  await rotateSessionsOf(sql, id);
  await notifyOfAdministrator(sql, by.platform, by, { ...before, role });
  const changed = { before: { role: before.role }, after: { role } };
  await record(sql, by, { action: "user.update", target: { id, name: before.email }, ...changed });
}

function givesAccess(before: User, { role = before.role, is_active = before.is_active }: UserPatch): boolean {
  return isHigherRole(role, before.role) || (is_active && !before.is_active);
}

function requireChangeable(ctx: Ctx, user: User, patch: UserPatch, administrators: string[]): void {
  const { role = user.role, is_active = user.is_active } = patch;
  const changesAccess = role !== user.role || is_active !== user.is_active;
  const changesEmail = patch.email !== undefined && patch.email !== user.email;
  if (!changesAccess && !changesEmail) return;
  if (user.is_superuser && !ctx.actor.isSuperuser) throw userError("superuser_required");
  if (!changesAccess) return;
  if (user.id === ctx.actor.userId) throw userError("own_account");
  const stays = role === "admin" && is_active;
  if (!stays && administrators.length === 1 && administrators[0] === user.id) {
    throw userError("last_administrator");
  }
}

function actionOf(before: User, after: User) {
  if (before.is_active === after.is_active) return "user.update" as const;
  return after.is_active ? "user.reactivate" as const : "user.deactivate" as const;
}
