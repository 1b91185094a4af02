import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Config } from "../../platform/config.ts";
import { uuidSchema } from "../../platform/ids.ts";
import { deriveSigningKeys, hmacs, secretsOf, type SigningKeys } from "../../platform/secrets.ts";

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
  const [{ kid, privateKey }] = keysOf(config);
  return new SignJWT({ tid: claims.tenantId, sid: claims.sessionId })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
    .setSubject(claims.userId).setIssuer(ISSUER).setAudience(AUDIENCE)
    .setIssuedAt().setExpirationTime(`${ACCESS_SECONDS}s`)
    .sign(privateKey);
}

/** The claims of a token that we signed and that has not run out; undefined for anything else. */
export async function verifyAccessToken(config: Config, token: string): Promise<AccessClaims | undefined> {
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => publicKey(config, kid), {
      algorithms: [ALGORITHM],
      typ: TYPE,
      audience: AUDIENCE,
      issuer: ISSUER,
      requiredClaims: ["sub", "exp", "tid", "sid"],
    });
    return claimsSchema.parse({ userId: payload.sub, tenantId: payload.tid, sessionId: payload.sid });
  } catch {
    return undefined;
  }
}

/**
 * The refresh token that follows `parent`: always the same one, so that whoever lost the answer can be given it again
 * without our storing it, and nobody without the installation's secret can compute it. After it the one that the
 * previous secret makes.
 */
export function successorsOf(config: Config, parent: string): string[] {
  return hmacs(config, "refresh-successor", parent).map((hmac) => hmac.toString("base64url"));
}

/** By its key id, a thumbprint: during a change of the secret two keys are good. */
function publicKey(config: Config, kid: string | undefined) {
  const found = keysOf(config).find((keys) => keys.kid === kid);
  if (!found) throw new Error("an unknown key");
  return found.publicKey;
}

const known = new WeakMap<Config, [SigningKeys, ...SigningKeys[]]>();

function keysOf(config: Config): [SigningKeys, ...SigningKeys[]] {
  const [secret, ...previous] = secretsOf(config);
  const derive = (each: string) => deriveSigningKeys(each, "access-token-1");
  const found = known.get(config) ?? [derive(secret), ...previous.map(derive)];
  known.set(config, found);
  return found;
}
