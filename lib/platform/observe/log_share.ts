// Live log of all processes for a remote reader. A process publishes its lines only while a reader requests them.
import type { Cache } from "../cache/cache.ts";
import { readLines } from "./log.ts";

const REQUESTS = "logs:wanted";
const LINES = "logs:lines";
const REQUEST_EVERY_MS = 5_000;
/** Longer than two request intervals, so that one lost request does not stop the stream. */
const REQUEST_TTL_MS = 12_000;
/** Per process. A reader cannot follow more, and the cache must stay free for its other work. */
const MAX_LINES_PER_SECOND = 200;

/** Publishes this process's log lines while a reader requests them. Returns the function that stops it. */
export async function shareLog(cache: Cache): Promise<() => Promise<void>> {
  let stopReading: (() => void) | undefined;
  let expiry: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    clearTimeout(expiry);
    stopReading?.();
    stopReading = undefined;
  };
  const unsubscribe = await cache.subscribe(REQUESTS, () => {
    clearTimeout(expiry);
    expiry = setTimeout(stop, REQUEST_TTL_MS);
    Deno.unrefTimer(expiry);
    stopReading ??= readLines(throttled((line) => cache.publish(LINES, line).catch(() => {})));
  });
  return async () => {
    stop();
    await unsubscribe();
  };
}

/** Calls `listener` with each line that any process logs, until the returned function is called. */
export async function followLog(
  cache: Cache,
  listener: (line: string) => void,
): Promise<() => Promise<void>> {
  const unsubscribe = await cache.subscribe(LINES, (line) => listener(String(line)));
  const request = () => void cache.publish(REQUESTS, {}).catch(() => {});
  request();
  const timer = setInterval(request, REQUEST_EVERY_MS);
  Deno.unrefTimer(timer);
  return async () => {
    clearInterval(timer);
    await unsubscribe();
  };
}

/** Forwards at most `MAX_LINES_PER_SECOND` lines a second and then logs how many were dropped. */
function throttled(send: (line: string) => void): (line: string) => void {
  let [second, sent, dropped] = [0, 0, 0];
  return (line) => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) {
      if (dropped > 0) send(JSON.stringify({ level: "warn", event: "log_lines_dropped", count: dropped }));
      [second, sent, dropped] = [now, 0, 0];
    }
    if (++sent <= MAX_LINES_PER_SECOND) send(line);
    else dropped++;
  };
}
