// The outbox: a message is posted in the transaction that wants it and sent by a server soon after, again and again
// while the mail server is away. Sending is the servers' work: workers have no way out of their network.
import type { Platform } from "../platform/platform.ts";
import type { Config } from "../platform/config.ts";
import type { Sql } from "../platform/db/database.ts";
import { newId } from "../platform/ids.ts";
import type { Message } from "../platform/mail/mail.ts";
import { seal, unseal } from "../platform/secrets.ts";
import * as queries from "./queries.ts";
import { type Letter, letterSchema, mailError } from "./schema.ts";

/** Where servers hear that there is something to send. */
export const MAILS_CHANNEL = "mails";
const PURPOSE = "mail";
/** Longer than sending may take. */
const LEASE_SECONDS = 120;
const FIRST_PAUSE_SECONDS = 2;
const LONGEST_PAUSE_SECONDS = 600;

export type Outcome = "sent" | "failed";

/** What the sender of letters has to know about each. */
export interface Writing {
  /** The message that a letter becomes; undefined when nobody needs it any more. */
  compose(letter: Letter): Promise<Message | undefined>;
  /** Told once, when a letter is sent or given up. */
  settled(letter: Letter, outcome: Outcome): Promise<void>;
}

/** Throws `unavailable` where no message can be sent, with what to do about it. */
export function requireMail({ mail }: Pick<Platform, "mail">): void {
  if (mail.kind === "none") throw mailError("not_set_up");
}

/** Posts a letter in the caller's transaction. Once that has come through the caller says `wakeMailDelivery`. */
export async function postLetter(
  sql: Sql,
  config: Config,
  letter: Letter,
  lifetimeSeconds: number,
): Promise<void> {
  const id = newId();
  await queries.insertMail(sql, id, seal(config, PURPOSE, id, JSON.stringify(letter)), lifetimeSeconds);
}

/** Has letters sent now. Never throws: servers also look by themselves. */
export async function wakeMailDelivery({ cache, log }: Pick<Platform, "cache" | "log">): Promise<void> {
  await cache.publish(MAILS_CHANNEL, {}).catch((error) => log.warn("mail_wakeup_lost", { error }));
}

/** Sends the letter that has been due longest. Answers whether there was one. */
export async function deliverNext(platform: Platform, writing: Writing): Promise<boolean> {
  const [row] = await platform.db.asSystem((sql) => queries.takeDue(sql, LEASE_SECONDS));
  if (!row) return false;
  const letter = read(platform, row);
  const outcome = letter ? await deliver(platform, writing, row, letter) : "failed";
  if (!outcome) return true;
  if (letter) await writing.settled(letter, outcome);
  await platform.db.asSystem((sql) => queries.deleteMail(sql, row.id));
  return true;
}

/** How many messages wait because the mail server did not take them. */
export async function countStuckMails({ db }: Pick<Platform, "db">): Promise<number> {
  const [row] = await db.asSystem((sql) => queries.countStuck(sql));
  return row!.count;
}

async function deliver(
  { db, log, mail }: Platform,
  writing: Writing,
  { id, attempts, expired }: queries.MailRow,
  letter: Letter,
): Promise<Outcome | undefined> {
  const about = { mail_id: id, kind: letter.kind, attempts };
  if (expired) {
    log.error("mail_expired", about);
    return "failed";
  }
  const message = await writing.compose(letter);
  const delivery = message ? await mail.send(message) : { outcome: "sent" as const };
  if (delivery.outcome === "sent") return "sent";
  log.warn("mail_not_accepted", { ...about, ...delivery });
  if (delivery.outcome === "refused") return "failed";
  const seconds = Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (attempts - 1));
  await db.asSystem((sql) => queries.postpone(sql, id, seconds));
}

function read({ config, log }: Platform, { id, letter }: queries.MailRow): Letter | undefined {
  try {
    // Undefined when it was sealed under a secret that is gone; a version that is gone may have written another shape.
    return letterSchema.parse(JSON.parse(unseal(config, PURPOSE, id, letter)?.text ?? "null"));
  } catch (error) {
    log.error("mail_unreadable", { mail_id: id, error });
  }
}
