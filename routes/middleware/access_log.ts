import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { httpRequests } from "../../lib/platform/metrics.ts";
import { nameRequest } from "../../lib/platform/trace.ts";
import type { AppEnv } from "../env.ts";

/** Anybody may make up more; each would be a series of its own for ever. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const QUIET = ["/static/*", "/livez", "/readyz", "/metrics"];

/** One line and one measurement per request, by the route's pattern and never by its ids. */
export function accessLog() {
  return createMiddleware<AppEnv>(async (c, next) => {
    const started = performance.now();
    await next();
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const route = routePath(c);
    nameRequest(c.req.method, route);
    const method = METHODS.includes(c.req.method) ? c.req.method : "other";
    httpRequests.observe({ method, route, status: String(c.res.status) }, ms / 1000);
    const level = QUIET.includes(route) ? "debug" : "info";
    c.var.log[level]("request", {
      ...{ method: c.req.method, route, path: c.req.path, status: c.res.status, ms },
      ...(c.var.ctx && { tenant_id: c.var.ctx.actor.tenantId, user_id: c.var.ctx.actor.userId }),
    });
  });
}
