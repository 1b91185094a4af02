import { createMiddleware } from "hono/factory";
import { AppError } from "../../lib/platform/errors.ts";
import type { AppEnv } from "../env.ts";

/**
 * Refuses an account whose tenant demands a second factor that it does not have yet. Routes that set one up, and those
 * to sign out, go without this step. Pages redirect there (`ui/kit/render.tsx`).
 */
export function enrolment() {
  return createMiddleware<AppEnv>(async function enrolment(c, next) {
    if (c.var.ctx?.actor.mustEnrol) {
      throw new AppError(
        "forbidden",
        "Your organisation asks for a second factor. Set one up at /settings/security, or by POST to " +
          "/api/v1/auth/me/second-factor/totp and its confirm, then repeat this.",
      );
    }
    await next();
  });
}
