import type { Log } from "../observe/log.ts";
import { unhandledErrors } from "../observe/metrics.ts";

/**
 * Logs and counts what no code has caught, instead of ending the process as the runtime would: one request's fault must
 * not break off all others. Each is a bug.
 */
export function catchUnhandled(log: Log): void {
  for (const kind of ["rejection", "exception"]) unhandledErrors.inc({ kind }, 0);
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    unhandledErrors.inc({ kind: "rejection" });
    log.error("unhandled_rejection", { error: event.reason });
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    unhandledErrors.inc({ kind: "exception" });
    log.error("unhandled_exception", { error: event.error ?? event.message });
  });
}
