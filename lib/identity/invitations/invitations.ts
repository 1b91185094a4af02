// Invitations: a single-use token with which a person creates their own account and password.
import { withOneName } from "../users/schema.ts";
import { type Actor, type Ctx, makeActor, transaction } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { record, type RequestOrigin } from "../../audit/audit.ts";
import { enqueueMail, type Outcome, wakeMailDelivery } from "../../mails/mails.ts";
import { userError } from "../users/reasons.ts";
import type { Sql } from "../../platform/db/database.ts";
import { newId } from "../../platform/ids.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import { requireSeat } from "../../tenancy/quotas/quotas.ts";
import { requireUnguessablePassword } from "../users/password_rules.ts";
import { hashPassword } from "../users/passwords.ts";
import { addUser, notifyOfAdministrator } from "../users/people.ts";
import { enqueueAccessNotice } from "../security_notices/security_notices.ts";
import { requireRecentToAdmit } from "../sessions/own_sessions.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { Language } from "../../platform/languages.ts";
import type { User } from "../users/schema.ts";
import { findUserById, findUsersByEmail } from "../users/users.ts";
import * as queries from "./queries.ts";
import type { OpenInvitation } from "./queries.ts";
import { type Acceptance, type Invitation, invitationError, type NewInvitation } from "./schema.ts";

const LIFETIME_SECONDS = 7 * 24 * 3600;
const LIMIT = 500;

export type { OpenInvitation };

/** Open invitations, newest first. */
export function listInvitations(ctx: Ctx): Promise<Invitation[]> {
  requirePermission(ctx, "invitations.read");
  return transaction(ctx, (sql) => queries.listOpen(sql, LIMIT));
}

/**
 * Creates an invitation for a week and mails it when e-mail is set up; replaces an open one of the same address. The token
 * is returned and mailed, only its hash is stored. Throws `conflict` when the address has an account or the quota of
 * accounts is used up, and `forbidden` as `requireRecentToAdmit` does.
 */
export async function createInvitation(
  ctx: Ctx,
  { email, role, language }: NewInvitation,
): Promise<Invitation & { token: string }> {
  requirePermission(ctx, "invitations.change");
  await requireRecentToAdmit(ctx, role);
  const token = newToken();
  const id = newId();
  const { tenantId, tenantCode, userId } = ctx.actor;
  const isMailed = ctx.mail.kind !== "none";
  const made = await transaction(ctx, async (sql) => {
    const members = await findUsersByEmail(sql, email, tenantCode);
    if (members.length > 0) throw userError("email_taken", { email });
    await requireSeat(sql, tenantId);
    await queries.deleteOpenFor(sql, tenantId, email);
    await queries.insertInvitation(sql, {
      id,
      tenantId,
      email,
      role,
      tokenHash: hashToken(token),
      invitedBy: userId,
      // What is only logged is not sent.
      mailStatus: ctx.mail.kind === "smtp" ? "waiting" : null,
      lifetimeSeconds: LIFETIME_SECONDS,
    });
    if (isMailed) await mailInvitation(sql, ctx, { to: email, invitation_id: id, token, language });
    const target = { id, name: email };
    if (role === "admin") {
      await enqueueAccessNotice(sql, ctx, ctx, { change: "administrator_invited", name: email });
    }
    await record(sql, ctx, { action: "invitation.create", target, after: { email, role } });
    const [made] = await queries.findInvitation(sql, id);
    return { ...made!, token };
  });
  if (isMailed) await wakeMailDelivery(ctx);
  return made;
}

interface InvitationMail {
  to: string;
  invitation_id: string;
  token: string;
  language?: Language;
}

async function mailInvitation(sql: Sql, ctx: Ctx, { language, ...letter }: InvitationMail): Promise<void> {
  const { userId } = ctx.actor;
  const inviter = userId ? await findUserById(sql, userId) : undefined;
  const words = language ?? inviter?.language ?? "en";
  await enqueueMail(sql, ctx.config, { kind: "invitation", language: words, ...letter }, LIFETIME_SECONDS);
}

/** Notes whether the mail was sent. */
export async function recordMailOutcome({ db }: Pick<Platform, "db">, id: string, outcome: Outcome) {
  await db.asSystem((sql) => queries.updateMailStatus(sql, id, outcome));
}

/** Revokes an open invitation. Throws `not_found`. */
export function deleteInvitation(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "invitations.change");
  return transaction(ctx, async (sql) => {
    const [invitation] = await queries.findInvitation(sql, id);
    const { count } = await queries.deleteInvitation(sql, id);
    if (!invitation || count === 0) throw invitationError("not_found");
    const { email, role } = invitation;
    const target = { id, name: email };
    await record(sql, ctx, { action: "invitation.delete", target, before: { email, role } });
  });
}

/** The open invitation of a token; undefined when it is accepted, expired, revoked or unknown. */
export async function findInvitationByToken(
  { db }: Pick<Platform, "db">,
  token: string,
): Promise<OpenInvitation | undefined> {
  const [invitation] = await db.asSystem((sql) => queries.findByToken(sql, hashToken(token)));
  return invitation;
}

/**
 * Creates the account of an invitation, once. Throws `invalid` on `token` when the invitation is not open, on `password` when
 * that is easily guessed, and `conflict` when the address has an account meanwhile.
 */
export async function acceptInvitation(
  platform: Pick<Platform, "config" | "db" | "mail">,
  acceptance: Acceptance,
  from: RequestOrigin,
): Promise<User> {
  const { token, name, password } = withOneName(acceptance);
  const open = await findInvitationByToken(platform, token);
  if (!open) throw invitationError("expired");
  requireUnguessablePassword(platform, "password", password, { ...open, name });
  const passwordHash = await hashPassword(password);
  return await platform.db.asSystem(async (sql) => {
    const [invitation] = await queries.lockByToken(sql, hashToken(token));
    if (!invitation) throw invitationError("expired");
    const { id, email, role } = invitation;
    const by = { ...from, actor: invitedActor(invitation) };
    await queries.markAccepted(sql, id);
    const user = await addUser(sql, by, { email, role, name, passwordHash });
    await notifyOfAdministrator(sql, platform, by, user);
    await record(sql, by, { action: "invitation.accept", target: { id, name: email } });
    return user;
  });
}

/** The invited person, before their account exists. */
function invitedActor({ tenant_id, tenant_code, email, role }: OpenInvitation): Actor {
  return makeActor({ tenantId: tenant_id, tenantCode: tenant_code, role, email });
}
