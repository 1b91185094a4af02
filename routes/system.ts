import { Hono } from "hono";
import { accepts } from "hono/accepts";
import { isMetricsReader, measure } from "../lib/operation/health/measure.ts";
import { printMetrics } from "../lib/platform/observe/metrics.ts";
import { VERSION } from "../lib/platform/version.ts";
import { routesOf } from "./declare.ts";
import type { AppEnv } from "./env.ts";
import { requirePermission } from "../lib/access/permissions.ts";
import { requestError } from "./reasons.ts";

const UNLOGGED = { who: "public", session: false, log: "debug" } as const;
const METRICS = {
  who: "metrics.read",
  orElse: { who: "public", when: "with METRICS_TOKEN; in development also without" },
  log: "debug",
} as const;

/** Endpoints for orchestrators and Prometheus. */
export function createSystem(): Hono<AppEnv> {
  const system = new Hono<AppEnv>();
  const routes = routesOf(system, "system");
  routes.get("/", { who: "public", session: false }, async (c, next) => {
    const wanted = accepts(c, {
      header: "Accept",
      supports: ["text/html", "application/json"],
      default: "text/html",
    });
    if (wanted !== "application/json") return await next();
    c.header("Vary", "Accept");
    return c.json({ name: "Akashi", version: VERSION, docs: "/api/v1/docs" });
  });
  routes.get("/livez", UNLOGGED, (c) => c.text("ok"));
  routes.get("/readyz", UNLOGGED, async (c) => {
    try {
      await c.var.platform.db.check();
      return c.text("ok");
    } catch {
      return c.text("the database does not answer", 503);
    }
  });
  routes.get("/metrics", METRICS, async (c) => {
    const { platform, ctx } = c.var;
    if (!isMetricsReader(platform.config, c.req.header("Authorization"))) {
      if (!ctx) throw requestError("superuser_required");
      requirePermission(ctx, "metrics.read");
    }
    await measure(platform);
    const { body, contentType } = await printMetrics();
    return c.body(body, 200, { "Content-Type": contentType });
  });
  return system;
}
