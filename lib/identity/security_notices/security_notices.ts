// Security notices: e-mails to the owner of an account about changes to how it signs in, so that a takeover is noticed.
import type { Platform } from "../../platform/platform.ts";
import { enqueueMail } from "../../mails/mails.ts";
import type { Change } from "../../mails/schema.ts";
import type { Sql } from "../../platform/db/database.ts";
import { findUserById } from "../users/users.ts";

const LIFETIME_SECONDS = 7 * 24 * 3600;

/**
 * Enqueues a notice to the owner of an account, in the transaction that makes the change. Does nothing when e-mail is not
 * set up. Needs no wake-up: servers poll the outbox every few seconds.
 */
export async function enqueueSecurityNotice(
  sql: Sql,
  { config, mail }: Pick<Platform, "config" | "mail">,
  userId: string,
  change: Change,
): Promise<void> {
  if (mail.kind === "none") return;
  const user = (await findUserById(sql, userId))!;
  const { email: to, tenant_name: tenant } = user;
  const letter = { kind: "change", to, language: user.language ?? "en", change, tenant } as const;
  await enqueueMail(sql, config, letter, LIFETIME_SECONDS);
}
