import type { Context } from "hono";
import {
  acceptInvitation,
  createInvitation,
  deleteInvitation,
  listInvitations,
} from "../../../lib/identity/invitations/invitations.ts";
import {
  acceptanceSchema,
  invitationSchema,
  newInvitationSchema,
} from "../../../lib/identity/invitations/schema.ts";
import { requestError } from "../../reasons.ts";
import { resetSecondFactor } from "../../../lib/identity/sign_ins/reset_second_factor.ts";
import { tenantCodeSchema } from "../../../lib/tenancy/tenants/schema.ts";
import { actIn } from "../../../lib/tenancy/tenants/tenants.ts";
import { createUser, getUser, listUsers, updateUser } from "../../../lib/identity/users/people.ts";
import {
  newUserSchema,
  userFilterSchema,
  userPatchSchema,
  userSchema,
} from "../../../lib/identity/users/schema.ts";
import type { AppEnv } from "../../env.ts";
import { originOf } from "../../middleware/session.ts";
import { parseInput } from "../../input.ts";
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

const tag = "people";
const user = userSchema.meta({ id: "User" });
const invitation = invitationSchema.meta({ id: "Invitation" });
const invited = invitationSchema.extend({ token: z.string() }).meta({ id: "InvitationMade" });
const tenantCode = z.object({ tenant_code: tenantCodeSchema });
const registration = z.object({
  ...newUserSchema.partial({ email: true }).shape,
  ...acceptanceSchema.partial({ token: true }).shape,
  ...tenantCode.shape,
});

/** Accounts of a tenant and invitations, for its administrators. */
export const users = new OpenAPIHono<AppEnv>()
  .openapi(
    route("post", "/register", {
      who: "users.change",
      audit: ["user.create", "invitation.accept"],
      orElse: { who: "public", when: "with the token of an invitation" },
      recent: "when an administrator makes it, in a session",
      tag,
      summary: "Make an account: as an administrator, or with an invitation's token",
      request: takes(registration),
      responses: { 201: answers(user, "The account"), ...problems(...COMMON, 404, 409) },
    }),
    async (c) => c.json(await register(c, c.req.valid("json")), 201),
  )
  .openapi(
    route("get", "/users", {
      who: "users.read",
      tag,
      summary: "List people by name",
      request: { query: userFilterSchema.extend(tenantCode.shape) },
      responses: { 200: answers(z.array(user), "People"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => {
      const { tenant_code: _, ...filter } = c.req.valid("query");
      return c.json(await listUsers(c.var.ctx, filter), 200);
    },
  )
  .openapi(
    route("get", "/users/{id}", {
      who: "users.read",
      tag,
      summary: "Read a person",
      request: { params: idParams, query: tenantCode },
      responses: { 200: answers(user, "The person"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => {
      const ctx = c.var.ctx;
      return c.json(await getUser(ctx, c.req.valid("param").id), 200);
    },
  )
  .openapi(
    route("patch", "/users/{id}", {
      who: "users.change",
      audit: ["user.update", "user.deactivate", "user.reactivate"],
      tag,
      recent: "when it gives more access, in a session, or changes the address",
      summary: "Change a person's name, address, role or state; acts at their next request",
      description:
        "Where mail is set up, another `email` is `pending_email` until the link that is sent there is opened.",
      request: { params: idParams, ...takes(userPatchSchema.extend(tenantCode.shape)) },
      responses: { 200: answers(user, "The person"), ...problems(...COMMON, 404, 409) },
    }),
    async (c) => {
      const { tenant_code: _, ...patch } = c.req.valid("json");
      return c.json(
        await updateUser(c.var.ctx, c.req.valid("param").id, patch),
        200,
      );
    },
  )
  .openapi(
    route("delete", "/users/{id}", {
      who: "users.change",
      audit: ["user.deactivate"],
      tag,
      summary: "Deactivate a person; their sessions and keys stop at once",
      request: { params: idParams, query: tenantCode },
      responses: { 200: answers(messageSchema, "Done"), ...problems(401, 403, 404, 409, 422) },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      await updateUser(c.var.ctx, id, { is_active: false });
      return c.json({ message: "User deactivated", id }, 200);
    },
  )
  .openapi(
    route("delete", "/users/{id}/second-factor", {
      who: "users.change",
      audit: ["second_factor.reset"],
      tag,
      recent: "always",
      summary: "Remove every second factor of an account whose owner lost theirs; its sessions end",
      request: { params: idParams, query: tenantCode },
      responses: { 200: answers(messageSchema, "Done"), ...problems(401, 403, 404, 409, 422) },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      await resetSecondFactor(c.var.ctx, id);
      return c.json({ message: "Second factor removed", id }, 200);
    },
  )
  .openapi(
    route("get", "/invitations", {
      who: "invitations.read",
      tag,
      summary: "List invitations that may still be accepted",
      request: { query: tenantCode },
      responses: { 200: answers(z.array(invitation), "Newest first"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => c.json(await listInvitations(c.var.ctx), 200),
  )
  .openapi(
    route("post", "/invitations", {
      who: "invitations.change",
      audit: ["invitation.create"],
      tag,
      recent: "when made in a session",
      summary:
        "Invite a person, by e-mail where that is set up; `token` is returned once and replaces an earlier one",
      request: takes(newInvitationSchema.extend(tenantCode.shape)),
      responses: { 201: answers(invited, "The invitation"), ...problems(...COMMON, 404, 409) },
    }),
    async (c) => {
      const { tenant_code: _, ...input } = c.req.valid("json");
      return c.json(await createInvitation(c.var.ctx, input), 201);
    },
  )
  .openapi(
    route("delete", "/invitations/{id}", {
      who: "invitations.change",
      audit: ["invitation.delete"],
      tag,
      summary: "Take an invitation back",
      request: { params: idParams, query: tenantCode },
      responses: { 200: answers(messageSchema, "Done"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      await deleteInvitation(c.var.ctx, id);
      return c.json({ message: "Invitation deleted", id }, 200);
    },
  );

async function register(c: Context<AppEnv>, { tenant_code, ...input }: z.output<typeof registration>) {
  if (input.token !== undefined) {
    const { address, requestId } = originOf(c);
    const from = { address: address ?? undefined, requestId };
    return await acceptInvitation(c.var.platform, parseInput(acceptanceSchema, input), from);
  }
  if (!c.var.ctx) throw requestError("administrator_required");
  return await createUser(await actIn(c.var.ctx, tenant_code), parseInput(newUserSchema, input));
}
