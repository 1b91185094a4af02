// Prometheus metrics of this process; `/metrics` prints them.
import { statfsSync } from "node:fs";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

const registry = new Registry();
const registers = [registry];
collectDefaultMetrics({ register: registry, prefix: "akashi_" });

export const httpRequests = histogram(
  "http_request_duration_seconds",
  "Time from the first byte of a request to the head of its response",
  [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  ["method", "route", "status"],
);

export const partOperations = histogram(
  "part_operation_duration_seconds",
  "Duration of storage, cache and queue operations by outcome: ok, missing (no such object), refused (invalid request), failed",
  [0.001, 0.005, 0.025, 0.1, 0.25, 1, 5, 30],
  ["part", "operation", "outcome"],
);

export const databaseWaits = histogram(
  "database_wait_seconds",
  "Time that a transaction waits for a connection of the pool",
  [0.001, 0.005, 0.025, 0.1, 0.25, 1, 5, 30],
);

export const databaseWork = histogram(
  "database_transaction_duration_seconds",
  "Duration of transactions, including the wait for a connection, by outcome: committed, rolled_back, unavailable",
  [0.001, 0.005, 0.025, 0.1, 0.25, 1, 5, 30],
  ["outcome"],
);

export const databaseTransactions = gauge(
  "database_transactions",
  "Transactions that are running or waiting for a connection",
);

export const databaseConnections = gauge(
  "database_connections_max",
  "Connections that this process may open to the primary database",
);

export const jobRuns = histogram(
  "job_duration_seconds",
  "Duration of job runs, by kind and outcome",
  [0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200],
  ["kind", "outcome"],
);

export const jobWaits = histogram(
  "job_wait_seconds",
  "Time from when a job was due until a worker claimed it",
  [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300],
  ["kind"],
);

export const jobRetries = counter(
  "job_retries_total",
  "Retries of jobs, by kind and reason",
  ["kind", "reason"],
);

export const uploadEvents = counter(
  "uploads_total",
  "Uploads by way (request, resumable) and event: started, finished, failed, interrupted, resumed, ended",
  ["way", "event"],
);

export const uploadedBytes = counter("uploaded_bytes_total", "Bytes of originals received");

export const rateLimitFailures = counter(
  "rate_limit_unavailable_total",
  "Requests that passed because the rate limiter could not be reached",
);

export const rateLimitRefusals = counter(
  "rate_limit_refused_total",
  "Requests and sign-in attempts that were refused, by the exhausted rule",
  ["rule"],
);

export const unhandledErrors = counter(
  "unhandled_errors_total",
  "Rejections and exceptions that no code has caught; the process goes on",
  ["kind"],
);

export const lostLogLines = counter("log_lines_lost_total", "Log lines that could not be written");

export const eventStreams = gauge("event_streams", "Open live event streams");

export const jobs = gauge(
  "jobs",
  "Jobs in the table by kind and state: waiting (for another job or a retry), due, processing, failed",
  ["kind", "state"],
);

export const oldestDueJob = gauge(
  "jobs_oldest_due_seconds",
  "Time in seconds that the oldest due job has been due, by kind",
  ["kind"],
);

export const liveWorkers = gauge(
  "workers_live",
  "Workers with a heartbeat within the last 30 s",
);

export const partUp = gauge(
  "part_up",
  "1 when this server can reach the part (database, storage, cache, queue), otherwise 0",
  ["part"],
);

export const postgresConnections = gauge(
  "postgres_connections",
  "Connections of all clients to the database server by state, and max",
  ["state"],
);

export const postgresBytes = gauge("postgres_size_bytes", "Size of Akashi's database");

export const postgresOldestTransaction = gauge(
  "postgres_oldest_transaction_seconds",
  "Age of the oldest open transaction of the database server",
);

export const postgresRows = gauge("postgres_rows", "Rows in Akashi's tables, live and dead", ["state"]);

export const postgresEvents = gauge(
  "postgres_events_total",
  "Database events since the statistics were last reset: commits, rollbacks, deadlocks, blocks_hit, blocks_read",
  ["event"],
);

export const replicaLag = gauge(
  "replica_lag_seconds",
  "Replication lag of the read replica; +Inf when it does not answer",
);

export const storageRoom = gauge(
  "storage_bytes",
  "Object storage volume: size and available bytes",
  ["state"],
);

export const tenantAssets = gauge("tenant_assets", "Assets by tenant and type, without the trash", [
  "tenant",
  "type",
]);

export const tenantBytes = gauge("tenant_bytes", "Bytes of files by tenant and purpose, with the trash", [
  "tenant",
  "purpose",
]);

export const tenantUsers = gauge("tenant_users", "Active people by tenant", ["tenant"]);

export const lastBackup = gauge(
  "backup_last_success_timestamp_seconds",
  "Unix time of the last backup that was marked as done; 0 when never",
);

export const certificateExpiry = gauge(
  "certificate_expires_timestamp_seconds",
  "Unix time when the certificate at PUBLIC_URL expires",
);

// Gauges that only some processes set: unset, not zero, in the others.
clearGauges(liveWorkers, postgresBytes, postgresOldestTransaction, replicaLag, lastBackup, certificateExpiry);
clearGauges(databaseConnections);

/** Removes the values of these gauges, so that `/metrics` no longer reports them. */
export function clearGauges(...gauges: Gauge<any>[]): void {
  for (const gauge of gauges) {
    gauge.reset();
    // For a gauge without labels `reset` sets zero instead of removing the value.
    if ((gauge as unknown as { labelNames: string[] }).labelNames.length === 0) gauge.remove();
  }
}

function counter<L extends string>(name: string, help: string, labelNames: L[] = []): Counter<L> {
  return new Counter({ name: `akashi_${name}`, help, labelNames, registers });
}

function gauge<L extends string>(name: string, help: string, labelNames: L[] = []): Gauge<L> {
  return new Gauge({ name: `akashi_${name}`, help, labelNames, registers });
}

function histogram<L extends string>(
  name: string,
  help: string,
  buckets: number[],
  labelNames: L[] = [],
): Histogram<L> {
  return new Histogram({ name: `akashi_${name}`, help, labelNames, buckets, registers });
}

const LAG_EVERY_MS = 250;
const LAG_MEMORY_MS = 30_000;

/**
 * Measures what the default collector gets wrong on Deno (event loop lag, memory) and the free space of the volume of
 * `folder`, until the returned function is called.
 */
export function watchProcess(folder: string): () => void {
  const lags: { at: number; seconds: number }[] = [];
  let expected = performance.now() + LAG_EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    lags.push({ at: now, seconds: Math.max(0, now - expected) / 1000 });
    while (lags[0]!.at < now - LAG_MEMORY_MS) lags.shift();
    expected = now + LAG_EVERY_MS;
  }, LAG_EVERY_MS);
  Deno.unrefTimer(timer);
  collect(
    "event_loop_lag_seconds",
    "Maximum event loop lag within the last 30 s",
    (self) => {
      self.set(Math.max(0, ...lags.map(({ seconds }) => seconds)));
    },
  );
  collect(
    "memory_resident_bytes",
    "Resident memory of this process",
    (self) => self.set(Deno.memoryUsage().rss),
  );
  collect(
    "data_volume_bytes",
    "Volume of AKASHI_DATA_DIR: size and available bytes",
    (self) => {
      self.reset();
      for (const [state, bytes] of Object.entries(readVolume(folder) ?? {})) self.set({ state }, bytes);
    },
    ["state"],
  );
  return () => clearInterval(timer);
}

/** Size and free space in bytes of the volume that holds `folder`; undefined while the folder does not exist. */
export function readVolume(folder: string): { size: number; available: number } | undefined {
  try {
    const { bsize, blocks, bavail } = statfsSync(folder);
    return { size: bsize * blocks, available: bsize * bavail };
  } catch {
    return undefined;
  }
}

/** A gauge whose value is read on each scrape. Registering the same name again replaces it. */
function collect(name: string, help: string, read: (self: Gauge) => void, labelNames: string[] = []): void {
  registry.removeSingleMetric(`akashi_${name}`);
  new Gauge({
    name: `akashi_${name}`,
    help,
    labelNames,
    registers,
    collect() {
      read(this);
    },
  });
}

/** All metrics in Prometheus' text format, with its content type. */
export async function printMetrics(): Promise<{ body: string; contentType: string }> {
  return { body: await registry.metrics(), contentType: registry.contentType };
}
