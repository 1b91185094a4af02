import type { Log } from "../observe/log.ts";
import type { Mail } from "./mail.ts";

/** Writes messages to the log, including the secrets in them: for development and tests only. */
export function logMail(log: Log): Mail {
  return {
    kind: "log",
    send: ({ to, subject, text }) => {
      log.info("mail_not_sent", { reason: "SMTP_URL is not set", to, subject, text });
      return Promise.resolve({ outcome: "sent" });
    },
  };
}
