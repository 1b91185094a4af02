// Acting by an API key: who it stands for, and how far it goes.
import type { Actor } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import type { SignedIn } from "../sessions/sessions.ts";
import * as queries from "./queries.ts";
import type { KeyRow } from "./queries.ts";
import type { KeyScope } from "./schema.ts";
import { hmacsOf, isKey } from "./secret.ts";

/** Whoever a key stands for, and whether it may change anything. */
export interface KeySignIn extends SignedIn {
  mayWrite: boolean;
}

/** True for what is written like an API key, whether or not it is one. */
export function looksLikeKey(token: string): boolean {
  return token.startsWith("aks_");
}

/** The owner behind a live key, cut down to its scopes; undefined for anything else. */
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
    // Kept under the previous secret: from now on under the present one.
    if (row.key_hmac !== hmacs[0]) await queries.updateHmac(sql, row.id, hmacs[0]);
    if (row.stale) await queries.touchKey(sql, row.id, address);
    return present(row);
  });
}

/** True while the key may be used; long answers ask again from time to time. */
export async function isKeyLive({ db }: Pick<Platform, "db">, id: string): Promise<boolean> {
  return (await db.asSystem((sql) => queries.isLive(sql, id))).length > 0;
}

function present(row: KeyRow): KeySignIn {
  const actor: Actor = {
    tenantId: row.tenant_id,
    tenantCode: row.tenant_code,
    userId: row.user_id,
    sessionId: null,
    keyId: row.id,
    email: row.email,
    isReadOnly: row.is_read_only,
    ...rights(row),
  };
  return {
    actor,
    mayWrite: has(row, "write") || has(row, "admin"),
    viewer: {
      id: row.user_id,
      name: row.user_name,
      email: row.email,
      role: actor.role,
      tenantName: row.tenant_name,
      tenantCode: row.tenant_code,
      isSuperuser: actor.isSuperuser,
      language: row.language,
      theme: row.theme,
      isReadOnly: row.is_read_only && !actor.isSuperuser,
    },
  };
}

/** Without the scope `admin` an administrator's key does what a manager may. */
function rights(row: KeyRow): Pick<Actor, "role" | "isSuperuser"> {
  if (has(row, "admin")) return { role: row.role, isSuperuser: row.is_superuser };
  return { role: row.role === "admin" ? "manager" : row.role, isSuperuser: false };
}

function has({ scopes }: KeyRow, scope: KeyScope): boolean {
  return scopes.includes(scope);
}
