// Accounts: lookups, the person's own profile and password, and the first administrator.
import { type Ctx, transaction } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { passwordError } from "./reasons.ts";
import { accessError } from "../../access/reasons.ts";
import type { Sql } from "../../platform/db/database.ts";
import { newId } from "../../platform/ids.ts";
import { type AuditSource, difference, record } from "../../audit/audit.ts";
import { countSignInAttempt } from "./attempts.ts";
import { changeEmail, refuseTaken, requireMayChangeEmail } from "./email_changes.ts";
import { requireUnguessablePassword } from "./password_rules.ts";
import { hashPassword, isOutdated, verifyPassword } from "./passwords.ts";
import { requirePermission, requirePerson } from "../../access/permissions.ts";
import { revokeSessionsOf } from "../sessions/sessions.ts";
import { type ProfilePatch, type User, userSchema, withOneName } from "./schema.ts";
import * as queries from "./queries.ts";
import type { UserRow } from "./queries.ts";

export type { UserRow };

const MOST_SUPERUSERS = 100;

/** The signed-in account. Throws `unauthenticated` for a worker's context. */
export async function getMe(ctx: Ctx): Promise<User> {
  requirePermission(ctx, "account.read");
  const [row] = await transaction(ctx, (sql) => queries.findById(sql, ownId(ctx)));
  return presentUser(row!);
}

/**
 * Changes the signed-in account's name, language, theme or address; a change of name or address is recorded. Another address
 * counts as `changeEmail` says, and throws `conflict` when it is taken, `rate_limited`, and `forbidden` for an API key
 * and long after signing in, as it receives the links for a new password.
 */
export async function updateMe(ctx: Ctx, { email, ...patch }: ProfilePatch): Promise<User> {
  requirePermission(ctx, "account.change");
  const changesEmail = email !== undefined && email !== (await getMe(ctx)).email;
  if (changesEmail) await requireMayChangeEmail(ctx, ownId(ctx));
  const fields = withOneName(patch);
  return await refuseTaken(email ?? "", () =>
    transaction(ctx, async (sql) => {
      const before = presentUser((await queries.findById(sql, ownId(ctx)))[0]!);
      if (Object.keys(fields).length > 0) await queries.updateProfile(sql, ownId(ctx), fields);
      if (email !== undefined) await changeEmail(sql, ctx, before, email);
      const after = presentUser((await queries.findById(sql, ownId(ctx)))[0]!);
      const changed = difference(before, after, ["name", "email", "pending_email"]);
      const target = { id: before.id, name: before.email };
      if (changed) await record(sql, ctx, { action: "user.update", target, ...changed });
      return after;
    }));
}

/** Changes language and theme, from the user menu. */
export function updateAppearance(ctx: Ctx, patch: Pick<ProfilePatch, "language" | "theme">): Promise<User> {
  return updateMe(ctx, patch);
}

/** An account as the API shows it, without its password hash. */
export function presentUser(row: UserRow): User {
  return userSchema.parse({ ...row, full_name: row.name });
}

/** Every account with this address, or the one in tenant `tenantCode`. */
export function findUsersByEmail(sql: Sql, email: string, tenantCode?: string): Promise<UserRow[]> {
  return queries.findByEmail(sql, email, tenantCode);
}

/** One account; undefined when the transaction does not see it. */
export async function findUserById(sql: Sql, id: string): Promise<UserRow | undefined> {
  const [row] = await queries.findById(sql, id);
  return row;
}

/**
 * Sets a password without proof of the old one and revokes every session of the account, in the caller's transaction. Its
 * second factor stays.
 */
export async function overwritePassword(
  sql: Sql,
  by: AuditSource,
  user: Pick<UserRow, "id" | "email">,
  hash: string,
) {
  await queries.updatePassword(sql, user.id, hash);
  await revokeSessionsOf(sql, user.id);
  await record(sql, by, { action: "password.reset", target: { id: user.id, name: user.email } });
}

/** Those of `rows` with this password. Hashes `step` times or a multiple of it, whatever the number of rows. */
export async function matchPassword(
  rows: UserRow[],
  password: string,
  { step }: { step: number },
): Promise<UserRow[]> {
  const matches: UserRow[] = [];
  for (const row of padAccounts(rows, step)) {
    if (await verifyPassword(row?.password_hash, password)) matches.push(row!);
  }
  return matches;
}

/** `rows` and as many blanks as make a multiple of `step`, so that the time does not tell how many accounts there are. */
export function padAccounts<Row>(rows: Row[], step: number): (Row | undefined)[] {
  const length = Math.max(1, Math.ceil(rows.length / step)) * step;
  return Array.from({ length }, (_, at) => rows[at]);
}

/** Hashes a verified password again when its hash is outdated. */
export async function rehashPassword({ db }: Pick<Platform, "db">, user: UserRow, password: string) {
  if (!await isOutdated(user.password_hash!, password)) return;
  const hash = await hashPassword(password);
  await db.asSystem((sql) => queries.updatePassword(sql, user.id, hash));
}

/** Notes that an account has just signed in. */
export async function touchLogin(sql: Sql, userId: string): Promise<void> {
  await queries.touchLogin(sql, userId);
}

/**
 * Verifies the signed-in account's current password and hashes a new one. Throws `invalid` on `current_password` when that
 * is wrong, on `new_password` when that is easily guessed, `forbidden` for an API key and `rate_limited`.
 */
export async function hashNewPassword(ctx: Ctx, current: string, next: string): Promise<string> {
  requirePermission(ctx, "account.change");
  requirePerson(ctx);
  await countSignInAttempt(ctx, ownId(ctx), ctx.address ?? null);
  const [row] = await transaction(ctx, (sql) => queries.findById(sql, ownId(ctx)));
  if (!await verifyPassword(row!.password_hash, current)) throw passwordError("current_incorrect");
  requireUnguessablePassword(ctx, "new_password", next, row!);
  return await hashPassword(next);
}

/** Sets the password of an account by its hash, in the caller's transaction. */
export async function updatePassword(sql: Sql, userId: string, hash: string): Promise<void> {
  await queries.updatePassword(sql, userId, hash);
}

/** The first administrator to be created. */
export interface Administrator {
  tenantId: string;
  email: string;
  password: string;
}

/** Creates the first superuser unless there is one. Returns whether it did. */
export async function createFirstAdministrator(
  { db }: Pick<Platform, "db">,
  admin: Administrator,
): Promise<boolean> {
  const passwordHash = await hashPassword(admin.password);
  return await db.asSystem(async (sql) => {
    if ((await queries.listSuperusers(sql, 1)).length > 0) return false;
    const { tenantId, email } = admin;
    await queries.insertUser(sql, {
      id: newId(),
      tenantId,
      email: email.toLowerCase(),
      name: "Administrator",
      passwordHash,
      role: "admin",
      isSuperuser: true,
    });
    return true;
  });
}

/** The addresses of the installation's active superusers, the first one first, and of few more. */
export async function listSuperusers({ db }: Pick<Platform, "db">): Promise<string[]> {
  const superusers = await db.asSystem((sql) => queries.listSuperusers(sql, MOST_SUPERUSERS));
  return superusers.map(({ email }) => email);
}

function ownId(ctx: Ctx): string {
  if (!ctx.actor.userId) throw accessError("sign_in_required");
  return ctx.actor.userId;
}
