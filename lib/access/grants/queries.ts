import type { Sight } from "../context.ts";
import type { Sql } from "../../platform/db/database.ts";
import type { Grants, Right } from "./schema.ts";

/** True of an asset that is not private, is the account's own, or is shared with it with at least `right`. */
export function assetOpenTo(sql: Sql, sight: Sight, right: Right, alias = "a") {
  if (sight === null) return sql`true`;
  const column = (name: string) => sql(`${alias}.${name}`);
  return sql`
    (${column("visibility")} <> 'private' or ${column("created_by")} = ${sight}
     or ${column("id")} in (select granted_assets(${sight}, ${right})))`;
}

export function listUserGrants(sql: Sql, assetId: string) {
  return sql<Grants["users"]>`
    select g.user_id, g.may as right, u.name from grants g join users u on u.id = g.user_id
    where g.asset_id = ${assetId} order by lower(u.name), u.id`;
}

export function listGroupGrants(sql: Sql, assetId: string) {
  return sql<Grants["groups"]>`
    select g.group_id, g.may as right, r.name from grants g join groups r on r.id = g.group_id
    where g.asset_id = ${assetId} order by lower(r.name), r.id`;
}

export interface GrantRow {
  id: string;
  tenant_id: string;
  asset_id: string;
  user_id: string | null;
  group_id: string | null;
  may: Right;
}

export function deleteGrants(sql: Sql, assetId: string) {
  return sql`delete from grants where asset_id = ${assetId}`;
}

export function insertGrants(sql: Sql, rows: GrantRow[]) {
  return sql`insert into grants ${sql(rows)}`;
}

/** The ids among these accounts and groups that exist in the tenant. */
export function findSubjects(sql: Sql, users: string[], groups: string[]) {
  return sql<{ id: string }[]>`
    select id from users where id = any(${users}::uuid[])
    union all select id from groups where id = any(${groups}::uuid[])`;
}

export interface AudienceRow {
  restricted: boolean;
  people: string[];
  administrators: string[];
}

/** Needs a transaction that sees the whole tenant. */
export function findAudience(sql: Sql, assetId: string) {
  return sql<AudienceRow[]>`
    select a.visibility = 'private' as restricted,
           array(select a.created_by where a.created_by is not null
                 union select g.user_id from grants g where g.asset_id = a.id and g.user_id is not null
                 union select m.user_id from grants g join group_members m on m.group_id = g.group_id
                       where g.asset_id = a.id) as people,
           array(select id from users where role = 'admin' or is_superuser) as administrators
    from asset_labels a where a.id = ${assetId}`;
}

export interface SubjectRow {
  kind: "user" | "group";
  id: string;
  name: string;
}

/** Subjects that an asset can be shared with, groups first. */
export function listSubjects(sql: Sql, limit: number) {
  return sql<SubjectRow[]>`
    select * from (
      select 'group' as kind, id, name from groups
      union all select 'user', id, name from users where is_active) subjects
    order by kind, lower(name), id limit ${limit}`;
}
