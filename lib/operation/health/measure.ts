// Metrics beyond this process: the jobs table, the workers and the parts, read when metrics are scraped.
import type { Platform } from "../../platform/platform.ts";
import { countJobLoad, countLiveWorkers } from "../../work/jobs/workers.ts";
import type { Config } from "../../platform/config.ts";
import { clearGauges, jobs, liveWorkers, oldestDueJob, partUp } from "../../platform/observe/metrics.ts";
import { isSame } from "../../platform/secrets.ts";
import { checkHealth } from "./health.ts";
import { survey } from "./survey.ts";

const readLoad = atMostEvery(5_000, readAll);
const readSlowly = atMostEvery(60_000, survey);

/** Updates the gauges that describe more than this process. Never throws: a gauge that cannot be read is reset. */
export async function measure(platform: Platform): Promise<void> {
  await Promise.all([readLoad(platform), readSlowly(platform)]);
}

/** Limits the load of several Prometheus servers, or of a short scrape interval, on the database. */
function atMostEvery(ms: number, read: (platform: Platform) => Promise<void>) {
  const measured = new WeakMap<Platform["db"], { at: number; done: Promise<void> }>();
  return (platform: Platform): Promise<void> => {
    const last = measured.get(platform.db);
    if (last && performance.now() - last.at < ms) return last.done;
    const done = read(platform);
    measured.set(platform.db, { at: performance.now(), done });
    return done;
  };
}

/** True when this `Authorization` header may read metrics without a superuser's session or key. */
export function isMetricsReader({ APP_ENV, METRICS_TOKEN }: Config, authorization?: string): boolean {
  if (!METRICS_TOKEN) return APP_ENV === "development" || APP_ENV === "test";
  const given = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
  return given !== undefined && isSame(given, METRICS_TOKEN);
}

async function readAll(platform: Platform): Promise<void> {
  const [health, load] = await Promise.all([
    checkHealth(platform),
    Promise.all([countJobLoad(platform.db), countLiveWorkers(platform.db)]).catch(() => undefined),
  ]);
  const { workers: _, mail: __, ...parts } = health.parts;
  for (const [part, state] of Object.entries(parts)) partUp.set({ part }, state === "ok" ? 1 : 0);
  clearGauges(jobs, oldestDueJob, liveWorkers);
  if (!load) return;
  const [kinds, workers] = load;
  liveWorkers.set(workers);
  for (const { kind, oldestDueSeconds, ...states } of kinds) {
    oldestDueJob.set({ kind }, oldestDueSeconds);
    for (const [state, count] of Object.entries(states)) jobs.set({ kind, state }, count);
  }
}
