// Entry point of a scheduler: `deno task scheduler`. It does the periodic duties where workers are scaled up and
// down, or do none because WORKER_SCHEDULE is off. Several may run: one of them does each duty per interval.
import { SWEEPS } from "./kinds.ts";
import { runProcess } from "./runtime/process.ts";
import { startSchedule } from "./runtime/schedule.ts";

if (import.meta.main) {
  await runProcess("scheduler", (platform) => {
    platform.log.info("scheduler_started", { duties: SWEEPS.map(({ name }) => name) });
    return startSchedule(platform, SWEEPS);
  });
}
