// Derives keys for every purpose from one secret, so that an operator has only one to keep.
import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import type { Config } from "./config.ts";
import { NIL_ID } from "./ids.ts";

type Secrets = Pick<Config, "AKASHI_SECRET" | "AKASHI_SECRET_PREVIOUS">;

/** The secret used for everything new, then the previous one that is still accepted during rotation. */
export function secretsOf({ AKASHI_SECRET, AKASHI_SECRET_PREVIOUS }: Secrets): [string, ...string[]] {
  return AKASHI_SECRET_PREVIOUS ? [AKASHI_SECRET, AKASHI_SECRET_PREVIOUS] : [AKASHI_SECRET];
}

/** A 32-byte key for one `purpose`, by HKDF-SHA256 (RFC 5869). Keys for different purposes are independent. */
export function deriveKey(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "akashi", purpose, 32));
}

/** HMAC-SHA256 of `text` for one `purpose` under each secret, the current one first. */
export function hmacs(secrets: Secrets, purpose: string, text: string): Buffer[] {
  return secretsOf(secrets).map((secret) =>
    createHmac("sha256", deriveKey(secret, purpose)).update(text).digest()
  );
}

export interface SigningKeys {
  /** Thumbprint of the public key (RFC 7638); changes with the secret. */
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** PKCS #8 header of an Ed25519 private key (RFC 8410 §7); the 32-byte seed follows. */
const ED25519_PKCS8 = "302e020100300506032b657004220420";

/** An Ed25519 key pair whose seed is derived from `secret`, so that every process has the same one. */
export function deriveSigningKeys(secret: string, purpose: string): SigningKeys {
  const key = Buffer.concat([Buffer.from(ED25519_PKCS8, "hex"), deriveKey(secret, purpose)]);
  const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey);
  const { crv, kty, x } = publicKey.export({ format: "jwk" });
  const kid = createHash("sha256").update(JSON.stringify({ crv, kty, x })).digest("base64url");
  return { kid, privateKey, publicKey };
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts `text` for one `purpose` (AES-256-GCM; base64url of nonce, ciphertext and tag). `owner` is authenticated
 * with it: text sealed for one row cannot be opened in another.
 */
export function seal(secrets: Secrets, purpose: string, owner: string, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", deriveKey(secrets.AKASHI_SECRET, purpose), nonce);
  cipher.setAAD(Buffer.from(owner));
  const parts = [nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(parts).toString("base64url");
}

/** Decrypts a sealed text and says whether that took the previous secret; undefined when no secret opens it. */
export function unseal(
  secrets: Secrets,
  purpose: string,
  owner: string,
  sealed: string,
): { text: string; isOutdated: boolean } | undefined {
  const bytes = Buffer.from(sealed, "base64url");
  for (const [index, secret] of secretsOf(secrets).entries()) {
    const text = open(deriveKey(secret, purpose), owner, bytes);
    if (text !== undefined) return { text, isOutdated: index > 0 };
  }
  return undefined;
}

function open(key: Uint8Array, owner: string, bytes: Buffer): string | undefined {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(owner));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}

/** A sealed text with the id of its owner. */
export interface Sealed {
  id: string;
  sealed: string;
}

/** The rows of a table that hold sealed texts. */
export interface SealedTexts {
  /** A batch in the order of ids, after one of them; empty at the end. */
  list(afterId: string): Promise<readonly Sealed[]>;
  /** Replaces a sealed text unless it was changed meanwhile. */
  replace(row: Sealed, resealed: string): Promise<unknown>;
}

/** Seals texts again that the previous secret sealed, so that it can be removed. Returns how many. */
export async function resealAll(secrets: Secrets, purpose: string, texts: SealedTexts): Promise<number> {
  let done = 0;
  let after = NIL_ID;
  for (;;) {
    const rows = await texts.list(after);
    if (rows.length === 0) return done;
    for (const row of rows) {
      const opened = unseal(secrets, purpose, row.id, row.sealed);
      if (!opened?.isOutdated) continue;
      await texts.replace(row, seal(secrets, purpose, row.id, opened.text));
      done++;
    }
    after = rows.at(-1)!.id;
  }
}

/** An opaque token of 256 random bits, URL-safe. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** Compares secrets in constant time. */
export function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(a!, b!);
}

/** The stored form of an opaque token: enough to recognise it, useless if the database leaks. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
