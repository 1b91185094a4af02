// Rate limiting fails open: when the limiter cannot be reached, requests pass and a warning is logged.
import type { Cache, RateDecision, RateRule } from "./cache.ts";
import { rateLimitError, type RateLimitReason } from "./reasons.ts";
import type { Log } from "../observe/log.ts";
import { rateLimitFailures, rateLimitRefusals } from "../observe/metrics.ts";

const MINUTE_MS = 60_000;

/** What a rule counts by: the first half of its key, and the label of the metric. */
export type RuleName =
  | "address"
  | "anonymous"
  | "key"
  | "media"
  | "page"
  | "person"
  | "sign_in"
  | "sign_in_address"
  | "tenant";

/** `limit` requests per minute for `subject`. */
export function perMinute(name: RuleName, subject: string, limit: number): RateRule {
  return { key: `${name}:${subject}`, limit, periodMs: MINUTE_MS };
}

/** Charges every rule, or none of them when one is exhausted. Undefined when the limiter cannot be reached. */
export async function spendAllowance(
  { cache, log }: { cache: Cache; log: Log },
  rules: readonly [RateRule, ...RateRule[]],
): Promise<RateDecision | undefined> {
  try {
    const decision = await cache.take(rules);
    if (!decision.allowed) rateLimitRefusals.inc({ rule: decision.key.split(":")[0]! });
    return decision;
  } catch (error) {
    rateLimitFailures.inc();
    log.warn("rate_limit_unavailable", { error });
  }
}

/** Throws `rate_limited` with `reason` and when to try again, for a refused decision. */
export function requireAllowance(
  decision: RateDecision | undefined,
  reason: Exclude<RateLimitReason, "streams"> = "requests",
): void {
  if (!decision || decision.allowed) return;
  const seconds = Math.max(1, decision.retryAfterSeconds);
  throw rateLimitError(reason, { seconds }, { retryAfter: seconds });
}

/**
 * The network that an Internet provider assigns to one customer: an IPv4 address, or the /64 prefix of an IPv6 address.
 */
export function networkOf(address: string): string {
  // Dual-stack listeners write IPv4 addresses inside IPv6 ones, and some proxies append the port.
  const ipv4 = /^(?:::ffff:)?(\d+(?:\.\d+){3})(?::\d+)?$/i.exec(address)?.[1];
  if (ipv4) return ipv4;
  if (!address.includes(":") || !URL.canParse(`http://[${address}]`)) return address;
  const [before, after = ""] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const [head, tail] = [before, after].map((half) => half!.split(":").filter(Boolean)) as [
    string[],
    string[],
  ];
  const zeros = Array(8 - head.length - tail.length).fill("0");
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(":")}::/64`;
}
