import { checkHealth } from "../../../lib/operation/health/health.ts";
import { VERSION } from "../../../lib/platform/version.ts";
import type { AppEnv } from "../../env.ts";
import { answers, OpenAPIHono, problems, route, z } from "../openapi.ts";

const tag = "health";
const health = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  database: z.string(),
  storage: z.string(),
  cache: z.string(),
  queue: z.string(),
  workers: z.string(),
  mail: z.string(),
}).meta({ id: "Health" });
const alive = z.object({ status: z.literal("ok"), version: z.string() }).meta({ id: "Alive" });

/** Health of the installation, without authentication. */
export const healthApi = new OpenAPIHono<AppEnv>()
  .openapi(
    route("get", "/", {
      who: "public",
      beforeEnrolment: true,
      rate: "none",
      tag,
      summary: "How each part is",
      responses: {
        ...problems(),
        200: answers(health, "People can work; `degraded` when some part is away"),
        503: answers(health, "Database or storage is away"),
      },
    }),
    async (c) => {
      const { status, usable, parts } = await checkHealth(c.var.platform);
      return c.json({ status, version: VERSION, ...parts }, usable ? 200 : 503);
    },
  )
  .openapi(
    route("get", "/live", {
      who: "public",
      beforeEnrolment: true,
      rate: "none",
      tag,
      summary: "This process runs",
      responses: { ...problems(), 200: answers(alive, "It does") },
    }),
    (c) => c.json({ status: "ok" as const, version: VERSION }, 200),
  )
  .openapi(
    route("get", "/ready", {
      who: "public",
      beforeEnrolment: true,
      rate: "none",
      tag,
      summary: "This process can answer requests",
      responses: { ...problems(), 200: answers(alive, "It can") },
    }),
    async (c) => {
      await c.var.platform.db.check();
      return c.json({ status: "ok" as const, version: VERSION }, 200);
    },
  );
