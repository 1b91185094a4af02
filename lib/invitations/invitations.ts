// Invitations: how people come in without anybody else knowing their password.
import { type Ctx, type Platform, transaction } from "../context.ts";
import { record, type Witness } from "../audit/audit.ts";
import { AppError, invalidField } from "../platform/errors.ts";
import { newId } from "../platform/ids.ts";
import { hashToken, newToken } from "../platform/secrets.ts";
import { requireFreshPassword } from "../users/password_rules.ts";
import { hashPassword } from "../users/passwords.ts";
import { addUser } from "../users/people.ts";
import { requirePermission } from "../users/permissions.ts";
import type { User } from "../users/schema.ts";
import * as queries from "./queries.ts";
import type { OpenInvitation } from "./queries.ts";
import type { Acceptance, Invitation, NewInvitation } from "./schema.ts";

const LIFETIME_SECONDS = 7 * 24 * 3600;
const MOST = 500;

export type { OpenInvitation };

/** Invitations that may still be accepted, newest first. */
export function listInvitations(ctx: Ctx): Promise<Invitation[]> {
  requirePermission(ctx, "invitations.read");
  return transaction(ctx, (sql) => queries.listOpen(sql, MOST));
}

/**
 * Invites somebody for a week; an earlier invitation of the same address ends. The token is in this answer and nowhere
 * else. Throws `conflict` when the address has an account.
 */
export function createInvitation(
  ctx: Ctx,
  { email, role }: NewInvitation,
): Promise<Invitation & { token: string }> {
  requirePermission(ctx, "invitations.change");
  const token = newToken();
  const id = newId();
  const { tenantId, userId } = ctx.actor;
  return transaction(ctx, async (sql) => {
    const members = await queries.isMember(sql, tenantId, email);
    if (members.length > 0) throw new AppError("conflict", `${email} is already registered.`);
    await queries.deleteOpenFor(sql, tenantId, email);
    await queries.insertInvitation(sql, {
      ...{ id, tenantId, email, role, tokenHash: hashToken(token) },
      ...{ invitedBy: userId, lifetimeSeconds: LIFETIME_SECONDS },
    });
    const target = { id, name: email };
    await record(sql, ctx, { action: "invitation.create", target, after: { email, role } });
    const [made] = await queries.findInvitation(sql, id);
    return { ...made!, token };
  });
}

/** Takes an invitation back. Throws `not_found`. */
export function deleteInvitation(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "invitations.change");
  return transaction(ctx, async (sql) => {
    const [invitation] = await queries.findInvitation(sql, id);
    const { count } = await queries.deleteInvitation(sql, id);
    if (!invitation || count === 0) throw new AppError("not_found", "There is no such invitation.");
    const { email, role } = invitation;
    const target = { id, name: email };
    await record(sql, ctx, { action: "invitation.delete", target, before: { email, role } });
  });
}

/** Whom a token invites where; undefined when it is spent, expired, taken back or unknown. */
export async function findInvitationByToken(
  { db }: Pick<Platform, "db">,
  token: string,
): Promise<OpenInvitation | undefined> {
  const [invitation] = await db.asSystem((sql) => queries.findByToken(sql, hashToken(token)));
  return invitation;
}

/**
 * Makes the account that a token stands for, once. Throws `invalid` on `token` when it stands for nothing (any more),
 * on `password` when that is easily guessed, and `conflict` when the address has an account meanwhile.
 */
export async function acceptInvitation(
  { db }: Pick<Platform, "db">,
  { token, name, password }: Acceptance,
  from: Pick<Witness, "address" | "requestId">,
): Promise<User> {
  const known = await findInvitationByToken({ db }, token);
  if (!known) throw spent();
  requireFreshPassword("password", password, { email: known.email, name });
  const passwordHash = await hashPassword(password);
  return await db.asSystem(async (sql) => {
    const [invitation] = await queries.lockByToken(sql, hashToken(token));
    if (!invitation) throw spent();
    const { id, email, role } = invitation;
    const by = { ...from, actor: invitedActor(invitation) };
    await queries.markAccepted(sql, id);
    const user = await addUser(sql, by, { email, role, name, passwordHash });
    await record(sql, by, { action: "invitation.accept", target: { id, name: email } });
    return user;
  });
}

/** Nobody yet: the account that acts is the one being made. */
function invitedActor({ tenant_id, tenant_code, email, role }: OpenInvitation): Witness["actor"] {
  return {
    ...{ tenantId: tenant_id, tenantCode: tenant_code, userId: null, sessionId: null },
    ...{ role, isSuperuser: false, email },
  };
}

function spent(): AppError {
  return invalidField("token", "This invitation was used, taken back or has run out. Ask for a new one.");
}
