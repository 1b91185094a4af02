import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { httpRequests } from "../../lib/platform/observe/metrics.ts";
import { nameRequest } from "../../lib/platform/observe/trace.ts";
import { AppError } from "../../lib/platform/errors.ts";
import type { AppEnv } from "../env.ts";
import { clientAddress } from "./session.ts";

/** Anybody may make up more; each would be a series of its own for ever. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** One line and one measurement per request, by the route's pattern and never by its ids; a second line for a refusal. */
export function accessLog() {
  return createMiddleware<AppEnv>(async function accessLog(c, next) {
    const started = performance.now();
    await next();
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const route = routePath(c);
    nameRequest(c.req.method, route);
    const method = METHODS.includes(c.req.method) ? c.req.method : "other";
    httpRequests.observe({ method, route, status: String(c.res.status) }, ms / 1000);
    const asked = { method: c.req.method, route, path: c.req.path };
    const { tenantId: tenant_id, userId: user_id, keyId: api_key_id } = c.var.ctx?.actor ?? {};
    const who = { tenant_id, user_id, api_key_id };
    c.var.log[c.var.policy?.log ?? "info"]("request", { ...asked, status: c.res.status, ms, ...who });
    if (c.error instanceof AppError && c.error.code === "forbidden") {
      const address = clientAddress(c);
      c.var.log.warn("access_denied", { ...asked, reason: c.error.message, address, ...who });
    }
  });
}
