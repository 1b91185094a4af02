// Authentication by API key: whose it is, and what its scopes allow.
import { mayKeyWrite, rightsOfKey } from "../../access/standing/standing.ts";
import type { Platform } from "../../platform/platform.ts";
import { signedInBy } from "../principals/principals.ts";
import type { SignedIn } from "../principals/schema.ts";
import * as queries from "./queries.ts";
import type { KeyRow } from "./queries.ts";
import { hmacsOf, isKey } from "./secret.ts";

/** The owner of a key, and whether its scopes allow changes. */
export interface KeySignIn extends SignedIn {
  mayWrite: boolean;
}

/** True for a token with the prefix of API keys, valid or not. */
export function looksLikeKey(token: string): boolean {
  return token.startsWith("aks_");
}

/** The owner of a live key, with rights reduced to its scopes; undefined for anything else. */
export async function resumeByKey(
  { config, db }: Pick<Platform, "config" | "db">,
  key: string,
  address: string,
): Promise<KeySignIn | undefined> {
  if (!isKey(key)) return undefined;
  const hmacs = hmacsOf(config, key);
  return await db.asSystem(async (sql) => {
    const [row] = await queries.findByHmac(sql, hmacs);
    if (!row) return undefined;
    // Hashed under the previous secret: hash it again under the present one.
    if (row.key_hmac !== hmacs[0]) await queries.updateHmac(sql, row.id, hmacs[0]);
    if (row.stale) await queries.touchKey(sql, row.id, address);
    return present(row);
  });
}

/** True while the key is live; event streams ask again from time to time, since it can be revoked. */
export async function isKeyLive({ db }: Pick<Platform, "db">, id: string): Promise<boolean> {
  return (await db.asSystem((sql) => queries.isLive(sql, id))).length > 0;
}

function present(row: KeyRow): KeySignIn {
  const rights = rightsOfKey(row.scopes, { role: row.role, isSuperuser: row.is_superuser });
  const signedIn = signedInBy(row, { keyId: row.id, ...rights });
  return { ...signedIn, mayWrite: mayKeyWrite(row.scopes) };
}
