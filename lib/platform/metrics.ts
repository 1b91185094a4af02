// Prometheus metrics of this process; `/metrics` prints them.
import { statfsSync } from "node:fs";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

const registry = new Registry();
collectDefaultMetrics({ register: registry, prefix: "akashi_" });

export const httpRequests = new Histogram({
  name: "akashi_http_request_duration_seconds",
  help: "Time from the first byte of a request to the head of its answer",
  labelNames: ["method", "route", "status"],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
});

export const jobRuns = new Histogram({
  name: "akashi_job_duration_seconds",
  help: "Time that a job ran, by kind and how it ended",
  labelNames: ["kind", "outcome"],
  buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200],
  registers: [registry],
});

export const jobWaits = new Histogram({
  name: "akashi_job_wait_seconds",
  help: "Time from the moment a job was due to its claim",
  labelNames: ["kind"],
  buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300],
  registers: [registry],
});

export const uploadedBytes = new Counter({
  name: "akashi_uploaded_bytes_total",
  help: "Bytes of originals taken in",
  registers: [registry],
});

export const rateLimitFailures = new Counter({
  name: "akashi_rate_limit_unavailable_total",
  help: "Requests that passed because the rate limiter could not be asked",
  registers: [registry],
});

export const eventStreams = new Gauge({
  name: "akashi_event_streams",
  help: "Open live event streams",
  registers: [registry],
});

export const databaseTransactions = new Gauge({
  name: "akashi_database_transactions",
  help: "Transactions that run or wait for a connection",
  registers: [registry],
});

export const databaseConnections = new Gauge({
  name: "akashi_database_connections_max",
  help: "Connections that this process may open to the primary database",
  registers: [registry],
});

export const jobs = new Gauge({
  name: "akashi_jobs",
  help:
    "Jobs in the table by kind and state: waiting (for another job or a later try), due, processing, failed",
  labelNames: ["kind", "state"],
  registers: [registry],
});

export const oldestDueJob = new Gauge({
  name: "akashi_jobs_oldest_due_seconds",
  help: "For how long the job that waits longest has been due, by kind",
  labelNames: ["kind"],
  registers: [registry],
});

export const liveWorkers = new Gauge({
  name: "akashi_workers_live",
  help: "Workers that gave a sign of life within the last half minute",
  registers: [registry],
});

export const partUp = new Gauge({
  name: "akashi_part_up",
  help: "Whether this server reaches the part: database, storage, cache, queue",
  labelNames: ["part"],
  registers: [registry],
});

const LAG_EVERY_MS = 250;
const LAG_MEMORY_MS = 30_000;

/**
 * Watches what the collector's own numbers get wrong on Deno (event loop, memory) and the room on the volume that holds
 * `folder`, until the returned function is called.
 */
export function watchProcess(folder: string): () => void {
  const [lag, memory, volume] = ["event_loop_lag_seconds", "memory_resident_bytes", "data_volume_bytes"];
  const lags: { at: number; seconds: number }[] = [];
  let expected = performance.now() + LAG_EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    lags.push({ at: now, seconds: Math.max(0, now - expected) / 1000 });
    while (lags[0]!.at < now - LAG_MEMORY_MS) lags.shift();
    expected = now + LAG_EVERY_MS;
  }, LAG_EVERY_MS);
  Deno.unrefTimer(timer);
  gauge(lag!, "By how much the event loop was late at most within the last 30 s", (self) => {
    self.set(Math.max(0, ...lags.map(({ seconds }) => seconds)));
  });
  gauge(memory!, "Memory that this process holds", (self) => self.set(Deno.memoryUsage().rss));
  gauge(volume!, "Room on the volume of AKASHI_DATA_DIR: size and what is available", (self) => {
    self.reset();
    try {
      const { bsize, blocks, bavail } = statfsSync(folder);
      self.set({ state: "size" }, bsize * blocks);
      self.set({ state: "available" }, bsize * bavail);
    } catch { /* There is no such folder as long as nothing is kept in it. */ }
  }, ["state"]);
  return () => clearInterval(timer);
}

function gauge(name: string, help: string, read: (self: Gauge) => void, labelNames: string[] = []): void {
  registry.removeSingleMetric(`akashi_${name}`);
  new Gauge({
    ...{ name: `akashi_${name}`, help, labelNames, registers: [registry] },
    collect() {
      read(this);
    },
  });
}

/** All metrics in Prometheus' text format, with its content type. */
export async function printMetrics(): Promise<{ body: string; contentType: string }> {
  return { body: await registry.metrics(), contentType: registry.contentType };
}
