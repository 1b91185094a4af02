import type { Role } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import type { Language } from "../../platform/languages.ts";
import { tenantIsOpen } from "../../tenancy/tenants/tenants.ts";
import type { Theme } from "./schema.ts";

/** An account and its tenant as they are at this moment. */
export interface PrincipalRow {
  user_id: string;
  user_name: string;
  email: string;
  role: Role;
  is_superuser: boolean;
  language: Language | null;
  theme: Theme;
  tenant_id: string;
  tenant_code: string;
  tenant_name: string;
  is_read_only: boolean;
}

// Fragments over an account joined as `u` and its tenant joined as `t`.

export const principalColumns = (sql: Sql) =>
  sql`u.id as user_id, u.name as user_name, u.email, u.role, u.is_superuser, u.language, u.theme,
      t.id as tenant_id, t.code as tenant_code, t.name as tenant_name, t.status = 'read_only' as is_read_only`;

/** True of an active account in a tenant that is not suspended. */
export const isPrincipal = (sql: Sql) => sql`u.is_active and ${tenantIsOpen(sql)}`;

/** True of an account with a confirmed authenticator app or a passkey. */
export const hasSecondFactor = (sql: Sql) =>
  sql`(exists (select from totp_secrets f where f.user_id = u.id and f.secret is not null)
       or exists (select from passkeys k where k.user_id = u.id))`;

/** True of a tenant that requires a second factor of its members. */
export const requiresSecondFactor = (sql: Sql) =>
  sql`(t.settings -> 'require_second_factor' is not distinct from 'true'::jsonb)`;
