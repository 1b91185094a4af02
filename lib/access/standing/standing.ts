// Standing: whether the actor of a request still has the rights that the request began with. A body may take hours, and
// a session, key, role or tenant may have changed meanwhile.
import type { Sql } from "../../platform/db/database.ts";
import type { Actor } from "../context.ts";
import { accessError } from "../reasons.ts";
import { hasRole } from "../permissions.ts";
import * as queries from "./queries.ts";

type Rights = Pick<Actor, "role" | "isSuperuser">;

/** The rights that a key's scopes leave of its owner's: without `admin` those of a manager at most. */
export function rightsOfKey(scopes: readonly string[], { role, isSuperuser }: Rights): Rights {
  if (scopes.includes("admin")) return { role, isSuperuser };
  return { role: role === "admin" ? "manager" : role, isSuperuser: false };
}

/** True when a key's scopes allow changes. */
export function mayKeyWrite(scopes: readonly string[]): boolean {
  return scopes.includes("write") || scopes.includes("admin");
}

/**
 * Reads the actor's rights again, in the transaction that records a change. Throws `unauthenticated` when account,
 * session or key have ended or the tenant is suspended, `forbidden` when there are fewer rights than the request began
 * with. Workers and the operator have neither session nor key and always pass.
 */
export async function requireStanding(sql: Sql, actor: Actor): Promise<void> {
  const { userId, sessionId, keyId = null } = actor;
  if (!userId || !(sessionId ?? keyId)) return;
  const [now] = await queries.findStanding(sql, userId, sessionId, keyId);
  if (!now) throw accessError("sign_in_required");
  const own = { role: now.role, isSuperuser: now.is_superuser };
  const rights = now.scopes ? rightsOfKey(now.scopes, own) : own;
  const isLess = (actor.isSuperuser && !rights.isSuperuser) ||
    !hasRole({ actor: { ...actor, ...rights } }, actor.role) ||
    (now.scopes !== null && !mayKeyWrite(now.scopes));
  if (isLess) throw accessError("rights_lowered");
  // What starts a session does not say whether its tenant is read-only: that is open to all.
  if (now.is_read_only && actor.isReadOnly === false && !rights.isSuperuser) {
    throw accessError("tenant_read_only");
  }
}
