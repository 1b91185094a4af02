// Entry point of a worker process: `deno task worker`. Any number of workers and servers may run side by side.
import { HANDLERS, SWEEPS } from "./kinds.ts";
import { runProcess } from "./runtime/process.ts";
import { startWorker } from "./runtime/runtime.ts";

if (import.meta.main) {
  await runProcess(
    "worker",
    (platform) =>
      startWorker(platform, { handlers: HANDLERS, duties: platform.config.WORKER_SCHEDULE ? SWEEPS : [] }),
  );
}
