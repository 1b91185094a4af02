// Prometheus metrics of this process; `/metrics` prints them.
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

/** All metrics in Prometheus' text format, with its content type. */
export async function printMetrics(): Promise<{ body: string; contentType: string }> {
  return { body: await registry.metrics(), contentType: registry.contentType };
}
