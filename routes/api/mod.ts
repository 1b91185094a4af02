// The JSON API under /api/v1: what is mounted where, what holds for all of it, and its description.
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { AppError } from "../../lib/platform/errors.ts";
import { tenantCodeSchema } from "../../lib/tenancy/tenants/schema.ts";
import { actIn } from "../../lib/tenancy/tenants/tenants.ts";
import { VERSION } from "../../lib/platform/version.ts";
import type { AppEnv } from "../env.ts";
import { isStreamed, limitJson, limitPages } from "../middleware/limits.ts";
import { rateLimit } from "../middleware/rate_limit.ts";
import { signedIn } from "../middleware/session.ts";
import { apiKeys } from "./identity/api_keys.ts";
import { assets } from "./library/assets.ts";
import { audit } from "./audit/audit.ts";
import { auth } from "./identity/auth.ts";
import { renderDocs } from "./docs.tsx";
import { groups } from "./identity/groups.ts";
import { healthApi } from "./operation/health.ts";
import { ingestion } from "./library/ingest.ts";
import { invalidInput, parseInput } from "./input.ts";
import { jobs } from "./work/jobs.ts";
import { OpenAPIHono, z } from "./openapi.ts";
import { passkeys, passkeySignIn } from "./identity/passkeys.ts";
import { passwordResets } from "./identity/password_resets.ts";
import { answerProblem } from "../problems.ts";
import { identities, providers } from "./identity/providers.ts";
import { secondFactors } from "./identity/second_factors.ts";
import { sessions } from "./identity/sessions.ts";
import { tenants } from "./tenancy/tenants.ts";
import { uploads } from "./library/uploads.ts";
import { usage } from "./tenancy/usage.ts";
import { users } from "./identity/users.ts";

/** What strangers may ask. */
const PUBLIC =
  /^\/api\/v1\/(health(\/|$)|auth\/(login(\/passkey(\/options)?)?|refresh|register|password-reset(\/confirm)?)$|openapi\.json$|docs$)/;
/** What is about one's own account and sessions, or about tenants from outside: there is no acting in another one. */
const OWN = /^\/api\/v1\/(auth\/(me|sessions|logout|logout-all)|tenants)(\/|$)/;
/** Health is asked by machines; a folder that is dropped is hundreds of uploads, each as many requests as it takes. */
const UNLIMITED = /^\/api\/v1\/(health|uploads)(\/|$)/;

/** Makes the API. Every route but the public ones needs a signed-in actor: that is decided here, once. */
export function createApi(): OpenAPIHono<AppEnv> {
  const api = new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.error);
    },
  });
  const limited = rateLimit();
  const authenticated = signedIn();
  const json = jsonBody();
  api.use((c, next) => UNLIMITED.test(c.req.path) ? next() : limited(c, next));
  api.use((c, next) => PUBLIC.test(c.req.path) ? next() : authenticated(c, next));
  api.use((c, next) => isStreamed(c.req.path) ? next() : json(c, next));
  api.use(limitJson(), limitPages());
  api.use(actingIn());
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
  api.get("/openapi.json", (c) => c.json(describe(api)));
  api.get("/docs", (c) => c.html(renderDocs(describe(api))));
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

/** Unsafe requests with a body speak JSON. */
function jsonBody() {
  return createMiddleware<AppEnv>(async (c, next) => {
    const hasBody = (c.req.header("Content-Length") ?? "0") !== "0" ||
      c.req.header("Transfer-Encoding") !== undefined;
    if (hasBody && !/^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(c.req.header("Content-Type") ?? "")) {
      throw new AppError("unsupported", "Send this as application/json.");
    }
    await next();
  });
}

/**
 * Lets a superuser act in the tenant that `tenant_code` names in the query or the JSON body; for all others it must be
 * their own. Nobody acts on their own account in a tenant that it is not in.
 */
function actingIn() {
  return createMiddleware<AppEnv>(async (c, next) => {
    for (const tenantCode of c.var.ctx ? [c.req.query("tenant_code"), await namedInBody(c)] : []) {
      if (!tenantCode) continue;
      const { tenant_code } = parseInput(z.object({ tenant_code: tenantCodeSchema }), {
        tenant_code: tenantCode,
      });
      const acting = await actIn(c.var.ctx, tenant_code);
      if (!OWN.test(c.req.path)) c.set("ctx", acting);
    }
    await next();
  });
}

/** The `tenant_code` of a JSON body that nobody has read yet; what is no JSON is for the route to refuse. */
async function namedInBody(c: Context<AppEnv>): Promise<string | undefined> {
  if (!c.req.raw.body || isStreamed(c.req.path) || PUBLIC.test(c.req.path)) return undefined;
  try {
    const tenantCode = JSON.parse(await c.req.text())?.tenant_code;
    return typeof tenantCode === "string" ? tenantCode : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Answers belong to whoever asked; no cache in between keeps them. */
function noStore() {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    if (!c.res.headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
  });
}
