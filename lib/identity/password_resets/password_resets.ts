// Password resets: a link by e-mail, valid once for an hour. Accounts are looked up when the mail is written, so that neither
// the response nor its timing reveals whether an address has one.
import { makeActor } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { record, type RequestOrigin } from "../../audit/audit.ts";
import { enqueueSecurityNotice } from "../security_notices/security_notices.ts";
import { enqueueMail, requireMail, wakeMailDelivery } from "../../mails/mails.ts";
import type { LetterOf } from "../../mails/schema.ts";
import type { Sql } from "../../platform/db/database.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import { revokeKeysOf } from "../api_keys/api_keys.ts";
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
const SWEEP_BATCH = 1_000;

/**
 * Mails a link to this address if it has an account. Throws `unavailable` when e-mail is not set up, and `rate_limited` for
 * too many requests for one e-mail address or from one network address.
 */
export async function requestReset(
  platform: Platform,
  { email, language = "en" }: ResetRequest,
  { address, requestId }: RequestOrigin,
): Promise<void> {
  requireMail(platform);
  await limitResetRequests(platform, email, address);
  const letter = { kind: "password_reset", to: email, language, address, request_id: requestId } as const;
  await platform.db.asSystem((sql) => enqueueMail(sql, platform.config, letter, LIFETIME_SECONDS));
  await wakeMailDelivery(platform);
}

/** The link of one account in the mail. */
export interface ResetOffer {
  token: string;
  tenant_name: string;
  language: Language | null;
}

/** Creates a token for each active account of the address, when the mail is written. */
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
      const row = { tokenHash: hashToken(token), tenantId: tenant_id, userId: id, email: to };
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

/** The account of a token; undefined when it is spent, expired or unknown. */
export async function findResetByToken(
  { db }: Pick<Platform, "db">,
  token: string,
): Promise<OpenReset | undefined> {
  const [reset] = await db.asSystem((sql) => queries.findByToken(sql, hashToken(token)));
  return reset;
}

/**
 * Sets the password of a token's account, once, and revokes its sessions, with `end_api_keys` its keys too. A second factor
 * stays. Throws `invalid` on `token`
 * when that is not valid and on `new_password` when that is easily guessed.
 */
export async function resetPassword(
  platform: Pick<Platform, "config" | "db" | "mail">,
  { token, new_password, end_api_keys }: Reset,
  from: RequestOrigin,
): Promise<OpenReset> {
  const open = await findResetByToken(platform, token);
  if (!open) throw passwordResetError("link_expired");
  requireUnguessablePassword(platform, "new_password", new_password, open);
  const passwordHash = await hashPassword(new_password);
  return await platform.db.asSystem(async (sql) => {
    const [reset] = await queries.lockByToken(sql, hashToken(token));
    if (!reset) throw passwordResetError("link_expired");
    await queries.deleteResetsOf(sql, reset.user_id);
    const { user_id: id, email, tenant_id, tenant_code } = reset;
    const actor = makeActor({ tenantId: tenant_id, tenantCode: tenant_code, userId: id, email });
    await enqueueSecurityNotice(sql, platform, id, "password_reset");
    const by = { ...from, actor };
    if (end_api_keys) await revokeKeysOf(sql, by, id);
    await overwritePassword(sql, by, { id, email }, passwordHash);
    return reset;
  });
}

/** Deletes expired tokens, in batches. Returns how many. */
export async function sweepResets({ db }: Pick<Platform, "db">): Promise<number> {
  const deleted = await db.asSystem((sql) => queries.deleteExpired(sql, SWEEP_BATCH));
  return deleted.count;
}

/** An account that signs in by a provider only gets no password: a revocation at the provider must hold here too. */
async function mayReset(sql: Sql, { id, may_sign_in, has_password }: UserRow): Promise<boolean> {
  if (!may_sign_in) return false;
  return has_password || !await hasIdentity(sql, id);
}
