import {
  createApiKey,
  deleteApiKey,
  getApiKey,
  listApiKeys,
  revokeApiKey,
  updateApiKey,
} from "../../../lib/identity/api_keys/api_keys.ts";
import {
  apiKeyFilterSchema,
  apiKeyPatchSchema,
  apiKeySchema,
  newApiKeySchema,
} from "../../../lib/identity/api_keys/schema.ts";
import type { AppEnv } from "../../env.ts";
import { answers, COMMON, idParams, OpenAPIHono, problems, route, takes, z } from "../openapi.ts";

const tag = "api keys";
const key = apiKeySchema.meta({ id: "ApiKey" });
const made = apiKeySchema.extend({ key: z.string() }).meta({ id: "ApiKeyMade" });

/** API keys: the account's own; administrators see and revoke all of their tenant. */
export const apiKeys = new OpenAPIHono<AppEnv>()
  .openapi(
    route("get", "/", {
      who: "api_keys.read",
      tag,
      summary: "List API keys, newest first",
      request: { query: apiKeyFilterSchema },
      responses: { 200: answers(z.array(key), "Keys"), ...problems(401, 403, 422) },
    }),
    async (c) => c.json(await listApiKeys(c.var.ctx, c.req.valid("query")), 200),
  )
  .openapi(
    route("post", "/", {
      who: "api_keys.change",
      audit: ["api_key.create"],
      tag,
      recent: "always",
      summary: "Make an API key; `key` is told once",
      description: "Without `expires_in_days` it ends after 365 days; null stands for a key without an end.",
      request: takes(newApiKeySchema),
      responses: { 201: answers(made, "The key"), ...problems(...COMMON) },
    }),
    async (c) => c.json(await createApiKey(c.var.ctx, c.req.valid("json")), 201),
  )
  .openapi(
    route("get", "/{id}", {
      who: "api_keys.read",
      tag,
      summary: "Read an API key",
      request: { params: idParams },
      responses: { 200: answers(key, "The key"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => c.json(await getApiKey(c.var.ctx, c.req.valid("param").id), 200),
  )
  .openapi(
    route("patch", "/{id}", {
      who: "api_keys.change",
      audit: ["api_key.update"],
      tag,
      recent: "always",
      summary: "Change the name or scopes of my key",
      request: { params: idParams, ...takes(apiKeyPatchSchema) },
      responses: { 200: answers(key, "The key"), ...problems(...COMMON, 404) },
    }),
    async (c) => c.json(await updateApiKey(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200),
  )
  .openapi(
    route("delete", "/{id}", {
      who: "api_keys.change",
      audit: ["api_key.delete"],
      tag,
      summary: "End a key and take it out of the list",
      request: { params: idParams },
      responses: { 204: { description: "Done" }, ...problems(401, 403, 404, 422) },
    }),
    async (c) => {
      await deleteApiKey(c.var.ctx, c.req.valid("param").id);
      return c.body(null, 204);
    },
  )
  .openapi(
    route("post", "/{id}/revoke", {
      who: "api_keys.change",
      audit: ["api_key.revoke"],
      tag,
      summary: "End a key; it stays in the list",
      request: { params: idParams },
      responses: { 200: answers(key, "The key"), ...problems(...COMMON, 404) },
    }),
    async (c) => c.json(await revokeApiKey(c.var.ctx, c.req.valid("param").id), 200),
  );
