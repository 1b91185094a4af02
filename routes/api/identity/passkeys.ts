import {
  beginPasskey,
  createPasskey,
  deletePasskey,
  listPasskeys,
  renamePasskey,
} from "../../../lib/identity/passkeys/passkeys.ts";
import {
  creationOptionsSchema,
  newPasskeySchema,
  passkeyPatchSchema,
  passkeySchema,
  passkeySignInSchema,
  requestOptionsSchema,
} from "../../../lib/identity/passkeys/schema.ts";
import { tokenPairSchema } from "../../../lib/identity/sign_ins/schema.ts";
import { beginPasskeySignIn, signInClientByPasskey } from "../../../lib/identity/sign_ins/sign_ins.ts";
import type { AppEnv } from "../../env.ts";
import { originOf, siteOf } from "../../middleware/session.ts";
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

const tag = "auth";
const passkey = passkeySchema.meta({ id: "Passkey" });
const made = z.object({ passkey, recovery_codes: z.array(z.string()).nullable() }).meta({
  id: "PasskeyMade",
});
/** The account's own passkeys. */
export const passkeys = new OpenAPIHono<AppEnv>()
  .openapi(
    route("get", "/", {
      who: "account.read",
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "List my passkeys with last use",
      responses: { 200: answers(z.array(passkey), "The oldest first"), ...problems(401, 403) },
    }),
    async (c) => c.json(await listPasskeys(c.var.ctx), 200),
  )
  .openapi(
    route("post", "/options", {
      who: "account.change",
      audit: { none: "a challenge alone: what answers it is recorded" },
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "Options for a new passkey, good once for ten minutes",
      recent: "always",
      responses: {
        200: answers(creationOptionsSchema, "For navigator.credentials.create"),
        ...problems(...COMMON),
      },
    }),
    async (c) => c.json({ ...await beginPasskey(c.var.ctx, siteOf(c)) }, 200),
  )
  .openapi(
    route("post", "/", {
      who: "account.change",
      audit: ["passkey.create"],
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "Keep a new passkey",
      description: "With the first method my other sessions end.",
      recent: "always",
      request: takes(newPasskeySchema),
      responses: {
        201: answers(made, "The passkey; ten recovery codes, told once, null when there were some"),
        ...problems(...COMMON, 409),
      },
    }),
    async (c) => c.json(await createPasskey(c.var.ctx, siteOf(c), c.req.valid("json")), 201),
  )
  .openapi(
    route("patch", "/{id}", {
      who: "account.change",
      audit: ["passkey.update"],
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "Rename a passkey of mine",
      recent: "always",
      request: { params: idParams, ...takes(passkeyPatchSchema) },
      responses: { 200: answers(passkey, "The passkey"), ...problems(...COMMON, 404) },
    }),
    async (c) =>
      c.json(await renamePasskey(c.var.ctx, c.req.valid("param").id, c.req.valid("json").name), 200),
  )
  .openapi(
    route("delete", "/{id}", {
      who: "account.change",
      audit: ["passkey.delete"],
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "Remove a passkey of mine; my other sessions end",
      recent: "always",
      request: { params: idParams },
      responses: { 200: answers(messageSchema, "Done"), ...problems(401, 403, 404, 409, 422) },
    }),
    async (c) => {
      const { id } = await deletePasskey(c.var.ctx, c.req.valid("param").id);
      return c.json({ message: "Passkey removed", id }, 200);
    },
  );

/** Sign-in by passkey, without a password. */
export const passkeySignIn = new OpenAPIHono<AppEnv>()
  .openapi(
    route("post", "/options", {
      who: "public",
      audit: { none: "a challenge alone: what answers it is recorded" },
      beforeEnrolment: true,
      tag,
      summary: "Options for signing in by a passkey, good once for ten minutes",
      responses: {
        200: answers(requestOptionsSchema, "For navigator.credentials.get"),
        ...problems(400, 413, 415, 422),
      },
    }),
    async (c) => c.json({ ...await beginPasskeySignIn(c.var.platform, siteOf(c)) }, 200),
  )
  .openapi(
    route("post", "/", {
      who: "public",
      audit: ["session.create"],
      beforeEnrolment: true,
      tag,
      summary: "Sign in by a passkey alone",
      request: takes(passkeySignInSchema),
      responses: {
        200: answers(tokenPairSchema.meta({ id: "TokenPair" }), "A token pair"),
        ...problems(400, 401, 413, 415, 422),
      },
    }),
    async (c) => {
      const { credential } = c.req.valid("json");
      return c.json(await signInClientByPasskey(c.var.platform, siteOf(c), credential, originOf(c)), 200);
    },
  );
