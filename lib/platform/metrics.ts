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

/** Watches the room on the volume that holds `folder`. */
export function watchVolume(folder: string): void {
  registry.removeSingleMetric("akashi_data_volume_bytes");
  new Gauge({
    name: "akashi_data_volume_bytes",
    help: "Room on the volume of AKASHI_DATA_DIR: size and what is available",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      this.reset();
      try {
        const { bsize, blocks, bavail } = statfsSync(folder);
        this.set({ state: "size" }, bsize * blocks);
        this.set({ state: "available" }, bsize * bavail);
      } catch { /* There is no such folder as long as nothing is kept in it. */ }
    },
  });
}

/** All metrics in Prometheus' text format, with its content type. */
export async function printMetrics(): Promise<{ body: string; contentType: string }> {
  return { body: await registry.metrics(), contentType: registry.contentType };
}
