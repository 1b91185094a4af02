import { jwtVerify, SignJWT } from "jose";
import { createHmac } from "node:crypto";
import { z } from "zod";
import type { Config } from "../platform/config.ts";
import { uuidSchema } from "../platform/ids.ts";
import { deriveKey, deriveSigningKeys } from "../platform/secrets.ts";

/** RFC 9068: short-lived, bound to a session that is looked up at every use, so revoking acts at once. */
export const ACCESS_SECONDS = 600;
const ALGORITHM = "EdDSA";
const TYPE = "at+jwt";
const AUDIENCE = "akashi-api";
const ISSUER = "akashi";

const claimsSchema = z.object({ userId: uuidSchema, tenantId: uuidSchema, sessionId: uuidSchema });
export type AccessClaims = z.infer<typeof claimsSchema>;

/** Signs an access token for one session. */
export function signAccessToken(config: Config, claims: AccessClaims): Promise<string> {
  return new SignJWT({ tid: claims.tenantId, sid: claims.sessionId })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: "1" })
    .setSubject(claims.userId).setIssuer(ISSUER).setAudience(AUDIENCE)
    .setIssuedAt().setExpirationTime(`${ACCESS_SECONDS}s`)
    .sign(keys(config).privateKey);
}

/** The claims of a token that we signed and that has not run out; undefined for anything else. */
export async function verifyAccessToken(config: Config, token: string): Promise<AccessClaims | undefined> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys(config).publicKey, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      audience: AUDIENCE,
      issuer: ISSUER,
      requiredClaims: ["sub", "exp", "tid", "sid"],
    });
    if (protectedHeader.kid !== "1") return undefined;
    return claimsSchema.parse({ userId: payload.sub, tenantId: payload.tid, sessionId: payload.sid });
  } catch {
    return undefined;
  }
}

/**
 * The refresh token that follows `parent`: always the same one, so that whoever lost the answer can be given it again
 * without our storing it, and nobody without the installation's secret can compute it.
 */
export function successorOf(config: Config, parent: string): string {
  return createHmac("sha256", deriveKey(config.AKASHI_SECRET, "refresh-successor")).update(parent).digest(
    "base64url",
  );
}

const known = new Map<string, ReturnType<typeof deriveSigningKeys>>();

function keys(config: Config) {
  const found = known.get(config.AKASHI_SECRET) ?? deriveSigningKeys(config.AKASHI_SECRET, "access-token-1");
  known.set(config.AKASHI_SECRET, found);
  return found;
}
