import assert from "node:assert/strict";
import { parseSamples, quantile, rate, type Reading, sum } from "../../infra/debug/samples.ts";
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

Deno.test("drawScreen() stays within the terminal and passes nothing of a title to it but its letters", () => {
  const job = {
    ...{
      id: "1",
      asset_id: "2",
      asset_title: "evil \x1b[2Jtitle \x07" + "wide ".repeat(50),
      job_type: "proxy",
    },
    ...{ status: "failed", progress: 10, attempts: 3, max_attempts: 3, error_code: "unreadable" },
    ...{ error_message: "It cannot be read.", run_after: "", started_at: null, finished_at: null },
    created_at: "2026-01-02T03:04:05.000000+00:00",
  } as View["jobs"][number];
  const view: View = {
    ...{ url: "http://localhost", health: { database: "ok", workers: "no live worker" }, readings: [] },
    ...{
      jobs: Array(100).fill(job),
      failures: [job],
      filter: "failed",
      selected: 60,
      paused: false,
      note: "",
    },
  };
  const lines = drawScreen(view, { columns: 80, rows: 30 });
  const plain = lines.map((line) => line.replaceAll(/\p{Cc}\[\d+m/gu, ""));
  assert.ok(lines.length <= 30, `${lines.length} lines`);
  assert.ok(plain.every((line) => line.length <= 80));
  assert.doesNotMatch(plain.join(""), /\p{Cc}/u);
  assert.match(plain.join("\n"), /▸ failed/);
  assert.match(plain.join("\n"), /no live worker/);
});

Deno.test("bytes() are told in units that people read", () => {
  assert.deepEqual([0, 512, 1536, 5 * 1024 ** 3].map(bytes), ["0 B", "512 B", "1.5 KiB", "5.0 GiB"]);
});
