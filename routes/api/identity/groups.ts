import {
  addMember,
  createGroup,
  deleteGroup,
  getGroup,
  listGroups,
  removeMember,
  updateGroup,
} from "../../../lib/identity/groups/groups.ts";
import {
  groupDetailSchema,
  groupFilterSchema,
  groupPatchSchema,
  groupSchema,
  newGroupSchema,
} from "../../../lib/identity/groups/schema.ts";
import type { AppEnv } from "../../env.ts";
import {
  answers,
  COMMON,
  idParams,
  messageSchema,
  OpenAPIHono,
  problems,
  route,
  takes,
  z,
} from "../openapi.ts";

const tag = "groups";
const group = groupSchema.meta({ id: "Group" });
const detail = groupDetailSchema.meta({ id: "GroupWithMembers" });
const memberParams = idParams.extend({ user_id: z.uuid() });

/** Groups of accounts that things can be shared with. */
export const groups = new OpenAPIHono<AppEnv>()
  .openapi(
    route("get", "/", {
      who: "groups.read",
      tag,
      summary: "List groups by name",
      request: { query: groupFilterSchema },
      responses: { 200: answers(z.array(group), "Groups"), ...problems(401, 403, 422) },
    }),
    async (c) => c.json(await listGroups(c.var.ctx, c.req.valid("query")), 200),
  )
  .openapi(
    route("post", "/", {
      who: "groups.change",
      audit: ["group.create"],
      tag,
      summary: "Make an empty group",
      request: takes(newGroupSchema),
      responses: { 201: answers(detail, "The group"), ...problems(...COMMON, 409) },
    }),
    async (c) => c.json(await createGroup(c.var.ctx, c.req.valid("json")), 201),
  )
  .openapi(
    route("get", "/{id}", {
      who: "groups.read",
      tag,
      summary: "Read a group with its members",
      request: { params: idParams },
      responses: { 200: answers(detail, "The group"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => c.json(await getGroup(c.var.ctx, c.req.valid("param").id), 200),
  )
  .openapi(
    route("patch", "/{id}", {
      who: "groups.change",
      audit: ["group.update"],
      tag,
      summary: "Change a group's name or description",
      request: { params: idParams, ...takes(groupPatchSchema) },
      responses: { 200: answers(detail, "The group"), ...problems(...COMMON, 404, 409) },
    }),
    async (c) => c.json(await updateGroup(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200),
  )
  .openapi(
    route("delete", "/{id}", {
      who: "groups.change",
      audit: ["group.delete"],
      tag,
      summary: "Delete a group; what was shared with it is no longer",
      request: { params: idParams },
      responses: { 200: answers(messageSchema, "Done"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => {
      const { id } = await deleteGroup(c.var.ctx, c.req.valid("param").id);
      return c.json({ message: "Group deleted", id }, 200);
    },
  )
  .openapi(
    route("put", "/{id}/members/{user_id}", {
      who: "groups.change",
      audit: ["group.add_member"],
      tag,
      summary: "Add a member to a group",
      request: { params: memberParams },
      responses: { 200: answers(detail, "The group"), ...problems(...COMMON, 404, 409) },
    }),
    async (c) => {
      const { id, user_id } = c.req.valid("param");
      return c.json(await addMember(c.var.ctx, id, user_id), 200);
    },
  )
  .openapi(
    route("delete", "/{id}/members/{user_id}", {
      who: "groups.change",
      audit: ["group.remove_member"],
      tag,
      summary: "Remove a member from a group",
      request: { params: memberParams },
      responses: { 200: answers(detail, "The group"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => {
      const { id, user_id } = c.req.valid("param");
      return c.json(await removeMember(c.var.ctx, id, user_id), 200);
    },
  );
