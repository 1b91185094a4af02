import { createMiddleware } from "hono/factory";
import { AppError } from "../../lib/platform/errors.ts";
import { rateLimitFailures } from "../../lib/platform/metrics.ts";
import type { AppEnv } from "../env.ts";
import { clientAddress } from "./session.ts";

const MINUTE_MS = 60_000;

/** So many requests a minute for each person, strangers by their address. Passes when the limiter cannot be asked. */
export function rateLimit() {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { cache, config, log } = c.var.platform;
    const key = c.var.ctx ? `user:${c.var.ctx.actor.userId}` : `address:${clientAddress(c)}`;
    const decision = await cache.take(key, config.RATE_LIMIT_PER_MINUTE, MINUTE_MS).catch((error) => {
      rateLimitFailures.inc();
      log.warn("rate_limit_unavailable", { error });
    });
    if (!decision) return await next();
    c.header("X-RateLimit-Limit", String(decision.limit));
    c.header("X-RateLimit-Remaining", String(decision.remaining));
    c.header("X-RateLimit-Reset", String(decision.resetSeconds));
    if (!decision.allowed) {
      const wait = Math.max(1, Math.ceil(decision.retryAfterSeconds));
      throw new AppError("rate_limited", `Too many requests. Try again in ${wait} s.`, { retryAfter: wait });
    }
    await next();
  });
}
