// Grants: access to one asset for accounts and groups, beside its visibility. Who may share an asset is decided by its noun.
import type { Sql } from "../../platform/db/database.ts";
import type { FieldError } from "../../platform/errors.ts";
import { inputError } from "../../platform/input.ts";
import { listProblems } from "../../platform/input.ts";
import { newId } from "../../platform/ids.ts";
import * as queries from "./queries.ts";
import type { Audience, Grants, NewGrants } from "./schema.ts";

export { assetOpenTo } from "./queries.ts";
export type { SubjectRow as Subject } from "./queries.ts";

const MOST_SUBJECTS = 1_000;
const NO_AUDIENCE: Audience = { people: [], administrators: [] };

/** With whom an asset is shared. Needs a transaction that sees the whole tenant. */
export async function listGrants(sql: Sql, assetId: string): Promise<Grants> {
  const [users, groups] = await Promise.all([
    queries.listUserGrants(sql, assetId),
    queries.listGroupGrants(sql, assetId),
  ]);
  return { users: [...users], groups: [...groups] };
}

/**
 * Replaces the grants of an asset. Needs a transaction that sees the whole tenant. Throws `invalid` on the path of each
 * subject that is listed twice or is not in the tenant.
 */
export async function replaceGrants(
  sql: Sql,
  { tenantId, assetId }: { tenantId: string; assetId: string },
  grants: NewGrants,
): Promise<void> {
  await requireSubjects(sql, grants);
  await queries.deleteGrants(sql, assetId);
  const rows = [
    ...grants.users.map(({ user_id, right }) => ({ user_id, group_id: null, may: right })),
    ...grants.groups.map(({ group_id, right }) => ({ user_id: null, group_id, may: right })),
  ].map((grant) => ({ id: newId(), tenant_id: tenantId, asset_id: assetId, ...grant }));
  if (rows.length > 0) await queries.insertGrants(sql, rows);
}

async function requireSubjects(sql: Sql, { users, groups }: NewGrants): Promise<void> {
  const subjects = [
    ...users.map(({ user_id }, at) => ({ id: user_id, path: `users.${at}.user_id` })),
    ...groups.map(({ group_id }, at) => ({ id: group_id, path: `groups.${at}.group_id` })),
  ];
  const known = await queries.findSubjects(
    sql,
    users.map((user) => user.user_id),
    groups.map((group) => group.group_id),
  );
  const ids = new Set(known.map((row) => row.id));
  const fields = subjects.flatMap(({ id, path }, at): FieldError[] => {
    if (!ids.has(id)) return [{ path, message: "is nobody of this tenant" }];
    return subjects.findIndex((other) => other.id === id) < at ? [{ path, message: "is named twice" }] : [];
  });
  if (fields.length === 0) return;
  throw inputError("invalid_fields", { problems: listProblems(fields) }, { fields });
}

/** Groups and active accounts of the tenant that an asset can be shared with, by name, at most a thousand. */
export async function listSubjects(sql: Sql): Promise<queries.SubjectRow[]> {
  return [...await queries.listSubjects(sql, MOST_SUBJECTS)];
}

/** Who may receive events about an asset; none for a deleted one. Needs a transaction that sees the whole tenant. */
export async function findAudience(sql: Sql, assetId: string): Promise<Audience> {
  const [row] = await queries.findAudience(sql, assetId);
  if (!row) return NO_AUDIENCE;
  const { restricted, people, administrators } = row;
  return restricted ? { people, administrators } : "everyone";
}

/** The union of two audiences. */
export function joinAudiences(a: Audience, b: Audience): Audience {
  if (a === "everyone" || b === "everyone") return "everyone";
  return {
    people: [...a.people, ...b.people],
    administrators: [...a.administrators, ...b.administrators],
  };
}
