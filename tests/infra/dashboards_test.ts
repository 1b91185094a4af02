import assert from "node:assert/strict";
import { printMetrics, watchProcess } from "../../lib/platform/observe/metrics.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
const folder = new URL("../../infra/grafana/dashboards/", import.meta.url);
const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".json"))
  .sort();

interface Target {
  expr: string;
  datasource: { uid: string };
}
interface Panel {
  title: string;
  type: string;
  description?: string;
  targets?: Target[];
  gridPos: { x: number; y: number; w: number; h: number };
}
interface Dashboard {
  uid: string;
  panels: Panel[];
  templating: { list: { query: { query: string } }[] };
}
const dashboards: Dashboard[] = await Promise.all(
  names.map(async (name) => JSON.parse(await read(`infra/grafana/dashboards/${name}`))),
);

/**
 * The metrics of RabbitMQ 4.3 at the two paths that infra/prometheus/prometheus.yml scrapes, as far as they are used.
 */
const FROM_RABBITMQ = [
  "rabbitmq_detailed_queue_messages",
  "rabbitmq_detailed_queue_messages_ready",
  "rabbitmq_disk_space_available_bytes",
];
const FROM_PROMETHEUS = ["up", "ALERTS"];

async function metricsThatExist(): Promise<Set<string>> {
  watchProcess(".")();
  const { body } = await printMetrics();
  const own = [...body.matchAll(/^# TYPE (\w+) (\w+)/gm)].flatMap(([, name, type]) =>
    type === "histogram" ? ["_bucket", "_count", "_sum"].map((end) => name + end) : [name!]
  );
  const recorded = [...(await read("infra/prometheus/rules/slo.yml")).matchAll(/record: (\S+)/g)].map((m) =>
    m[1]!
  );
  return new Set([...own, ...recorded, ...FROM_RABBITMQ, ...FROM_PROMETHEUS]);
}

/** The metric names in an expression: words that are not a function, keyword, label or string. */
function seriesIn(expr: string): string[] {
  const bare = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, "")
    .replaceAll(/\b(by|without|ignoring|on)\s*\([^)]*\)/g, "");
  return [...bare.matchAll(/[A-Za-z_:][\w:]*(?!\s*\(|[\w:])/g)].map(([name]) => name)
    .filter((name) => !["or", "and", "unless", "le"].includes(name));
}

Deno.test("the generated dashboards are up to date", async () => {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "infra/grafana/main.ts", "--check"],
    cwd: new URL("../../", import.meta.url),
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  assert.deepEqual(
    names,
    ["api", "database", "media", "overview", "tenants", "workers"].map((name) => `${name}.json`),
  );
});

Deno.test("dashboards use existing metrics", async () => {
  const there = await metricsThatExist();
  const asked = dashboards.flatMap(({ uid, panels, templating }) => [
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.filter(({ datasource }) => datasource.uid === "prometheus")
        .flatMap(({ expr }) => seriesIn(expr).map((name) => ({ name, where: `${uid}: ${title}` })))
    ),
    ...templating.list.map(({ query }) => ({
      name: /^label_values\((\w+)/.exec(query.query)![1]!,
      where: `${uid}: ${query.query}`,
    })),
  ]);
  assert.ok(asked.length > 100, `${asked.length} series`);
  assert.deepEqual(asked.filter(({ name }) => !there.has(name)), []);
});

Deno.test("panels link existing runbooks and do not overlap", async () => {
  const headings = [...(await read("docs/operations.md")).matchAll(/^#+ (.+)$/gm)]
    .map((match) => match[1]!.toLowerCase().replaceAll(" ", "-"));
  for (const { uid, panels } of dashboards) {
    for (const { title, description = "", gridPos: { x, w } } of panels) {
      const runbook = /operations\.md#(\S+)/.exec(description)?.[1];
      assert.ok(!runbook || headings.includes(runbook), `${uid}: ${title}: ${runbook}`);
      assert.ok(x + w <= 24, `${uid}: ${title}`);
    }
    const taken = panels.map(({ gridPos: { x, y } }) => `${x} ${y}`);
    assert.equal(new Set(taken).size, taken.length, uid);
  }
});
