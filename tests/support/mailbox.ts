// A mail server for tests: speaks SMTP, keeps what it receives, and can refuse recipients.
import { Buffer } from "node:buffer";
import { SMTPServer } from "smtp-server";
import { until } from "./until.ts";

export interface Letter {
  from: string;
  to: string;
  subject: string;
  text: string;
  html: string;
}

export interface Mailbox {
  /** For `SMTP_URL`. */
  url: string;
  letters: Letter[];
  /** The oldest letter to this address that was not read yet. */
  next(to: string): Promise<Letter>;
  /** The number of RCPT TO commands received. */
  knocks(): number;
  close(): Promise<void>;
}

/** Listens on a free port. Recipients that match `refuses` are answered 550. */
export async function openMailbox({ refuses = /^nobody@/ } = {}): Promise<Mailbox> {
  const letters: Letter[] = [];
  let read = 0;
  let knocks = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    logger: false,
    onRcptTo: ({ address }, _session, done) => {
      knocks++;
      const refusal = Object.assign(new Error("There is no such mailbox"), { responseCode: 550 });
      done(refuses.test(address) ? refusal : null);
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom ? mailFrom.address : "";
        letters.push({ from, to: rcptTo[0]!.address, ...parse(Buffer.concat(chunks).toString("latin1")) });
        done();
      });
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const listening = (server.server.address() as { port: number }).port;
  return {
    url: `smtp://127.0.0.1:${listening}`,
    letters,
    next: async (to) => {
      await until(
        `a letter to ${to}`,
        () => Promise.resolve(letters.slice(read).some((each) => each.to === to)),
      );
      const at = letters.findIndex((each, index) => index >= read && each.to === to);
      read = at + 1;
      return letters[at]!;
    },
    knocks: () => knocks,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The token in the link to `page`. */
export function tokenIn(text: string, page: string): string {
  const found = new RegExp(`/${page}\\?token=([\\w-]+)`).exec(text);
  if (!found) throw new Error(`no link to /${page} in: ${text}`);
  return found[1]!;
}

function parse(raw: string): Pick<Letter, "subject" | "text" | "html"> {
  const subject = /^Subject: ((?:.*)(?:\r\n[ \t].*)*)/m.exec(raw)?.[1]?.replace(/\r\n[ \t]/g, " ") ?? "";
  const part = (type: string) => {
    const found = new RegExp(`Content-Type: ${type}[\\s\\S]*?\\r\\n\\r\\n([\\s\\S]*?)\\r\\n--`).exec(raw);
    const head = raw.slice(found?.index ?? 0, (found?.index ?? 0) + 300);
    const body = found?.[1] ?? "";
    if (/Content-Transfer-Encoding: base64/i.test(head)) return Buffer.from(body, "base64").toString("utf8");
    return /quoted-printable/i.test(head) ? quotedPrintable(body) : body;
  };
  const words = subject.replace(/\?=\s+=\?/g, "?==?").replace(
    /=\?UTF-8\?([QB])\?([^?]*)\?=/gi,
    (_, kind: string, text: string) =>
      kind.toUpperCase() === "B"
        ? Buffer.from(text, "base64").toString("utf8")
        : quotedPrintable(text.replaceAll("_", " ")),
  );
  return { subject: words, text: part("text/plain"), html: part("text/html") };
}

function quotedPrintable(text: string): string {
  const bytes = text.replace(/=\r\n/g, "").replace(
    /=([0-9A-F]{2})/gi,
    (_, hex: string) => String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
