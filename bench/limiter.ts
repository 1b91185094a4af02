// Accuracy of the rate limiter: many clients without pauses, against the number of requests that the rule allows.
import { newId } from "../lib/platform/ids.ts";
import { openTestPlatform } from "../tests/support/stack.ts";
import type { Row } from "./rows.ts";

const CLIENTS = 16;
const RUN_MS = 20_000;
const RULE = { limit: 3_000, periodMs: 60_000 };

/** Requests allowed to 16 clients in 20 s; the rule allows a burst of its limit plus what is restored in that time. */
export async function measureLimiter(): Promise<Row[]> {
  const test = await openTestPlatform();
  const { cache } = test.platform;
  try {
    const rules = ["a", "b", "c", "d"].map((name, at) => ({
      ...RULE,
      key: `${name}:${newId()}`,
      limit: RULE.limit * (at + 1),
    }));
    const began = performance.now();
    let [passed, sent] = [0, 0];
    await Promise.all(Array.from({ length: CLIENTS }, async () => {
      while (performance.now() - began < RUN_MS) {
        const { allowed } = await cache.take(rules as [typeof rules[number]]);
        sent++;
        if (allowed) passed++;
        // The in-process limiter never yields; let the other clients run.
        if (sent % 100 === 0) await new Promise((resolve) => setTimeout(resolve));
      }
    }));
    const seconds = (performance.now() - began) / 1000;
    const due = RULE.limit + RULE.limit * seconds * 1000 / RULE.periodMs;
    return [
      {
        measure: `${CLIENTS} clients for 20 s on 4 rules (${cache.kind}): allowed`,
        value: passed,
        unit: "requests",
        against: { what: "by the rule", value: due },
      },
      { measure: "requests sent", value: sent, unit: "requests" },
    ];
  } finally {
    await test.close();
  }
}
