import type { Sql } from "../../platform/db/database.ts";
import type { Group, GroupFilter, GroupPatch, Member, NewGroup } from "./schema.ts";

const columns = (sql: Sql) =>
  sql`g.id, g.name, g.description, g.created_at, g.updated_at,
      (select count(*) from group_members m where m.group_id = g.id) as member_count`;

/** The groups of the tenant that the transaction sees, by name. */
export function listGroups(sql: Sql, { limit, skip }: GroupFilter) {
  return sql<Group[]>`
    select ${columns(sql)} from groups g order by lower(g.name), g.id limit ${limit} offset ${skip}`;
}

export function findGroup(sql: Sql, id: string) {
  return sql<Group[]>`select ${columns(sql)} from groups g where g.id = ${id}`;
}

/** Locks a group, so that additions to it are serialized and its limit holds. */
export function lockGroup(sql: Sql, id: string) {
  return sql<Group[]>`select ${columns(sql)} from groups g where g.id = ${id} for no key update of g`;
}

export function countGroups(sql: Sql) {
  return sql<{ count: number }[]>`select count(*) from groups`;
}

export function insertGroup(sql: Sql, id: string, tenantId: string, { name, description }: NewGroup) {
  return sql`
    insert into groups (id, tenant_id, name, description) values (${id}, ${tenantId}, ${name}, ${description})`;
}

export function updateGroup(sql: Sql, id: string, patch: GroupPatch) {
  return sql`
    update groups set ${sql(patch as Record<string, string | null>)}, updated_at = now() where id = ${id}`;
}

export function deleteGroup(sql: Sql, id: string) {
  return sql`delete from groups where id = ${id}`;
}

export function listMembers(sql: Sql, groupId: string) {
  return sql<Member[]>`
    select u.id, u.name, u.email, u.role, u.is_active, m.created_at as added_at
    from group_members m join users u on u.id = m.user_id
    where m.group_id = ${groupId} order by lower(u.name), u.id`;
}

/** The count is 0 when the account is a member already. */
export function insertMember(sql: Sql, tenantId: string, groupId: string, userId: string) {
  return sql`
    insert into group_members (tenant_id, group_id, user_id) values (${tenantId}, ${groupId}, ${userId})
    on conflict do nothing`;
}

export function deleteMember(sql: Sql, groupId: string, userId: string) {
  return sql`delete from group_members where group_id = ${groupId} and user_id = ${userId}`;
}
