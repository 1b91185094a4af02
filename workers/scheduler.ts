// Entry point of a scheduler: `deno task scheduler`. It keeps the schedule where workers come and go, or are told by
// WORKER_SCHEDULE to leave it alone. Several may run: each duty is done by one of them in turn.
import { SWEEPS } from "./kinds.ts";
import { runProcess } from "./runtime/process.ts";
import { startSchedule } from "./runtime/schedule.ts";

if (import.meta.main) {
  await runProcess("scheduler", (platform) => {
    platform.log.info("scheduler_started", { duties: SWEEPS.map(({ name }) => name) });
    return startSchedule(platform, SWEEPS);
  });
}
