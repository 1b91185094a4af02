import assert from "node:assert/strict";
import type { Platform } from "../../lib/context.ts";
import { createLog } from "../../lib/platform/log.ts";
import { startSchedule } from "../../workers/schedule.ts";
import { until } from "../support/until.ts";

Deno.test("startSchedule() repeats every duty, one at a time, whatever the last turn came to", async () => {
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
