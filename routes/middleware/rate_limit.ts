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
import type { Policy } from "../policy.ts";
import { clientAddress } from "./session.ts";

type RateClass = Exclude<Policy["rate"], "none">;

/**
 * Limits requests a minute. API requests count by account, key, tenant and address together, anonymous ones by address
 * alone, and headers describe the rule with the least left. Pages and media count by account, or by address when
 * anonymous. When the limiter is unavailable, requests pass.
 */
export function rateLimit(rate: RateClass) {
  return createMiddleware<AppEnv>(async function rateLimit(c, next) {
    const rules = rate === "standard" ? standardRules(c) : classRules(c, rate);
    const decision = await spendAllowance(c.var.platform, rules);
    if (decision && rate === "standard") {
      c.header("X-RateLimit-Limit", String(decision.limit));
      c.header("X-RateLimit-Remaining", String(decision.remaining));
      c.header("X-RateLimit-Reset", String(decision.resetSeconds));
    }
    requireAllowance(decision);
    await next();
  });
}

function standardRules(c: Context<AppEnv>): [RateRule, ...RateRule[]] {
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

function classRules(c: Context<AppEnv>, rate: "page" | "media"): [RateRule] {
  const { RATE_LIMIT_PAGES_PER_MINUTE, RATE_LIMIT_MEDIA_PER_MINUTE } = c.var.platform.config;
  const limit = rate === "page" ? RATE_LIMIT_PAGES_PER_MINUTE : RATE_LIMIT_MEDIA_PER_MINUTE;
  return [perMinute(rate, c.var.ctx?.actor.userId ?? networkOf(clientAddress(c)), limit)];
}
