import { createTransport } from "nodemailer";
import { errorMessage } from "../errors.ts";
import type { Delivery, Mail } from "./mail.ts";

const LIMITS = {
  dnsTimeout: 10_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
};

/** Sends by SMTP, one connection a message. TLS as the address says: `smtps:`, `?requireTLS=true`, else where offered. */
export function openSmtp(url: string, from: string): Mail {
  const transport = createTransport({ url, ...LIMITS, disableFileAccess: true, disableUrlAccess: true });
  return {
    kind: "smtp",
    send: async ({ to, ...content }) => {
      try {
        // As an object the address is taken as it is; as text it could be a list.
        await transport.sendMail({ from, to: { name: "", address: to }, ...content });
        return { outcome: "sent" };
      } catch (error) {
        return failure(error);
      }
    },
  };
}

/** RFC 5321 §4.2.1: 5yz is for good. A refused login or sender is ours to mend, so the message waits. */
function failure(error: unknown): Delivery {
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number };
  const refused = responseCode >= 500 && (code === "EENVELOPE" || code === "EMESSAGE");
  return { outcome: refused ? "refused" : "away", reason: errorMessage(error) };
}
