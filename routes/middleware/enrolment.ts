import { createMiddleware } from "hono/factory";
import { requestError } from "../reasons.ts";
import type { AppEnv } from "../env.ts";

/**
 * Refuses an account whose tenant demands a second factor that it does not have yet. Routes that set one up, and those
 * to sign out, go without this step. Pages redirect there (`ui/kit/render.tsx`).
 */
export function enrolment() {
  return createMiddleware<AppEnv>(async function enrolment(c, next) {
    if (c.var.ctx?.actor.mustEnrol) throw requestError("second_factor_required");
    await next();
  });
}
