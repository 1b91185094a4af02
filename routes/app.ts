// The program as one function from Request to Response: middleware for every request, and the mounts. What holds for a
// single route is in its own declaration (policy.ts).
import { Hono } from "hono";
import type { Platform } from "../lib/platform/platform.ts";
import { createApi } from "./api/mod.ts";
import { routesOf } from "./declare.ts";
import type { AppEnv } from "./env.ts";
import { createEvents } from "./events.ts";
import { createMedia, createObjects } from "./media.ts";
import { accessLog } from "./middleware/access_log.ts";
import { context } from "./middleware/context.ts";
import { limitHead, requireHost, requireUtf8Address } from "./middleware/limits.ts";
import { securityHeaders } from "./middleware/security_headers.ts";
import { answerProblem, noSuchEndpoint } from "./problems.ts";
import { createStatic } from "./static.ts";
import { createSystem } from "./system.ts";
import { createUi } from "./ui/mod.tsx";
import { answerErrorPage } from "./ui/kit/render.tsx";

/** Makes the app. Stateless: any number of them run side by side on the same parts. */
export function createApp(platform: Platform): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const { S3_PUBLIC_ENDPOINT } = platform.config;
  app.use(
    context(platform),
    accessLog(),
    securityHeaders(S3_PUBLIC_ENDPOINT && new URL(S3_PUBLIC_ENDPOINT).origin),
    requireHost(),
    limitHead(),
    requireUtf8Address(),
  );
  app.route("/static", createStatic());
  app.route("/", createSystem());
  app.route("/api/v1", createApi());
  app.route("/api", createOtherVersions());
  app.route("/media", createMedia());
  app.route("/objects", createObjects());
  app.route("/events", createEvents());
  app.route("/", createUi());
  app.onError((error, c) =>
    c.var.policy?.surface === "page" ? answerErrorPage(error, c) : answerProblem(error, c)
  );
  return app;
}

/** Versions of the API that do not exist answer as programs expect it, not with a page. */
function createOtherVersions(): Hono<AppEnv> {
  const other = new Hono<AppEnv>();
  routesOf(other, "api").rest({ who: "public", rate: "none", body: "unread" }, noSuchEndpoint);
  return other;
}
