/** A key press reaches a program twice: from the terminal, and from the task runner that passes it on. */
const SAME_PRESS_MS = 1_000;

/**
 * Resolves with the name of the first SIGTERM or SIGINT; whoever calls this then drains and ends the process. Another one
 * a second later or more ends it at once, with exit code 1.
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
