import assert from "node:assert/strict";
import type { Platform } from "../../../lib/platform/platform.ts";
import { createLog } from "../../../lib/platform/observe/log.ts";
import { oncePerInterval, startSchedule } from "../../../workers/runtime/schedule.ts";
import { openTestPlatform } from "../../support/stack.ts";
import { until } from "../../support/until.ts";

Deno.test("startSchedule() repeats every duty, one run at a time, also after a failure", async () => {
  const lines: { event: string; duty: string; count?: number }[] = [];
  const platform = { log: createLog("info", {}, (line) => lines.push(JSON.parse(line))) } as Platform;
  let turns = 0;
  let overlapping = 0;
  let most = 0;
  const schedule = startSchedule(platform, [
    {
      name: "often",
      everySeconds: 0.01,
      run: async () => {
        most = Math.max(most, ++overlapping);
        await new Promise((resolve) => setTimeout(resolve, 20));
        overlapping -= 1;
        if (++turns === 1) throw new Error("first turn");
        return turns;
      },
    },
    { name: "rarely", everySeconds: 3600, run: () => Promise.resolve(0) },
  ]);
  await until("three turns", () => turns >= 3);
  await schedule.stop();
  const after = turns;
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(turns, after);
  assert.equal(most, 1);
  assert.deepEqual(lines[0], { ...lines[0], event: "duty_failed", duty: "often" });
  assert.ok(lines.some((line) => line.event === "duty_done" && line.count === 2));
  assert.ok(!lines.some((line) => line.duty === "rarely"));
});

Deno.test("oncePerInterval() lets one process do a duty in each interval", async () => {
  const { platform, close } = await openTestPlatform();
  try {
    let done = 0;
    const run = () => Promise.resolve(++done);
    const [one, another] = [1, 2].map(() => oncePerInterval({ name: "sweep", everySeconds: 60, run }));
    await Promise.all([one!.run(platform), another!.run(platform), another!.run(platform)]);
    assert.equal(done, 1);
    await oncePerInterval({ name: "other", everySeconds: 60, run }).run(platform);
    assert.equal(done, 2);
    await platform.db.asSystem((sql) =>
      sql`update duty_turns set taken_at = taken_at - interval '50 seconds'`
    );
    await another!.run(platform);
    await one!.run(platform);
    assert.equal(done, 3);
  } finally {
    await close();
  }
});

Deno.test("a schedule is not live while the last run of a duty failed", async () => {
  const platform = { log: createLog("error", {}, () => {}) } as Platform;
  let broken = true;
  const run = () => broken ? Promise.reject(new Error("away")) : Promise.resolve();
  const schedule = startSchedule(platform, [{ name: "often", everySeconds: 0.01, run }]);
  await until("it fails", () => !schedule.isLive());
  broken = false;
  await until("it is well again", () => schedule.isLive());
  await schedule.stop();
});
