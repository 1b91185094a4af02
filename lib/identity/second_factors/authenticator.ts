// Codes of authenticator apps: RFC 6238 with the parameters that all apps support, SHA-1, six digits, 30 seconds.
import { Secret, TOTP } from "otpauth";

const SECRET_BYTES = 20;
const ISSUER = "Akashi";
const PERIOD_SECONDS = 30;
/** Steps accepted before and after the present one, for clock skew and slow typing. */
const WINDOW = 1;

/** A new secret of 160 bits in base32 (RFC 4226 §4). */
export function newSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** The otpauth URI that an app reads from a QR code. */
export function otpauthUri(secret: string, label: string): string {
  return new TOTP({ issuer: ISSUER, label, secret }).toString();
}

/** The time step that this code belongs to, within the window; undefined when it belongs to none. */
export function matchStep(secret: string, code: string, nowMs: number): number | undefined {
  const totp = new TOTP({ secret });
  const delta = totp.validate({ token: code, timestamp: nowMs, window: WINDOW });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / PERIOD_SECONDS) + delta;
}
