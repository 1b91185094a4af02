// Keys for every purpose from one secret, so that an operator has one thing to keep.
import { Buffer } from "node:buffer";
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

/** 32 bytes for one `purpose`, by HKDF-SHA256 (RFC 5869). Different purposes cannot be told from one another. */
export function deriveKey(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "akashi", purpose, 32));
}

/** PKCS #8 header of an Ed25519 private key (RFC 8410 §7); the 32-byte seed follows. */
const ED25519_PKCS8 = "302e020100300506032b657004220420";

/** An Ed25519 key pair whose seed is derived from `secret`: every process has the same one. */
export function deriveSigningKeys(
  secret: string,
  purpose: string,
): { privateKey: KeyObject; publicKey: KeyObject } {
  const key = Buffer.concat([Buffer.from(ED25519_PKCS8, "hex"), deriveKey(secret, purpose)]);
  const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** An opaque token of 256 random bits, URL-safe. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** Compares secrets in a time that tells nothing of them. */
export function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(a!, b!);
}

/** What is stored of an opaque token: enough to recognise it, useless to a thief. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
