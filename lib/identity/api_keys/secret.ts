// What a key looks like: `aks_`, 30 random letters and digits (178 bits), and a checksum by which scanners of code and we
// tell a key from a lookalike without asking a database. GitHub's tokens are made so.
import { randomInt } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Config } from "../../platform/config.ts";
import { hmacs } from "../../platform/secrets.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_LETTERS = 30;
const CHECKSUM_LETTERS = 6;
const SHAPE = new RegExp(`^aks_[0-9A-Za-z]{${RANDOM_LETTERS + CHECKSUM_LETTERS}}$`);

/** Makes a new key. */
export function newKey(): string {
  const random = Array.from({ length: RANDOM_LETTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  return `aks_${random}${checksum(random)}`;
}

/** True when `text` may be a key: its shape and checksum fit. */
export function isKey(text: string): boolean {
  if (!SHAPE.test(text)) return false;
  const random = text.slice(4, 4 + RANDOM_LETTERS);
  return text.endsWith(checksum(random));
}

/** The start of a key, by which its owner knows it again. */
export function prefixOf(key: string): string {
  return key.slice(0, 12);
}

/**
 * What is stored of a key: without the installation's secret a stolen table cannot even be searched for known keys.
 * First as it is stored today, then as it was under the previous secret.
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
