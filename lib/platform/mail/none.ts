// The mail of an installation without SMTP: nothing is sent, and what would be says why.
import type { Mail } from "./mail.ts";

export const noMail: Mail = {
  kind: "none",
  send: () => Promise.resolve({ outcome: "away", reason: "SMTP_URL is not set" }),
};
