// Changes of an account's address. Where a mail server is set up, another address counts once the link that was sent there is
// opened; sessions stay.
import { type Ctx, makeActor } from "../../access/context.ts";
import { type AuditSource, record, type RequestOrigin } from "../../audit/audit.ts";
import { enqueueMail } from "../../mails/mails.ts";
import { requireAllowance, spendAllowance } from "../../platform/cache/rate_limit.ts";
import { isUniqueViolation, type Sql } from "../../platform/db/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import { enqueueSecurityNotice } from "../security_notices/security_notices.ts";
import { requireRecentSignIn } from "../sessions/own_sessions.ts";
import * as queries from "./email_queries.ts";
import type { OpenEmailChange } from "./email_queries.ts";
import { emailChangeError, userError } from "./reasons.ts";
import type { User } from "./schema.ts";

export type { OpenEmailChange };

const LIFETIME_SECONDS = 24 * 3600;
const HOUR_MS = 3600_000;
/** Links an hour for one account: changing the address is no way to send letters without end. */
const PER_ACCOUNT = 10;
const SWEEP_BATCH = 1_000;

/**
 * Throws `forbidden` long after signing in and for an API key, since links for a new password go to the address, and
 * `rate_limited` after too many changes of this account.
 */
export async function requireMayChangeEmail(ctx: Ctx, userId: string): Promise<void> {
  await requireRecentSignIn(ctx);
  const rule = { key: `email_change:${userId}`, limit: PER_ACCOUNT, periodMs: HOUR_MS };
  requireAllowance(await spendAllowance(ctx, [rule]));
}

/**
 * Gives the account another address in the caller's transaction: at once without a mail server, else when the link that is
 * sent there is opened. The present address takes a pending change back. Throws `conflict` when the tenant has an account
 * with the address.
 */
export async function changeEmail(
  sql: Sql,
  platform: Pick<Platform, "config" | "mail">,
  user: Pick<User, "id" | "tenant_id" | "email" | "language">,
  email: string,
): Promise<void> {
  await queries.deleteChangeOf(sql, user.id);
  if (email === user.email) return;
  if ((await queries.findTaken(sql, user.tenant_id, email)).length > 0) {
    throw userError("email_taken", { email });
  }
  if (platform.mail.kind !== "smtp") return await applyEmail(sql, platform, user.id, email);
  const token = newToken();
  await queries.replaceChange(sql, {
    userId: user.id,
    tenantId: user.tenant_id,
    tokenHash: hashToken(token),
    email,
    lifetimeSeconds: LIFETIME_SECONDS,
  });
  const letter = { kind: "email_change", to: email, language: user.language ?? "en", token } as const;
  await enqueueMail(sql, platform.config, letter, LIFETIME_SECONDS);
}

/** The change of a link's token; undefined when it was made, replaced, or has expired. */
export async function findEmailChange(
  { db }: Pick<Platform, "db">,
  token: string,
): Promise<OpenEmailChange | undefined> {
  const [change] = await db.asSystem((sql) => queries.findByToken(sql, hashToken(token)));
  return change;
}

/**
 * Makes the change of a link's token, once. Throws `invalid` on `token` when it is not open, `conflict` when another account
 * has got the address meanwhile.
 */
export async function confirmEmail(
  platform: Pick<Platform, "config" | "db" | "mail">,
  token: string,
  from: RequestOrigin,
): Promise<OpenEmailChange> {
  const change = await findEmailChange(platform, token);
  if (!change) throw emailChangeError("link_expired");
  return await refuseTaken(change.new_email, () =>
    platform.db.asSystem(async (sql) => {
      const [change] = await queries.lockByToken(sql, hashToken(token));
      if (!change) throw emailChangeError("link_expired");
      const { user_id: id, email, new_email, tenant_id, tenant_code } = change;
      const actor = makeActor({ tenantId: tenant_id, tenantCode: tenant_code, userId: id, email });
      await queries.deleteChangeOf(sql, id);
      await applyEmail(sql, platform, id, new_email);
      await recordEmail(sql, { ...from, actor }, change);
      return change;
    }));
}

/** Runs `change`, and throws `conflict` when another account took the address at the same moment. */
export async function refuseTaken<T>(email: string, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (isUniqueViolation(error, "users_email_key")) {
      throw userError("email_taken", { email }, { cause: error });
    }
    throw error;
  }
}

/** Deletes expired changes, in batches. Returns how many. */
export async function sweepEmailChanges({ db }: Pick<Platform, "db">): Promise<number> {
  const deleted = await db.asSystem((sql) => queries.deleteExpired(sql, SWEEP_BATCH));
  return deleted.count;
}

/** The address before is told, so that a takeover is noticed. */
async function applyEmail(
  sql: Sql,
  platform: Pick<Platform, "config" | "mail">,
  userId: string,
  email: string,
): Promise<void> {
  await enqueueSecurityNotice(sql, platform, userId, "email_changed");
  await queries.updateEmail(sql, userId, email);
}

async function recordEmail(sql: Sql, by: AuditSource, { user_id: id, email, new_email }: OpenEmailChange) {
  const target = { id, name: email };
  await record(sql, by, { action: "user.update", target, before: { email }, after: { email: new_email } });
}
