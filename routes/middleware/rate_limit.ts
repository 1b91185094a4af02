import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { RateRule } from "../../lib/platform/cache/cache.ts";
import {
  networkOf,
  perMinute,
  requireAllowance,
  spendAllowance,
} from "../../lib/platform/cache/rate_limit.ts";
import type { AppEnv } from "../env.ts";
import { clientAddress } from "./session.ts";

/**
 * Limits requests a minute by account, key, tenant and address together; anonymous requests by address alone. The
 * headers describe the rule with the least left. When the limiter is unavailable, requests pass.
 */
export function rateLimit() {
  return createMiddleware<AppEnv>(async function rateLimit(c, next) {
    const decision = await spendAllowance(c.var.platform, rulesFor(c));
    if (decision) {
      c.header("X-RateLimit-Limit", String(decision.limit));
      c.header("X-RateLimit-Remaining", String(decision.remaining));
      c.header("X-RateLimit-Reset", String(decision.resetSeconds));
    }
    requireAllowance(decision);
    await next();
  });
}

function rulesFor(c: Context<AppEnv>): [RateRule, ...RateRule[]] {
  const { config } = c.var.platform;
  const network = networkOf(clientAddress(c));
  if (!c.var.ctx) return [perMinute("anonymous", network, config.RATE_LIMIT_PER_MINUTE)];
  const { userId, keyId, tenantId } = c.var.ctx.actor;
  return [
    perMinute("person", userId!, config.RATE_LIMIT_PER_MINUTE),
    ...(keyId ? [perMinute("key", keyId, config.RATE_LIMIT_KEY_PER_MINUTE)] : []),
    perMinute("tenant", tenantId, config.RATE_LIMIT_TENANT_PER_MINUTE),
    perMinute("address", network, config.RATE_LIMIT_ADDRESS_PER_MINUTE),
  ];
}
