import { raw } from "hono/html";
import type { Message } from "../../../../lib/platform/mail/mail.ts";
import type { Words } from "../../kit/words.ts";

interface Content {
  subject: string;
  lead: string;
  links: { label: string; url: string }[];
  /** When the links expire, and what to do when they were not expected. */
  end: string;
}

/** One message as text and as HTML with the same content. The HTML loads nothing. */
export function writeMessage(words: Words, to: string, content: Content): Message {
  const { lead, links, end } = content;
  // Header injection: names are user input and must not contain line breaks.
  const subject = content.subject.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
  const offered = links.map(({ label, url }) => `${label}\n${url}`);
  const text = [lead, ...offered, end, "Akashi"].join("\n\n") + "\n";
  return { to, subject, text, html: String(<Letter words={words} content={{ ...content, subject }} />) };
}

function Letter({ words, content }: { words: Words; content: Content }) {
  return (
    <>
      {raw("<!DOCTYPE html>")}
      <html lang={words.language}>
        <head>
          <meta charset="utf-8" />
          <title>{content.subject}</title>
        </head>
        <body>
          <p dir="auto">{content.lead}</p>
          {content.links.map(({ label, url }) => (
            <p>
              <a href={url}>{label}</a>
              <br />
              <small>{url}</small>
            </p>
          ))}
          <p>{content.end}</p>
          <p>Akashi</p>
        </body>
      </html>
    </>
  );
}
