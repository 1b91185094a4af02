import { createMiddleware } from "hono/factory";
import { AppError } from "../../lib/platform/errors.ts";
import type { AppEnv } from "../env.ts";

/** What somebody may do who has to set up a second factor first: that, their own account, and leaving. */
const OPEN = [
  /^\/api\/v1\/(health(\/.*)?|openapi\.json|docs)$/,
  /^\/api\/v1\/auth\/(login(\/.*)?|refresh|logout|logout-all|me(\/.*)?|sessions(\/.*)?)$/,
  /^\/(sign-in(\/.*)?|sign-out|settings\/(security(\/.*)?|appearance)|livez|readyz)$/,
];

/** Holds whoever has to set up a second factor first to doing so. Pages lead there (`ui/kit/render.tsx`). */
export function enrolment() {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (c.var.ctx?.actor.mustEnrol && !OPEN.some((open) => open.test(c.req.path))) {
      throw new AppError(
        "forbidden",
        "Your organisation asks for a second factor. Set one up at /settings/security, or by POST to " +
          "/api/v1/auth/me/second-factor/totp and its confirm, then repeat this.",
      );
    }
    await next();
  });
}
