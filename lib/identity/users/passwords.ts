import { hash, verify } from "@node-rs/argon2";

// OWASP Password Storage Cheat Sheet, argon2id: 19 MiB of memory, 2 passes, 1 lane. Runs off the event loop.
const PARAMETERS = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

let decoy: Promise<string> | undefined;

/**
 * The form in which a password is hashed and compared: keyboards and systems type the same letters in different code points
 * (NIST SP 800-63B §3.1.1.2 and RFC 8265 ask for one form).
 */
export function normalizePassword(password: string): string {
  return password.normalize("NFKC");
}

/** Hashes a password into a PHC string. */
export function hashPassword(password: string): Promise<string> {
  return hash(normalizePassword(password), PARAMETERS);
}

/**
 * True when `phc` is the hash of `password`, also as it was typed, since earlier versions hashed that. False without a hash,
 * after the same time, so that timing reveals no account.
 */
export async function verifyPassword(phc: string | null | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword("a password that no account has");
  const stored = phc ?? await decoy;
  let matches = false;
  // Each form is tried in any case: the time depends on the password alone.
  for (const form of formsOf(password)) matches = await verify(stored, form) || matches;
  return Boolean(phc) && matches;
}

/** True when the hash of `password` was made with other parameters, or of another form, and should be made again. */
export async function isOutdated(phc: string, password: string): Promise<boolean> {
  const { memoryCost, timeCost, parallelism } = PARAMETERS;
  if (!phc.startsWith(`$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`)) return true;
  return formsOf(password).length > 1 && !await verify(phc, normalizePassword(password));
}

function formsOf(password: string): string[] {
  return [...new Set([normalizePassword(password), password])];
}
