// The outbox: a letter is enqueued in the transaction that causes it, and a server sends it soon after, with retries while
// the mail server is unavailable. Servers send, since workers have no outbound network.
import type { Platform } from "../platform/platform.ts";
import type { Config } from "../platform/config.ts";
import type { Sql } from "../platform/db/database.ts";
import { newId } from "../platform/ids.ts";
import type { Message } from "../platform/mail/mail.ts";
import { seal, unseal } from "../platform/secrets.ts";
import * as queries from "./queries.ts";
import { type Letter, letterSchema, mailError } from "./schema.ts";

/** The channel on which servers are told of new letters. */
export const MAILS_CHANNEL = "mails";
const PURPOSE = "mail";
/** Longer than sending can take. */
const LEASE_SECONDS = 120;
const FIRST_BACKOFF_SECONDS = 2;
const MAX_BACKOFF_SECONDS = 600;

export type Outcome = "sent" | "failed";

/** Turns letters into messages, and learns what became of them. */
export interface MailWriter {
  /** The message of a letter; undefined when it is no longer of use. */
  compose(letter: Letter): Promise<Message | undefined>;
  /** Called once, when a letter is sent or given up. */
  settled(letter: Letter, outcome: Outcome): Promise<void>;
}

/** Throws `unavailable` unless e-mail is set up. */
export function requireMail({ mail }: Pick<Platform, "mail">): void {
  if (mail.kind === "none") throw mailError("not_set_up");
}

/** Enqueues a mail in the caller's transaction. After the commit the caller calls `wakeMailDelivery`. */
export async function enqueueMail(
  sql: Sql,
  config: Config,
  letter: Letter,
  lifetimeSeconds: number,
): Promise<void> {
  const id = newId();
  await queries.insertMail(sql, id, seal(config, PURPOSE, id, JSON.stringify(letter)), lifetimeSeconds);
}

/** Has letters sent now. Never throws, since servers also poll. */
export async function wakeMailDelivery({ cache, log }: Pick<Platform, "cache" | "log">): Promise<void> {
  await cache.publish(MAILS_CHANNEL, {}).catch((error) => log.warn("mail_wakeup_lost", { error }));
}

/** Sends the letter that has been due longest. Returns false when none is due. */
export async function deliverNext(platform: Platform, writer: MailWriter): Promise<boolean> {
  const [row] = await platform.db.asSystem((sql) =>
    queries.claimDue(sql, LEASE_SECONDS, MAX_BACKOFF_SECONDS)
  );
  if (!row) return false;
  const letter = unsealLetter(platform, row);
  const outcome = letter ? await deliver(platform, writer, row, letter) : "failed";
  if (!outcome) return true;
  if (letter) await writer.settled(letter, outcome);
  await platform.db.asSystem((sql) => queries.deleteMail(sql, row.id));
  return true;
}

/** How many letters the mail server has not accepted yet after a first attempt. */
export async function countStuckMails({ db }: Pick<Platform, "db">): Promise<number> {
  const [row] = await db.asSystem((sql) => queries.countStuck(sql));
  return row!.count;
}

async function deliver(
  { db, log, mail }: Platform,
  writer: MailWriter,
  { id, attempts, expired }: queries.MailRow,
  letter: Letter,
): Promise<Outcome | undefined> {
  const about = { mail_id: id, kind: letter.kind, attempts };
  if (expired) {
    log.error("mail_expired", about);
    return "failed";
  }
  const message = await writer.compose(letter);
  const delivery = message ? await mail.send(message) : { outcome: "sent" as const };
  if (delivery.outcome === "sent") return "sent";
  log.warn("mail_not_accepted", { ...about, ...delivery });
  if (delivery.outcome === "refused") return "failed";
  const seconds = Math.min(MAX_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** (attempts - 1));
  await db.asSystem((sql) => queries.postpone(sql, id, seconds));
}

function unsealLetter({ config, log }: Platform, { id, letter }: queries.MailRow): Letter | undefined {
  try {
    // Fails when it was sealed under a secret that is no longer configured, or has the shape of another version.
    return letterSchema.parse(JSON.parse(unseal(config, PURPOSE, id, letter)?.text ?? "null"));
  } catch (error) {
    log.error("mail_unreadable", { mail_id: id, error });
  }
}
