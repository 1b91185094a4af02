import assert from "node:assert/strict";
import { CONFIG_KEYS } from "../../lib/platform/config.ts";
import { printMetrics, watchProcess } from "../../lib/platform/observe/metrics.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
const rules = await read("infra/prometheus/rules/akashi.yml") + await read("infra/prometheus/rules/slo.yml");
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map((match) => match[1]!);

Deno.test("every alert has a runbook, and a test in which it fires", async () => {
  const headings = [...(await read("docs/operations.md")).matchAll(/^#+ (.+)$/gm)]
    .map((match) => match[1]!.toLowerCase().replaceAll(" ", "-"));
  const links = [...rules.matchAll(/runbook: docs\/operations\.md#(\S+)/g)].map((match) => match[1]!);
  assert.equal(links.length, alerts.length);
  assert.deepEqual(links.filter((link) => !headings.includes(link)), []);
  const tests = await read("infra/prometheus/tests/akashi.yml") +
    await read("infra/prometheus/tests/slo.yml");
  const fired = [...tests.matchAll(/alertname: (\w+)\s+exp_alerts:\s+- /g)].map((match) => match[1]);
  assert.deepEqual(alerts.filter((alert) => !fired.includes(alert)), []);
});

Deno.test("alerts use existing metrics", async () => {
  watchProcess(".")();
  const { body } = await printMetrics();
  const there = new Set([...body.matchAll(/^# TYPE (\w+)/gm)].map((match) => match[1]));
  const asked = [...rules.matchAll(/\bakashi_\w+/g)].map(([name]) =>
    name.replace(/_(bucket|count|sum)$/, "")
  );
  assert.deepEqual([...new Set(asked)].filter((name) => !there.has(name)), []);
});

Deno.test("compose passes on every setting that an operator may choose", async () => {
  const compose = await read("docker-compose.yml");
  const fixed = [
    "PORT",
    "HOST",
    "AKASHI_KEY",
    "AKASHI_DATA_DIR",
    "METRICS_PORT",
    "REDIS_PREFIX",
    "AMQP_PREFIX",
  ];
  const missing = CONFIG_KEYS.filter((key) => !fixed.includes(key) && !compose.includes(`    ${key}: `));
  assert.deepEqual(missing, []);
});

Deno.test("grouped alerts have a title even without a common summary", async () => {
  const titles = [...(await read("infra/alertmanager/alertmanager.yml")).matchAll(/title: '(.*)'/g)];
  assert.equal(titles.length, 2);
  for (const [, title] of titles) {
    assert.match(title!, /\{\{ or \.CommonAnnotations\.summary \.CommonLabels\.alertname \}\}/);
  }
});
