// Telling people by e-mail that how they sign in was changed, so that it is noticed when it was not them.
import type { Platform } from "../../platform/platform.ts";
import { enqueueMail } from "../../mails/mails.ts";
import type { Change } from "../../mails/schema.ts";
import type { Sql } from "../../platform/db/database.ts";
import { findUserById } from "../users/users.ts";

const LIFETIME_SECONDS = 7 * 24 * 3600;

/**
 * Posts to somebody what was changed, in the transaction that changes it. Where no mail is set up nobody is told, and
 * nothing fails for it; servers find the letter within seconds.
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
