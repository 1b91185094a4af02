import type { Sql } from "../../platform/db/database.ts";
import type { Role } from "../context.ts";

export interface StandingRow {
  role: Role;
  is_superuser: boolean;
  is_read_only: boolean;
  /** Of the key that authenticated the request; null for a session. */
  scopes: string[] | null;
}

/** The rights of an account as they are now; no row when the account, its tenant, session or key may not act any more. */
export function findStanding(sql: Sql, userId: string, sessionId: string | null, keyId: string | null) {
  return sql<StandingRow[]>`
    select role, is_superuser, is_read_only, scopes from standing(${userId}, ${sessionId}, ${keyId})`;
}
