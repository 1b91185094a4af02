// Names of files, which mean the same by every way in.
import { z } from "zod";
import { text } from "../../platform/text.ts";

const MOST = 500;

/** The name of a file as clients send it, without the folders before it. Some names double in length when normalized. */
export const filenameSchema = z.string().transform((sent) => baseName(decodeWords(sent)))
  .pipe(z.string().max(MOST).min(1).pipe(text(2 * MOST)));

/**
 * The last part of a path. A backslash separates only in paths that Windows wrote, such as the `C:\fakepath\` of browsers
 * (HTML, "fakepath"): elsewhere it is a letter of the name.
 */
function baseName(name: string): string {
  const last = name.split("/").at(-1)!;
  return /^([a-z]:)?\\/i.test(last) ? last.split("\\").at(-1)! : last;
}

const WORD = "=\\?([^?\\s]+)\\?([bq])\\?([^?\\s]*)\\?=";
const WORDS = new RegExp(`^${WORD}(\\s+${WORD})*$`, "i");

/** A name in encoded words (RFC 2047), as mail libraries write it; any other name, or one that is malformed, as it is. */
function decodeWords(name: string): string {
  if (!WORDS.test(name)) return name;
  try {
    return [...name.matchAll(new RegExp(WORD, "gi"))]
      .map(([, charset, encoding, content]) => decodeWord(charset!, encoding!, content!)).join("");
  } catch {
    return name;
  }
}

function decodeWord(charset: string, encoding: string, content: string): string {
  const bytes = encoding.toLowerCase() === "b" ? Uint8Array.fromBase64(content) : fromQuoted(content);
  return new TextDecoder(charset, { fatal: true }).decode(bytes);
}

/** The Q encoding (RFC 2047 §4.2): `_` is a space, `=E7` a byte. */
function fromQuoted(content: string): Uint8Array<ArrayBuffer> {
  const letters = content.replaceAll("_", " ")
    .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}
