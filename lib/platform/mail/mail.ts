// Messages to people. Without a mail server they are logged in development and cannot be sent anywhere else.

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
