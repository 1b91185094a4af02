import { deleteIdentity, listIdentities } from "../../../lib/identity/providers/identities.ts";
import {
  createProvider,
  deleteProvider,
  getProvider,
  listProviders,
  updateProvider,
} from "../../../lib/identity/providers/providers.ts";
import {
  identitySchema,
  newProviderSchema,
  providerPatchSchema,
  providerSchema,
} from "../../../lib/identity/providers/schema.ts";
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

const tag = "providers";
const provider = providerSchema.meta({ id: "Provider" });
const identity = identitySchema.meta({ id: "Identity" });

/** Single sign-on providers of a tenant (OpenID Connect). */
export const providers = new OpenAPIHono<AppEnv>()
  .openapi(
    route("get", "/", {
      who: "providers.read",
      tag,
      summary: "List providers of single sign-on, the oldest first",
      responses: { 200: answers(z.array(provider), "Providers"), ...problems(401, 403, 422) },
    }),
    async (c) => c.json(await listProviders(c.var.ctx), 200),
  )
  .openapi(
    route("post", "/", {
      who: "providers.change",
      audit: ["provider.create"],
      tag,
      recent: "always",
      summary: "Add a provider",
      request: takes(newProviderSchema),
      responses: { 201: answers(provider, "The provider, without its secret"), ...problems(...COMMON, 409) },
    }),
    async (c) => c.json(await createProvider(c.var.ctx, c.req.valid("json")), 201),
  )
  .openapi(
    route("get", "/{id}", {
      who: "providers.read",
      tag,
      summary: "Read a provider",
      request: { params: idParams },
      responses: { 200: answers(provider, "The provider"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => c.json(await getProvider(c.var.ctx, c.req.valid("param").id), 200),
  )
  .openapi(
    route("patch", "/{id}", {
      who: "providers.change",
      audit: ["provider.update"],
      tag,
      recent: "always",
      summary: "Change a provider; acts at the next sign-in",
      request: { params: idParams, ...takes(providerPatchSchema) },
      responses: { 200: answers(provider, "The provider"), ...problems(...COMMON, 404) },
    }),
    async (c) => c.json(await updateProvider(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200),
  )
  .openapi(
    route("delete", "/{id}", {
      who: "providers.change",
      audit: ["provider.delete"],
      tag,
      summary: "Remove a provider; accounts stay, and can no longer sign in by it",
      request: { params: idParams },
      responses: { 200: answers(messageSchema, "Done"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => {
      const { id } = await deleteProvider(c.var.ctx, c.req.valid("param").id);
      return c.json({ message: "Provider deleted", id }, 200);
    },
  );

/** Provider identities that are linked to the own account. */
export const identities = new OpenAPIHono<AppEnv>()
  .openapi(
    route("get", "/", {
      who: "account.read",
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "List the providers by which I have signed in",
      responses: { 200: answers(z.array(identity), "Providers, the last used first"), ...problems(401, 403) },
    }),
    async (c) => c.json(await listIdentities(c.var.ctx), 200),
  )
  .openapi(
    route("delete", "/{id}", {
      who: "account.change",
      audit: ["identity.delete"],
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "Come in by a provider no more; my other sessions end",
      recent: "always",
      request: { params: idParams },
      responses: { 200: answers(messageSchema, "Done"), ...problems(401, 403, 404, 409, 422) },
    }),
    async (c) => {
      const { provider_id: id } = await deleteIdentity(c.var.ctx, c.req.valid("param").id);
      return c.json({ message: "Provider unlinked", id }, 200);
    },
  );
