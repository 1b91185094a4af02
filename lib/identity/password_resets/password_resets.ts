// A forgotten password: a link by e-mail, good for an hour and once. Whether an address has an account is found out when
// the message is written, so that neither the answer nor its time tells.
import { makeActor } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { type AuditSource, record } from "../../audit/audit.ts";
import { enqueueSecurityNotice } from "../security_notices/security_notices.ts";
import { enqueueMail, requireMail, wakeMailDelivery } from "../../mails/mails.ts";
import type { LetterOf } from "../../mails/schema.ts";
import type { Sql } from "../../platform/db/database.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import { hasIdentity } from "../providers/identities.ts";
import { requireUnguessablePassword } from "../users/password_rules.ts";
import { hashPassword } from "../users/passwords.ts";
import type { Language } from "../../platform/languages.ts";
import { findUsersByEmail, overwritePassword, type UserRow } from "../users/users.ts";
import { limitResetRequests } from "./limits.ts";
import * as queries from "./queries.ts";
import type { OpenReset } from "./queries.ts";
import { passwordResetError, type Reset, type ResetRequest } from "./schema.ts";

export type { OpenReset };

const LIFETIME_SECONDS = 3600;

type From = Pick<AuditSource, "address" | "requestId">;

/**
 * Has a link sent to whoever has an account with this address; for all others nothing happens, in the same time. Throws
 * `unavailable` where no e-mail is set up and `rate_limited` when one address of either kind is asked for too often.
 */
export async function requestReset(
  platform: Platform,
  { email, language = "en" }: ResetRequest,
  { address, requestId }: From,
): Promise<void> {
  requireMail(platform);
  await limitResetRequests(platform, email, address);
  const letter = { kind: "password_reset", to: email, language, address, request_id: requestId } as const;
  await platform.db.asSystem((sql) => enqueueMail(sql, platform.config, letter, LIFETIME_SECONDS));
  await wakeMailDelivery(platform);
}

/** What a message offers for one account. */
export interface ResetOffer {
  token: string;
  tenant_name: string;
  language: Language | null;
}

/** Makes a token for each active account of the address, at the moment when the message is written. */
export function offerResets(
  { db }: Pick<Platform, "db">,
  { to, address, request_id }: LetterOf<"password_reset">,
): Promise<ResetOffer[]> {
  return db.asSystem(async (sql) => {
    const offers: ResetOffer[] = [];
    for (const user of await findUsersByEmail(sql, to)) {
      if (!await mayReset(sql, user)) continue;
      const { id, tenant_id, tenant_code, tenant_name, language } = user;
      const token = newToken();
      const row = { tokenHash: hashToken(token), tenantId: tenant_id, userId: id };
      await queries.insertReset(sql, { ...row, lifetimeSeconds: LIFETIME_SECONDS });
      const by = {
        actor: makeActor({ tenantId: tenant_id, tenantCode: tenant_code }),
        address,
        requestId: request_id,
      };
      await record(sql, by, { action: "password.ask", target: { id, name: to } });
      offers.push({ token, tenant_name, language });
    }
    return offers;
  });
}

/** Whose password a token lets choose; undefined when it is spent, expired or unknown. */
export async function findResetByToken(
  { db }: Pick<Platform, "db">,
  token: string,
): Promise<OpenReset | undefined> {
  const [reset] = await db.asSystem((sql) => queries.findByToken(sql, hashToken(token)));
  return reset;
}

/**
 * Sets the password that a token stands for, once, and ends every session. A second factor stays. Throws `invalid` on
 * `token` when it stands for nothing (any more) and on `new_password` when that is easily guessed.
 */
export async function resetPassword(
  platform: Pick<Platform, "config" | "db" | "mail">,
  { token, new_password }: Reset,
  from: From,
): Promise<OpenReset> {
  const known = await findResetByToken(platform, token);
  if (!known) throw passwordResetError("spent");
  requireUnguessablePassword(platform, "new_password", new_password, known);
  const passwordHash = await hashPassword(new_password);
  return await platform.db.asSystem(async (sql) => {
    const [reset] = await queries.lockByToken(sql, hashToken(token));
    if (!reset) throw passwordResetError("spent");
    await queries.deleteResetsOf(sql, reset.user_id);
    const { user_id: id, email, tenant_id, tenant_code } = reset;
    const actor = makeActor({ tenantId: tenant_id, tenantCode: tenant_code, userId: id, email });
    await enqueueSecurityNotice(sql, platform, id, "password_reset");
    await overwritePassword(sql, { ...from, actor }, { id, email }, passwordHash);
    return reset;
  });
}

/** Deletes tokens that ran out, some at a time. */
export async function sweepResets({ db }: Pick<Platform, "db">): Promise<number> {
  const deleted = await db.asSystem((sql) => queries.deleteExpired(sql, 1000));
  return deleted.count;
}

/** Whoever comes in by a provider alone gets no password beside it: what ends there has to end here. */
async function mayReset(sql: Sql, { id, may_sign_in, has_password }: UserRow): Promise<boolean> {
  if (!may_sign_in) return false;
  return has_password || !await hasIdentity(sql, id);
}
