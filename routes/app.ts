// The whole program as one function from Request to Response: who is asked in which order, and what is mounted where.
import { Hono } from "hono";
import type { Platform } from "../lib/platform/platform.ts";
import { AppError } from "../lib/platform/errors.ts";
import { createApi } from "./api/mod.ts";
import { answerProblem } from "./problems.ts";
import type { AppEnv } from "./env.ts";
import { createEvents } from "./events.ts";
import { createMedia, createObjects } from "./media.ts";
import { accessLog } from "./middleware/access_log.ts";
import { context } from "./middleware/context.ts";
import { enrolment } from "./middleware/enrolment.ts";
import { limitHead, limitTime } from "./middleware/limits.ts";
import { rateLimit } from "./middleware/rate_limit.ts";
import { securityHeaders } from "./middleware/security_headers.ts";
import { session } from "./middleware/session.ts";
import { createStatic } from "./static.ts";
import { createSystem } from "./system.ts";
import { createUi } from "./ui/mod.tsx";
import { answerErrorPage } from "./ui/kit/render.tsx";

/** What strangers may send to the pages. */
const STRANGERS = [
  "/sign-in",
  "/sign-in/passkey",
  "/sign-in/second-step",
  "/sign-in/second-step/options",
  "/sign-in/second-step/passkey",
  "/join",
  "/forgot",
  "/reset",
];

/** The way to a provider of single sign-on and back. */
const BY_PROVIDER = ["/sign-in/with/:provider", "/sign-in/back/:provider"];

/** Makes the app. Stateless: any number of them run side by side on the same parts. */
export function createApp(platform: Platform): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const { S3_PUBLIC_ENDPOINT } = platform.config;
  app.use(
    context(platform),
    accessLog(),
    securityHeaders(S3_PUBLIC_ENDPOINT && new URL(S3_PUBLIC_ENDPOINT).origin),
  );
  app.use(limitHead(), limitTime());
  app.route("/static", createStatic());
  app.use(session(), enrolment());
  app.route("/", createSystem());
  app.route("/api/v1", createApi());
  app.route("/media", createMedia());
  app.route("/objects", createObjects());
  app.route("/events", createEvents());
  app.on("POST", STRANGERS, rateLimit());
  app.on("GET", BY_PROVIDER, rateLimit());
  app.use((c, next) => {
    if (isPage(c.req.path)) return next();
    throw new AppError("not_found", "There is no such endpoint.");
  });
  app.route("/", createUi());
  app.onError((error, c) => isPage(c.req.path) ? answerErrorPage(error, c) : answerProblem(error, c));
  return app;
}

/** People read pages; everything else is read by programs. */
function isPage(path: string): boolean {
  return !/^\/(api|media|objects|events|static|livez|readyz|metrics)(\/|$)/.test(path);
}
