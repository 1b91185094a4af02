// Commands of the operator, for when no administrator can sign in. They need no permission, since the operator can read the
// installation's secrets, but are audited.
import { makeActor, type Role } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import type { AuditSource } from "../../audit/audit.ts";
import { userError } from "./reasons.ts";
import { newToken } from "../../platform/secrets.ts";
import { hashPassword } from "./passwords.ts";
import { addUser } from "./people.ts";
import * as queries from "./queries.ts";
import { overwritePassword } from "./users.ts";

type Parts = Pick<Platform, "db">;

/** A generated password, shown once. */
export interface IssuedPassword {
  email: string;
  tenant: string;
  password: string;
}

export interface OperatorAccount {
  tenantId: string;
  tenant: string;
  email: string;
  name?: string;
  role: Role;
  isSuperuser: boolean;
}

/** Creates an account with a generated password. Throws `conflict` when the address has one in that tenant. */
export async function createUserAsOperator({ db }: Parts, user: OperatorAccount): Promise<IssuedPassword> {
  const { tenantId, tenant, email } = user;
  const password = newPassword();
  const passwordHash = await hashPassword(password);
  await db.asTenant(
    tenantId,
    (sql) => addUser(sql, operator(tenantId, tenant), { ...user, passwordHash }),
  );
  return { email, tenant, password };
}

/**
 * Sets a generated password and revokes the account's sessions. Throws `not_found` for an unknown address, `conflict` when
 * it has accounts in several tenants and `tenant` is undefined.
 */
export async function resetPasswordAsOperator(
  { db }: Parts,
  email: string,
  tenant?: string,
): Promise<IssuedPassword> {
  const users = await db.asSystem((sql) => queries.findByEmail(sql, email, tenant));
  if (users.length === 0) throw userError("email_unknown", { email });
  if (users.length > 1) {
    const codes = users.map((user) => user.tenant_code).join(", ");
    throw userError("email_ambiguous", { email, tenants: codes });
  }
  const { id, tenant_id, tenant_code } = users[0]!;
  const password = newPassword();
  const hash = await hashPassword(password);
  await db.asTenant(
    tenant_id,
    (sql) => overwritePassword(sql, operator(tenant_id, tenant_code), { id, email }, hash),
  );
  return { email, tenant: tenant_code, password };
}

function newPassword(): string {
  return newToken().slice(0, 20);
}

function operator(tenantId: string, tenantCode: string): AuditSource {
  return { actor: makeActor({ tenantId, tenantCode, role: "admin", isSuperuser: true, email: "operator" }) };
}
