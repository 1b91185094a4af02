// Security notices: e-mails about changes to how an account signs in and about new lasting access to a tenant, so that a
// takeover is noticed.
import type { AuditSource } from "../../audit/audit.ts";
import type { Platform } from "../../platform/platform.ts";
import { enqueueMail } from "../../mails/mails.ts";
import type { AccessChange, Change, LetterOf } from "../../mails/schema.ts";
import type { Sql } from "../../platform/db/database.ts";
import * as queries from "./queries.ts";
import type { Recipient } from "./queries.ts";

const LIFETIME_SECONDS = 7 * 24 * 3600;
/** A tenant has a few administrators; more of them are not written to. */
const MOST_ADMINISTRATORS = 50;

type Parts = Pick<Platform, "config" | "mail">;

/**
 * Enqueues a notice to the owner of an account, in the transaction that makes the change. Does nothing when e-mail is not
 * set up. Needs no wake-up: servers poll the outbox every few seconds.
 */
export async function enqueueSecurityNotice(
  sql: Sql,
  parts: Parts,
  userId: string,
  change: Change,
): Promise<void> {
  if (parts.mail.kind === "none") return;
  const owners = await queries.findOwner(sql, userId);
  await enqueue(sql, parts, owners, { kind: "change", change });
}

/** New lasting access, by the name of what gives it. */
export interface NewAccess {
  change: AccessChange;
  name: string;
  /** The account that is told; without one every active administrator of the tenant is. */
  userId?: string;
}

/** As `enqueueSecurityNotice`, about lasting access that `by` has just given. */
export async function enqueueAccessNotice(
  sql: Sql,
  parts: Parts,
  { actor }: AuditSource,
  { userId, ...access }: NewAccess,
): Promise<void> {
  if (parts.mail.kind === "none") return;
  const recipients = userId
    ? await queries.findOwner(sql, userId)
    : await queries.listAdministrators(sql, actor.tenantId, MOST_ADMINISTRATORS);
  await enqueue(sql, parts, recipients, { kind: "access", by: actor.email ?? "Akashi", ...access });
}

type Content =
  | Pick<LetterOf<"change">, "kind" | "change">
  | Pick<LetterOf<"access">, "kind" | "change" | "name" | "by">;

async function enqueue(
  sql: Sql,
  { config }: Parts,
  recipients: Recipient[],
  content: Content,
): Promise<void> {
  for (const { email: to, language, tenant_name: tenant } of recipients) {
    await enqueueMail(sql, config, { to, language: language ?? "en", tenant, ...content }, LIFETIME_SECONDS);
  }
}
