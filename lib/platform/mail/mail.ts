// Mail to people. Without a mail server, messages are logged in development and tests; elsewhere they stay in the
// outbox.

export interface Message {
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** Result of a delivery: `refused` is permanent, `away` is transient and worth a retry. */
export type Delivery = { outcome: "sent" } | { outcome: "refused" | "away"; reason: string };

export interface Mail {
  /** `log` writes messages to the log, including the secrets in them; `none` accepts no message. */
  readonly kind: "smtp" | "log" | "none";
  /** Hands a message to the mail server, with a time limit of a minute. Never throws. */
  send(message: Message): Promise<Delivery>;
}
