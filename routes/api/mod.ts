// The JSON API under /api/v1: mounts of all nouns, and the OpenAPI document.
import { createMiddleware } from "hono/factory";
import { VERSION } from "../../lib/platform/version.ts";
import { routesOf } from "../declare.ts";
import type { AppEnv } from "../env.ts";
import { apiKeys } from "./identity/api_keys.ts";
import { assets } from "./library/assets.ts";
import { audit } from "./audit/audit.ts";
import { auth } from "./identity/auth.ts";
import { renderDocs } from "./docs.tsx";
import { groups } from "./identity/groups.ts";
import { healthApi } from "./operation/health.ts";
import { ingestion } from "./library/ingest.ts";
import { invalidInput } from "../input.ts";
import { jobs } from "./work/jobs.ts";
import { OpenAPIHono } from "./openapi.ts";
import { passkeys, passkeySignIn } from "./identity/passkeys.ts";
import { passwordResets } from "./identity/password_resets.ts";
import { answerProblem, noSuchEndpoint } from "../problems.ts";
import { identities, providers } from "./identity/providers.ts";
import { secondFactors } from "./identity/second_factors.ts";
import { sessions } from "./identity/sessions.ts";
import { tenants } from "./tenancy/tenants.ts";
import { uploads } from "./library/uploads.ts";
import { usage } from "./tenancy/usage.ts";
import { users } from "./identity/users.ts";

const REFERENCE = { who: "public", beforeEnrolment: true } as const;

/** Makes the API. */
export function createApi(): OpenAPIHono<AppEnv> {
  const api = new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.error);
    },
  });
  api.use(noStore());

  api.route("/health", healthApi);
  api.route("/auth", auth);
  api.route("/auth/login/passkey", passkeySignIn);
  api.route("/auth/me/second-factor", secondFactors);
  api.route("/auth/me/passkeys", passkeys);
  api.route("/auth/me/identities", identities);
  api.route("/auth", users);
  api.route("/auth/password-reset", passwordResets);
  api.route("/auth/sessions", sessions);
  api.route("/api-keys", apiKeys);
  api.route("/groups", groups);
  api.route("/providers", providers);
  api.route("/tenants", tenants);
  api.route("/usage", usage);
  api.route("/audit", audit);
  api.route("/ingest", ingestion);
  api.route("/uploads", uploads);
  api.route("/assets", assets);
  api.route("/jobs", jobs);

  api.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "An access token from /auth/login, or an API key. A browser's session cookie works too.",
  });
  api.openAPIRegistry.registerComponent("securitySchemes", "apiKey", {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description: "An API key, `aks_…`, from POST /api-keys.",
  });
  const routes = routesOf(api, "api");
  routes.get("/openapi.json", REFERENCE, (c) => c.json(describe(api)));
  routes.get("/docs", REFERENCE, (c) => c.html(renderDocs(describe(api))));
  routes.rest({ who: "signed_in" }, noSuchEndpoint);
  api.onError(answerProblem);
  return api;
}

function describe(api: OpenAPIHono<AppEnv>) {
  return api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Akashi",
      version: VERSION,
      description: "Media asset management: bring in, find, describe, hand on.",
    },
    servers: [{ url: "/api/v1" }],
  });
}

/** Answers depend on the account: shared caches must not keep them. */
function noStore() {
  return createMiddleware<AppEnv>(async function noStore(c, next) {
    await next();
    if (!c.res.headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
  });
}
