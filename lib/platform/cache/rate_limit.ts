// Asking the rate limiter. It protects; it is not needed: when it cannot be asked, everybody passes and it is said.
import type { Cache, RateDecision, RateRule } from "./cache.ts";
import { AppError } from "../errors.ts";
import type { Log } from "../observe/log.ts";
import { rateLimitFailures, rateLimitRefusals } from "../observe/metrics.ts";

const MINUTE_MS = 60_000;

/** Whose allowance a rule is: the first half of its key, and the label of the metric. */
export type RuleName = "address" | "key" | "person" | "sign_in" | "sign_in_address" | "stranger" | "tenant";

/** So many a minute for `whom`. */
export function perMinute(name: RuleName, whom: string, limit: number): RateRule {
  return { key: `${name}:${whom}`, limit, periodMs: MINUTE_MS };
}

/** Charges every rule, or none when one of them has nothing left. Undefined when the limiter cannot be asked. */
export async function takeTurn(
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

/** Throws `rate_limited` for a turn that was refused, with what there was too much of and when to try again. */
export function requireTurn(decision: RateDecision | undefined, tooMany = "Too many requests."): void {
  if (!decision || decision.allowed) return;
  const wait = Math.max(1, decision.retryAfterSeconds);
  throw new AppError("rate_limited", `${tooMany} Try again in ${wait} s.`, { retryAfter: wait });
}

/** The network that one customer of a provider has: an IPv4 address, or the first 64 bits of an IPv6 one. */
export function networkOf(address: string): string {
  // As a listener for both families and some proxies write it: within an IPv6 one, or with its port.
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
