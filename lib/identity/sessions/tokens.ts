import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Config } from "../../platform/config.ts";
import { uuidSchema } from "../../platform/ids.ts";
import { deriveSigningKeys, hmacs, secretsOf, type SigningKeys } from "../../platform/secrets.ts";

/** RFC 9068: short-lived, and bound to a session that is looked up at every use, so that revocation is immediate. */
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

/** The claims of a valid, unexpired token; undefined for anything else. */
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
 * The refresh token that follows `parent`, derived from it and the installation's secret: a client that lost the answer gets
 * the same one again without it being stored. Then the one derived from the previous secret.
 */
export function successorsOf(config: Config, parent: string): string[] {
  return hmacs(config, "refresh-successor", parent).map((hmac) => hmac.toString("base64url"));
}

/** By key id, a thumbprint: while the secret is being replaced two keys are valid. */
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
