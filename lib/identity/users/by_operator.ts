// What an operator does from a shell when nobody can sign in. No permission is asked: whoever can read the installation's
// secrets is past that. What they do is recorded all the same.
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

/** Somebody's new password, told once. */
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

/** Makes an account with a password of ours. Throws `conflict` when the address has one in that tenant. */
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
 * Gives somebody a password of ours and ends their sessions. Throws `not_found` when nobody has the address, `conflict`
 * when people of several tenants have it and `tenant` names none.
 */
export async function resetPasswordAsOperator(
  { db }: Parts,
  email: string,
  tenant?: string,
): Promise<IssuedPassword> {
  const found = await db.asSystem((sql) => queries.findByEmail(sql, email, tenant));
  if (found.length === 0) throw userError("email_unknown", { email });
  if (found.length > 1) {
    const codes = found.map((user) => user.tenant_code).join(", ");
    throw userError("email_ambiguous", { email, tenants: codes });
  }
  const { id, tenant_id, tenant_code } = found[0]!;
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
