import { createMiddleware } from "hono/factory";
import type { Platform } from "../../lib/platform/platform.ts";
import { newId } from "../../lib/platform/ids.ts";
import type { AppEnv } from "../env.ts";

const REQUEST_ID = /^[\w.-]{8,100}$/;

/**
 * Attaches the platform and a request id to the request. The `X-Request-Id` of a trusted proxy is kept; a client's own
 * is not, as it could imitate another request in the logs.
 */
export function context(platform: Platform) {
  return createMiddleware<AppEnv>(async function context(c, next) {
    const given = platform.config.TRUSTED_PROXIES > 0 ? c.req.header("X-Request-Id") : undefined;
    const requestId = given && REQUEST_ID.test(given) ? given : newId();
    c.set("platform", platform);
    c.set("requestId", requestId);
    c.set("log", platform.log.with({ request_id: requestId }));
    await next();
    c.header("X-Request-Id", requestId);
  });
}
