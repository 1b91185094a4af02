import type { Sql } from "../../platform/db/database.ts";
import { hasSecondFactor, isPrincipal } from "../principals/principals.ts";
import type { ProfilePatch, User, UserFilter, UserPatch } from "./schema.ts";

/** An account as stored: what the API shows, and what it never shows. */
export interface UserRow extends User {
  password_hash: string | null;
  tenant_name: string;
  /** Active, in a tenant that is not suspended. */
  may_sign_in: boolean;
}

const columns = (sql: Sql) =>
  sql`u.id, u.tenant_id, t.code as tenant_code, t.name as tenant_name, u.email, u.name, u.role, u.is_superuser,
      u.is_active, u.language, u.theme, u.password_hash, u.last_login_at, u.created_at, u.updated_at,
      (select c.email from email_changes c where c.user_id = u.id and c.expires_at > now()) as pending_email,
      u.password_hash is not null as has_password, ${isPrincipal(sql)} as may_sign_in,
      ${hasSecondFactor(sql)} as has_second_factor`;

export function findById(sql: Sql, id: string) {
  return sql<UserRow[]>`select ${
    columns(sql)
  } from users u join tenants t on t.id = u.tenant_id where u.id = ${id}`;
}

/** Every account with this address, or the one in tenant `tenantCode`. An address has accounts in few tenants. */
export function findByEmail(sql: Sql, email: string, tenantCode?: string) {
  return sql<UserRow[]>`
    select ${columns(sql)} from users u join tenants t on t.id = u.tenant_id
    where u.email = ${email} ${tenantCode ? sql`and t.code = ${tenantCode}` : sql``}
    order by u.created_at limit 20`;
}

export function updateProfile(sql: Sql, id: string, patch: ProfilePatch) {
  return sql`
    update users set ${sql(patch as Record<string, string | null>)}, updated_at = now() where id = ${id}`;
}

export function updatePassword(sql: Sql, id: string, hash: string) {
  return sql`update users set password_hash = ${hash}, updated_at = now() where id = ${id}`;
}

export function touchLogin(sql: Sql, id: string) {
  return sql`update users set last_login_at = now() where id = ${id}`;
}

interface NewUser {
  id: string;
  tenantId: string;
  email: string;
  name: string;
  passwordHash: string | null;
  role: string;
  isSuperuser: boolean;
}

export function insertUser(sql: Sql, user: NewUser) {
  return sql`
    insert into users (id, tenant_id, email, name, password_hash, role, is_superuser)
    values (${user.id}, ${user.tenantId}, ${user.email}, ${user.name}, ${user.passwordHash}, ${user.role},
            ${user.isSuperuser})
    on conflict on constraint users_email_key do nothing`;
}

/** The active superusers, the first one first. */
export function listSuperusers(sql: Sql, limit: number) {
  return sql<{ email: string }[]>`
    select email from users where is_superuser and is_active order by created_at, id limit ${limit}`;
}

/** The accounts of the tenant that the transaction sees, by name. */
export function listUsers(sql: Sql, { limit, skip, include_inactive }: UserFilter) {
  return sql<UserRow[]>`
    select ${columns(sql)} from users u join tenants t on t.id = u.tenant_id
    ${include_inactive ? sql`` : sql`where u.is_active`}
    order by u.is_active desc, lower(u.name), u.id limit ${limit} offset ${skip}`;
}

/** Locks an account until the transaction ends. */
export function lockUser(sql: Sql, id: string) {
  return sql<UserRow[]>`
    select ${
    columns(sql)
  } from users u join tenants t on t.id = u.tenant_id where u.id = ${id} for no key update of u`;
}

/** Locks the active administrators of a tenant, so that two who demote each other are serialized. */
export function lockAdministrators(sql: Sql, tenantId: string) {
  return sql<{ id: string }[]>`
    select id from users where tenant_id = ${tenantId} and role = 'admin' and is_active order by id
    for no key update`;
}

export function updateUser(sql: Sql, id: string, patch: UserPatch) {
  return sql`
    update users set ${sql(patch as Record<string, string | boolean>)}, updated_at = now() where id = ${id}`;
}
