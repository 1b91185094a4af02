import type { Config } from "../../platform/config.ts";
import { passwordError } from "./reasons.ts";
import { isCommonPassword } from "./common_passwords.ts";
import { normalizePassword } from "./passwords.ts";
import { MIN_PASSWORD_LENGTH } from "./schema.ts";

const PRODUCT = "akashi";
/** Shorter words occur in too many others. */
const MIN_WORD_LENGTH = 4;

/** The account and tenant of a new password. */
export interface PasswordOwner {
  email: string;
  name?: string;
  tenant_code: string;
  tenant_name: string;
}

/**
 * Throws `invalid` on `path` for a common password, and for one that is too short once the names and addresses of its
 * owner and the installation, and `PASSWORD_REFUSED_WORDS`, are removed from it.
 * NIST SP 800-63B §3.1.1.2: compare with commonly used, expected or compromised passwords; no composition rules.
 */
export function requireUnguessablePassword(
  { config }: { config: Pick<Config, "PASSWORD_REFUSED_WORDS"> },
  path: string,
  password: string,
  owner: PasswordOwner,
): void {
  const typed = normalizePassword(password).trim().toLowerCase();
  if (isCommonPassword(typed)) throw passwordError("common", {}, { field: path });
  const { email, name, tenant_code, tenant_name } = owner;
  const known = [PRODUCT, email, name, tenant_code, tenant_name, ...config.PASSWORD_REFUSED_WORDS];
  if (without(typed, wordsOf(known)).length < MIN_PASSWORD_LENGTH) {
    throw passwordError("guessable", {}, { field: path });
  }
}

/** Each text and the words in it, the longest first. */
function wordsOf(texts: (string | undefined)[]): string[] {
  const words = texts.flatMap((text) => {
    const whole = text?.trim().toLowerCase() ?? "";
    return [whole, ...whole.split(/[^\p{L}\p{N}]+/u)];
  });
  return words.filter((word) => word.length >= MIN_WORD_LENGTH).toSorted((a, b) => b.length - a.length);
}

function without(text: string, words: string[]): string {
  return words.reduce((rest, word) => rest.replaceAll(word, ""), text);
}
