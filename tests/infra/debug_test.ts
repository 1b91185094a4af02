import assert from "node:assert/strict";
import { parseSamples, quantile, rate, type Reading, sum } from "../../infra/debug/samples.ts";
import { eventLine, isWantedEvent, isWantedLine, logLine } from "../../infra/debug/lines.ts";
import { bytes, drawScreen, type View } from "../../infra/debug/screen.ts";

const HTTP = "http_seconds";
const reading = (at: number, counts: number[]): Reading => ({
  at,
  samples: parseSamples(
    ["0.1", "0.5", "+Inf"].map((le, nth) => `${HTTP}_bucket{le="${le}",status="200"} ${counts[nth]}`)
      .concat(
        `${HTTP}_count{status="200"} ${counts[2]}`,
        "# a comment",
        'up{name="with \\"quotes\\", {braces}"} 1',
      )
      .join("\n"),
  ),
});

Deno.test("parseSamples() reads names, labels and values", () => {
  const { samples } = reading(0, [1, 2, 3]);
  assert.deepEqual(samples[0], {
    name: "http_seconds_bucket",
    labels: { le: "0.1", status: "200" },
    value: 1,
  });
  assert.equal(samples.at(-1)!.name, "up");
  assert.equal(samples.length, 5);
});

Deno.test("rate() is growth per second, and none after a restart", () => {
  assert.equal(rate(reading(0, [0, 0, 10]), reading(2000, [0, 0, 30]), `${HTTP}_count`), 10);
  assert.equal(rate(reading(0, [0, 0, 30]), reading(2000, [0, 0, 1]), `${HTTP}_count`), 0);
  assert.equal(sum(reading(0, [0, 0, 1]), "nothing"), undefined);
});

Deno.test("quantile() interpolates within its bucket and has no answer without samples", () => {
  const before = reading(0, [0, 0, 0]);
  assert.equal(quantile(0.5, before, reading(1000, [10, 20, 20]), HTTP), 0.1);
  assert.equal(quantile(0.75, before, reading(1000, [10, 20, 20]), HTTP)!.toFixed(3), "0.300");
  assert.equal(quantile(0.99, before, reading(1000, [0, 0, 20]), HTTP), 0.5);
  assert.equal(quantile(0.5, before, before, HTTP), undefined);
});

Deno.test("drawScreen() stays within the terminal and strips control characters from titles", () => {
  const job = {
    id: "1",
    asset_id: "2",
    asset_title: "evil \x1b[2Jtitle \x07" + "wide ".repeat(50),
    job_type: "proxy",
    status: "failed",
    progress: 10,
    attempts: 3,
    max_attempts: 3,
    error_code: "unreadable",
    error_message: "It cannot be read.",
    run_after: "",
    started_at: null,
    finished_at: null,
    created_at: "2026-01-02T03:04:05.000000+00:00",
  } as View["jobs"][number];
  const view: View = {
    url: "http://localhost",
    health: { database: "ok", workers: "no live worker" },
    readings: [],
    jobs: Array(100).fill(job),
    failures: [job],
    filter: "failed",
    kind: "proxy",
    selected: 60,
    paused: false,
    error: "",
    note: "",
  };
  const lines = drawScreen(view, { columns: 80, rows: 30 });
  const plain = lines.map((line) => line.replaceAll(/\p{Cc}\[\d+m/gu, ""));
  assert.ok(lines.length <= 30, `${lines.length} lines`);
  assert.ok(plain.every((line) => line.length <= 80));
  assert.doesNotMatch(plain.join(""), /\p{Cc}/u);
  assert.match(plain.join("\n"), /▸ failed/);
  assert.match(plain.join("\n"), /no live worker/);
});

Deno.test("bytes() prints human-readable units", () => {
  assert.deepEqual([0, 512, 1536, 5 * 1024 ** 3].map(bytes), ["0 B", "512 B", "1.5 KiB", "5.0 GiB"]);
});

Deno.test("the log watcher shows the lines that match its filters", () => {
  const event = {
    type: "job",
    id: "1",
    asset_id: "2",
    job_type: "proxy",
    status: "failed",
    progress: 0,
  } as const;
  assert.ok(
    isWantedEvent(event, {}) &&
      isWantedEvent(event, { type: "job", kind: "proxy", asset: "2", grep: "failed" }),
  );
  for (
    const wish of [{ type: "asset" }, { kind: "metadata" }, { status: "completed" }, { asset: "1" }, {
      grep: "zz",
    }]
  ) {
    assert.ok(!isWantedEvent(event, wish), JSON.stringify(wish));
  }
  const line = { level: "warn", event: "job_done", request_id: "r", asset_id: "2", kind: "proxy" };
  assert.ok(
    isWantedLine(line, { level: "info", request: "r", asset: "2", kind: "proxy", event: "job_done" }),
  );
  for (
    const wish of [{ level: "error" }, { event: "request" }, { request: "s" }, { asset: "3" }, { grep: "zz" }]
  ) {
    assert.ok(!isWantedLine(line, wish), JSON.stringify(wish));
  }
});

Deno.test("logLine() strips control characters from log lines", () => {
  const request = { method: "GET", path: "/a\x1b[2J", status: 200, ms: 1.5, request_id: "r", tenant_id: "t" };
  const text = logLine({ time: "2026-01-02T03:04:05Z", level: "info", event: "request", ...request });
  assert.match(text, /server request {2}GET \/a \[2J 200 1\.5 ms {2}request_id=r$/);
});

Deno.test("eventLine() prints events of any noun, without control characters", () => {
  const job = { type: "job", id: "1", asset_id: "2", status: "failed", job_type: "proxy", progress: 0 };
  const plain = (event: Parameters<typeof eventLine>[0]) => eventLine(event).replaceAll(/\p{Cc}\[\d+m/gu, "");
  assert.match(plain(job), / {2}job {4}failed {6}1 asset_id=2 job_type=proxy progress=0$/);
  assert.match(plain({ type: "marker", id: "3", name: "a\x1b[2Jb" }), / {2}marker .*3 name=a \[2Jb$/);
});
