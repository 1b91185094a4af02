import { createTransport } from "nodemailer";
import { errorMessage } from "../errors.ts";
import type { Delivery, Mail } from "./mail.ts";

const LIMITS = {
  dnsTimeout: 10_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
};

/**
 * Sends by SMTP, one connection per message. TLS follows the address: `smtps:`, `?requireTLS=true`, otherwise
 * opportunistic STARTTLS.
 */
export function openSmtp(url: string, from: string): Mail {
  const transport = createTransport({ url, ...LIMITS, disableFileAccess: true, disableUrlAccess: true });
  return {
    kind: "smtp",
    send: async ({ to, ...content }) => {
      try {
        // As an object the address is used verbatim; as a string it would be parsed and could name several recipients.
        await transport.sendMail({ from, to: { name: "", address: to }, ...content });
        return { outcome: "sent" };
      } catch (error) {
        return failure(error);
      }
    },
  };
}

/**
 * RFC 5321 §4.2.1: 5yz is permanent. A refused login or sender is a configuration error, so the message is kept for a
 * retry.
 */
function failure(error: unknown): Delivery {
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number };
  const refused = responseCode >= 500 && (code === "EENVELOPE" || code === "EMESSAGE");
  return { outcome: refused ? "refused" : "away", reason: errorMessage(error) };
}
