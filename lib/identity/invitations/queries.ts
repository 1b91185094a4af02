import type { Role } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import type { Invitation } from "./schema.ts";

const columns = (sql: Sql) =>
  sql`i.id, i.email, i.role, i.invited_by, u.name as invited_by_name, i.created_at, i.expires_at,
      i.mail_status`;

/** Open invitations of the tenant that the transaction sees, newest first. */
export function listOpen(sql: Sql, limit: number) {
  return sql<Invitation[]>`
    select ${columns(sql)} from invitations i left join users u on u.id = i.invited_by
    where i.accepted_at is null and i.expires_at > now() order by i.created_at desc, i.id desc limit ${limit}`;
}

export function findInvitation(sql: Sql, id: string) {
  return sql<Invitation[]>`
    select ${columns(sql)} from invitations i left join users u on u.id = i.invited_by
    where i.id = ${id} and i.accepted_at is null`;
}

interface NewRow {
  id: string;
  tenantId: string;
  email: string;
  role: Role;
  tokenHash: string;
  invitedBy: string | null;
  mailStatus: Invitation["mail_status"];
  lifetimeSeconds: number;
}

export function insertInvitation(sql: Sql, row: NewRow) {
  return sql`
    insert into invitations (id, tenant_id, email, role, token_hash, invited_by, mail_status,
                             expires_at)
    values (${row.id}, ${row.tenantId}, ${row.email}, ${row.role}, ${row.tokenHash}, ${row.invitedBy},
            ${row.mailStatus}, now() + make_interval(secs => ${row.lifetimeSeconds}))`;
}

export function deleteOpenFor(sql: Sql, tenantId: string, email: string) {
  return sql`delete from invitations where tenant_id = ${tenantId} and email = ${email} and accepted_at is null`;
}

/** Of an invitation that is sent by mail. */
export function updateMailStatus(sql: Sql, id: string, status: Invitation["mail_status"]) {
  return sql`update invitations set mail_status = ${status} where id = ${id} and mail_status is not null`;
}

export function deleteInvitation(sql: Sql, id: string) {
  return sql`delete from invitations where id = ${id} and accepted_at is null`;
}

/** An invitation that can be accepted, with its tenant. */
export interface OpenInvitation {
  id: string;
  email: string;
  role: Role;
  tenant_id: string;
  tenant_code: string;
  tenant_name: string;
}

const open = (sql: Sql, tokenHash: string) =>
  sql`
    select i.id, i.email, i.role, t.id as tenant_id, t.code as tenant_code, t.name as tenant_name
    from invitations i join tenants t on t.id = i.tenant_id
    where i.token_hash = ${tokenHash} and i.accepted_at is null and i.expires_at > now() and t.status = 'active'`;

export function findByToken(sql: Sql, tokenHash: string) {
  return sql<OpenInvitation[]>`${open(sql, tokenHash)}`;
}

/** Locks the invitation, so that it is accepted once. */
export function lockByToken(sql: Sql, tokenHash: string) {
  return sql<OpenInvitation[]>`${open(sql, tokenHash)} for update of i`;
}

export function markAccepted(sql: Sql, id: string) {
  return sql`update invitations set accepted_at = now() where id = ${id}`;
}
