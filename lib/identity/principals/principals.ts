// A principal: an account with its tenant, as what sessions and API keys act. It owns no table; it is the one place that
// says which accounts may act and how a row becomes an actor.
import { type Actor, makeActor } from "../../access/context.ts";
import type { PrincipalRow } from "./queries.ts";
import type { SignedIn } from "./schema.ts";

export {
  hasSecondFactor,
  isPrincipal,
  principalColumns,
  type PrincipalRow,
  requiresSecondFactor,
} from "./queries.ts";

/**
 * An account as the actor of a request. `credential` adds the session or key that the request carries, and may lower the
 * rights of the account.
 */
export function signedInBy(row: PrincipalRow, credential: Partial<Actor>): SignedIn {
  const actor = makeActor({
    tenantId: row.tenant_id,
    tenantCode: row.tenant_code,
    userId: row.user_id,
    role: row.role,
    isSuperuser: row.is_superuser,
    email: row.email,
    isReadOnly: row.is_read_only,
    ...credential,
  });
  const viewer = {
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
  };
  return { actor, viewer };
}
