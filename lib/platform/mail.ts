// Messages to people. Without a mail server they are logged in development and cannot be sent anywhere else.
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";

export interface Message {
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** What came of a message: `refused` is for good, `away` is worth another try. */
export type Delivery = { outcome: "sent" } | { outcome: "refused" | "away"; reason: string };

export interface Mail {
  /** `log` writes messages to the log, with whatever secret is in them; `none` takes none. */
  readonly kind: "smtp" | "log" | "none";
  /** Hands a message to the mail server, within a minute. Never throws. */
  send(message: Message): Promise<Delivery>;
}

/** The mail server that `config` names, else what stands in for it. */
export async function openMail(config: Config, log: Log): Promise<Mail> {
  const { SMTP_URL, MAIL_FROM, APP_ENV } = config;
  if (SMTP_URL) return (await import("./mail_smtp.ts")).openSmtp(SMTP_URL, MAIL_FROM!);
  if (APP_ENV === "development" || APP_ENV === "test") return logMail(log);
  return { kind: "none", send: () => Promise.resolve({ outcome: "away", reason: "SMTP_URL is not set" }) };
}

function logMail(log: Log): Mail {
  return {
    kind: "log",
    send: ({ to, subject, text }) => {
      log.info("mail_not_sent", { reason: "SMTP_URL is not set", to, subject, text });
      return Promise.resolve({ outcome: "sent" });
    },
  };
}
