import { Hono } from "hono";
import { accepts } from "hono/accepts";
import { isMetricsReader, measure } from "../lib/operation/health/measure.ts";
import { printMetrics } from "../lib/platform/observe/metrics.ts";
import { VERSION } from "../lib/platform/version.ts";
import type { AppEnv } from "./env.ts";
import { requirePermission } from "../lib/access/permissions.ts";
import { AppError } from "../lib/platform/errors.ts";

/** What orchestrators and Prometheus ask. */
export function createSystem(): Hono<AppEnv> {
  const system = new Hono<AppEnv>();
  system.get("/", async (c, next) => {
    const wanted = accepts(c, {
      header: "Accept",
      supports: ["text/html", "application/json"],
      default: "text/html",
    });
    if (wanted !== "application/json") return await next();
    c.header("Vary", "Accept");
    return c.json({ name: "Akashi", version: VERSION, docs: "/api/v1/docs" });
  });
  system.get("/livez", (c) => c.text("ok"));
  system.get("/readyz", async (c) => {
    try {
      await c.var.platform.db.check();
      return c.text("ok");
    } catch {
      return c.text("the database does not answer", 503);
    }
  });
  // Numbers about every tenant: for administrators and whoever has METRICS_TOKEN; in development for everybody.
  system.get("/metrics", async (c) => {
    const { platform, ctx } = c.var;
    if (!isMetricsReader(platform.config, c.req.header("Authorization"))) {
      if (!ctx) throw new AppError("unauthenticated", "Sign in as an administrator to read metrics.");
      requirePermission(ctx, "metrics.read");
    }
    await measure(platform);
    const { body, contentType } = await printMetrics();
    return c.body(body, 200, { "Content-Type": contentType });
  });
  return system;
}
