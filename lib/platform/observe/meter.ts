// Measures the duration of each operation of an adapter, whichever adapter it is.
import { AppError, isOutage } from "../errors.ts";
import { partOperations } from "./metrics.ts";

/** Operations that return undefined for a missing object. */
const LOOKUPS = ["get", "head"];

/** Wraps `adapter` so that every promise its functions return is timed under the function's name. */
export function meter<T extends object>(part: string, adapter: T): T {
  const metered = Object.entries(adapter).map(([operation, value]) => {
    if (typeof value !== "function" || operation === "close") return [operation, value];
    return [operation, (...args: unknown[]) => time(part, operation, () => value(...args))];
  });
  return Object.fromEntries(metered);
}

function time(part: string, operation: string, call: () => unknown): unknown {
  const stop = partOperations.startTimer({ part, operation });
  const running = call();
  if (!(running instanceof Promise)) return running;
  return running.then(
    (value) => {
      stop({ outcome: value === undefined && LOOKUPS.includes(operation) ? "missing" : "ok" });
      return value;
    },
    (error) => {
      const refused = error instanceof AppError ? !isOutage(error) : error?.name === "AbortError";
      stop({ outcome: refused ? "refused" : "failed" });
      throw error;
    },
  );
}
