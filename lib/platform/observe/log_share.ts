// What all processes log, for whoever follows it from afar. Lines travel only while somebody says that they are wanted.
import type { Cache } from "../cache/cache.ts";
import { readLines } from "./log.ts";

const WANTED = "logs:wanted";
const LINES = "logs:lines";
const WANT_EVERY_MS = 5_000;
/** Longer than two of those: one may be lost. */
const PATIENCE_MS = 12_000;
/** Of one process. A reader cannot follow more, and the cache has other things to do. */
const MOST_PER_SECOND = 200;

/** Shares what this process logs with those who follow. Answers the function that ends it. */
export async function shareLog(cache: Cache): Promise<() => Promise<void>> {
  let unread: (() => void) | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    clearTimeout(patience);
    unread?.();
    unread = undefined;
  };
  const unsubscribe = await cache.subscribe(WANTED, () => {
    clearTimeout(patience);
    patience = setTimeout(stop, PATIENCE_MS);
    Deno.unrefTimer(patience);
    unread ??= readLines(limited((line) => cache.publish(LINES, line).catch(() => {})));
  });
  return async () => {
    stop();
    await unsubscribe();
  };
}

/** Calls `listener` with each line that any process logs until the returned function is called. */
export async function followLog(
  cache: Cache,
  listener: (line: string) => void,
): Promise<() => Promise<void>> {
  const unsubscribe = await cache.subscribe(LINES, (line) => listener(String(line)));
  const want = () => void cache.publish(WANTED, {}).catch(() => {});
  want();
  const timer = setInterval(want, WANT_EVERY_MS);
  Deno.unrefTimer(timer);
  return async () => {
    clearInterval(timer);
    await unsubscribe();
  };
}

/** Passes so many lines a second on, and says afterwards how many it did not. */
function limited(send: (line: string) => void): (line: string) => void {
  let [second, sent, dropped] = [0, 0, 0];
  return (line) => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) {
      if (dropped > 0) send(JSON.stringify({ level: "warn", event: "log_lines_dropped", count: dropped }));
      [second, sent, dropped] = [now, 0, 0];
    }
    if (++sent <= MOST_PER_SECOND) send(line);
    else dropped++;
  };
}
