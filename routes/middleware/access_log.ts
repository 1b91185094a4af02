import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { httpRequests } from "../../lib/platform/observe/metrics.ts";
import { nameRequest } from "../../lib/platform/observe/trace.ts";
import { AppError } from "../../lib/platform/errors.ts";
import type { AppEnv } from "../env.ts";
import { clientAddress } from "./session.ts";

/** Clients can invent methods; each label value would add a metric series that never goes away. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Logs and measures each request by its route pattern, without ids, and logs a second line for each 403. */
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
      c.var.log.warn("access_denied", {
        ...asked,
        reason: c.error.reason,
        detail: c.error.message,
        address,
        ...who,
      });
    }
  });
}
