/** Ctrl+C arrives twice: from the terminal, and forwarded by the task runner. */
const SAME_PRESS_MS = 1_000;

/**
 * Resolves with the name of the first SIGTERM or SIGINT; the caller then drains and exits. A second signal more than a
 * second later exits at once with code 1.
 */
export function untilStopSignal(): Promise<Deno.Signal> {
  return new Promise((resolve) => {
    let first: number | undefined;
    for (const name of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(name, () => {
        if (first !== undefined && performance.now() - first > SAME_PRESS_MS) Deno.exit(1);
        first ??= performance.now();
        resolve(name);
      });
    }
  });
}
