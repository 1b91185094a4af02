// Codes of authenticator apps: RFC 6238 with what all apps can do, SHA-1, six digits, 30 seconds.
import { Secret, TOTP } from "otpauth";

const SECRET_BYTES = 20;
const ISSUER = "Akashi";
const PERIOD_SECONDS = 30;
/** A clock that is half a minute off, or a code typed slowly. */
const WINDOW = 1;

/** A new secret of 160 bits in base32 (RFC 4226 §4). */
export function newSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** The address that an app reads from a QR code. */
export function otpauthUri(secret: string, label: string): string {
  return new TOTP({ issuer: ISSUER, label, secret }).toString();
}

/** The time step whose code this is, of the present one and its neighbours; undefined when it is none of theirs. */
export function matchStep(secret: string, code: string, nowMs: number): number | undefined {
  const totp = new TOTP({ secret });
  const delta = totp.validate({ token: code, timestamp: nowMs, window: WINDOW });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / PERIOD_SECONDS) + delta;
}
