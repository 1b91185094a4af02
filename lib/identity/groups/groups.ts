// Groups: members of a tenant with whom assets are shared together.
import { type Ctx, transaction } from "../../access/context.ts";
import { difference, record } from "../../audit/audit.ts";
import { isUniqueViolation, type Sql } from "../../platform/db/database.ts";
import { found } from "../../platform/errors.ts";
import { userError } from "../users/reasons.ts";
import { findUserById } from "../users/users.ts";
import { newId } from "../../platform/ids.ts";
import { requirePermission } from "../../access/permissions.ts";
import * as queries from "./queries.ts";
import {
  type Group,
  type GroupDetail,
  groupError,
  type GroupFilter,
  type GroupPatch,
  type NewGroup,
} from "./schema.ts";

const MAX_GROUPS = 500;
const MAX_MEMBERS = 1_000;
const KEPT = ["name", "description"] as const;

/** The groups of the actor's tenant by name. */
export function listGroups(ctx: Ctx, filter: GroupFilter): Promise<Group[]> {
  requirePermission(ctx, "groups.read");
  return transaction(ctx, (sql) => queries.listGroups(sql, filter));
}

/** One group with its members. Throws `not_found`. */
export function getGroup(ctx: Ctx, id: string): Promise<GroupDetail> {
  requirePermission(ctx, "groups.read");
  return transaction(ctx, (sql) => readDetail(sql, id));
}

/** Creates an empty group. Throws `conflict` when its name is taken or there are 500 groups. */
export function createGroup(ctx: Ctx, input: NewGroup): Promise<GroupDetail> {
  requirePermission(ctx, "groups.change");
  return mapTakenName(transaction(ctx, async (sql) => {
    const [groups] = await queries.countGroups(sql);
    if (groups!.count >= MAX_GROUPS) throw groupError("too_many", { most: MAX_GROUPS });
    const id = newId();
    await queries.insertGroup(sql, id, ctx.actor.tenantId, input);
    await record(sql, ctx, { action: "group.create", target: { id, name: input.name }, after: input });
    return await readDetail(sql, id);
  }));
}

/** Changes name or description. Throws `not_found`, `conflict` when the name is taken. */
export function updateGroup(ctx: Ctx, id: string, patch: GroupPatch): Promise<GroupDetail> {
  requirePermission(ctx, "groups.change");
  return mapTakenName(transaction(ctx, async (sql) => {
    const before = found(await queries.lockGroup(sql, id), groupError);
    if (Object.keys(patch).length > 0) await queries.updateGroup(sql, id, patch);
    const after = await readDetail(sql, id);
    const changed = difference<Group>(before, after, KEPT);
    const target = { id, name: before.name };
    if (changed) await record(sql, ctx, { action: "group.update", target, ...changed });
    return after;
  }));
}

/** Deletes a group and its grants, which takes effect with the next request. Throws `not_found`. */
export function deleteGroup(ctx: Ctx, id: string): Promise<Group> {
  requirePermission(ctx, "groups.change");
  return transaction(ctx, async (sql) => {
    const group = found(await queries.lockGroup(sql, id), groupError);
    const members = (await queries.listMembers(sql, id)).map((member) => member.email);
    await queries.deleteGroup(sql, id);
    const { name, description } = group;
    const before = { name, description, members };
    await record(sql, ctx, { action: "group.delete", target: { id, name }, before });
    return group;
  });
}

/** Adds a member. Idempotent. Throws `not_found` for either id, `conflict` for one member too many. */
export function addMember(ctx: Ctx, id: string, userId: string): Promise<GroupDetail> {
  requirePermission(ctx, "groups.change");
  return transaction(ctx, async (sql) => {
    const group = found(await queries.lockGroup(sql, id), groupError);
    const user = await findUserById(sql, userId);
    if (!user) throw userError("not_found");
    if (group.member_count >= MAX_MEMBERS) throw groupError("too_many_members", { most: MAX_MEMBERS });
    const { count } = await queries.insertMember(sql, ctx.actor.tenantId, id, userId);
    const after = { member: user.email };
    const target = { id, name: group.name };
    if (count > 0) await record(sql, ctx, { action: "group.add_member", target, after });
    return await readDetail(sql, id);
  });
}

/** Removes a member, with effect from their next request. Throws `not_found` for an unknown group or member. */
export function removeMember(ctx: Ctx, id: string, userId: string): Promise<GroupDetail> {
  requirePermission(ctx, "groups.change");
  return transaction(ctx, async (sql) => {
    const group = found(await queries.lockGroup(sql, id), groupError);
    const user = await findUserById(sql, userId);
    const { count } = await queries.deleteMember(sql, id, userId);
    if (!user || count === 0) throw groupError("member_not_found");
    const before = { member: user.email };
    await record(sql, ctx, { action: "group.remove_member", target: { id, name: group.name }, before });
    return await readDetail(sql, id);
  });
}

async function readDetail(sql: Sql, id: string): Promise<GroupDetail> {
  const group = found(await queries.findGroup(sql, id), groupError);
  return { ...group, members: [...await queries.listMembers(sql, id)] };
}

async function mapTakenName<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    if (isUniqueViolation(error, "groups_name_key")) throw groupError("name_taken");
    throw error;
  }
}
