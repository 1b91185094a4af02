// The format of a key: `aks_`, 30 random letters and digits (178 bits) and a checksum, as in GitHub's tokens. Secret scanners
// and the server recognize a key by its checksum without a database.
import { randomInt } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Config } from "../../platform/config.ts";
import { hmacs } from "../../platform/secrets.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_LETTERS = 30;
const CHECKSUM_LETTERS = 6;
const SHAPE = new RegExp(`^aks_[0-9A-Za-z]{${RANDOM_LETTERS + CHECKSUM_LETTERS}}$`);

/** Generates a key. */
export function newKey(): string {
  const random = Array.from({ length: RANDOM_LETTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  return `aks_${random}${checksum(random)}`;
}

/** True when `text` has the format and checksum of a key. */
export function isKey(text: string): boolean {
  if (!SHAPE.test(text)) return false;
  const random = text.slice(4, 4 + RANDOM_LETTERS);
  return text.endsWith(checksum(random));
}

/** The start of a key, by which its owner recognizes it. */
export function prefixOf(key: string): string {
  return key.slice(0, 12);
}

/**
 * The stored HMAC of a key, which is useless without the installation's secret: first under the present secret, then under
 * the previous one.
 */
export function hmacsOf(config: Config, key: string): [string, ...string[]] {
  return hmacs(config, "api-key", key).map((hmac) => hmac.toString("hex")) as [string, ...string[]];
}

function checksum(random: string): string {
  let rest = crc32(random);
  let letters = "";
  for (let i = 0; i < CHECKSUM_LETTERS; i++) {
    letters = ALPHABET[rest % ALPHABET.length]! + letters;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return letters;
}
