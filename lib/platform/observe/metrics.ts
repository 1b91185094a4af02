// Prometheus metrics of this process; `/metrics` prints them.
import { statfsSync } from "node:fs";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

const registry = new Registry();
const registers = [registry];
collectDefaultMetrics({ register: registry, prefix: "akashi_" });

export const httpRequests = histogram(
  "http_request_duration_seconds",
  "Time from the first byte of a request to the head of its answer",
  [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  ["method", "route", "status"],
);

export const partOperations = histogram(
  "part_operation_duration_seconds",
  "Time that storage, cache and queue took, by how it ended: ok, missing (nothing there), refused (what was asked), failed",
  [0.001, 0.005, 0.025, 0.1, 0.25, 1, 5, 30],
  ["part", "operation", "outcome"],
);

export const databaseWaits = histogram(
  "database_wait_seconds",
  "Time from wanting a transaction to its first statement: the wait for a connection of the pool",
  [0.001, 0.005, 0.025, 0.1, 0.25, 1, 5, 30],
);

export const databaseWork = histogram(
  "database_transaction_duration_seconds",
  "Time that a transaction took, the wait included, by how it ended: committed, rolled_back, unavailable",
  [0.001, 0.005, 0.025, 0.1, 0.25, 1, 5, 30],
  ["outcome"],
);

export const databaseTransactions = gauge(
  "database_transactions",
  "Transactions that run or wait for a connection",
);

export const databaseConnections = gauge(
  "database_connections_max",
  "Connections that this process may open to the primary database",
);

export const jobRuns = histogram(
  "job_duration_seconds",
  "Time that a job ran, by kind and how it ended",
  [0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200],
  ["kind", "outcome"],
);

export const jobWaits = histogram(
  "job_wait_seconds",
  "Time from the moment a job was due to its claim",
  [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300],
  ["kind"],
);

export const jobRetries = counter(
  "job_retries_total",
  "Jobs that go back for another try, by kind and why",
  ["kind", "reason"],
);

export const uploadEvents = counter(
  "uploads_total",
  "Files on their way in, by way (request, resumable) and event: started, finished, failed, interrupted, resumed, ended",
  ["way", "event"],
);

export const uploadedBytes = counter("uploaded_bytes_total", "Bytes of originals taken in");

export const rateLimitFailures = counter(
  "rate_limit_unavailable_total",
  "Requests that passed because the rate limiter could not be asked",
);

export const rateLimitRefusals = counter(
  "rate_limit_refused_total",
  "Requests and tries to sign in that were refused, by the rule that had nothing left",
  ["rule"],
);

export const eventStreams = gauge("event_streams", "Open live event streams");

export const jobs = gauge(
  "jobs",
  "Jobs in the table by kind and state: waiting (for another job or a later try), due, processing, failed",
  ["kind", "state"],
);

export const oldestDueJob = gauge(
  "jobs_oldest_due_seconds",
  "For how long the job that waits longest has been due, by kind",
  ["kind"],
);

export const liveWorkers = gauge(
  "workers_live",
  "Workers that gave a sign of life within the last half minute",
);

export const partUp = gauge(
  "part_up",
  "Whether this server reaches the part: database, storage, cache, queue",
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
  "For how long the oldest open transaction of the database server has been open",
);

export const postgresRows = gauge("postgres_rows", "Rows in Akashi's tables, live and dead", ["state"]);

export const postgresEvents = gauge(
  "postgres_events_total",
  "What the database counted since its statistics began: commits, rollbacks, deadlocks, blocks_hit, blocks_read",
  ["event"],
);

export const replicaLag = gauge(
  "replica_lag_seconds",
  "How far the read replica is behind; +Inf when it does not answer",
);

export const storageRoom = gauge(
  "storage_bytes",
  "Room for objects: size and what is available",
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
  "When a backup was last marked as done, in seconds since 1970; 0 when never",
);

export const certificateExpiry = gauge(
  "certificate_expires_timestamp_seconds",
  "When the certificate at PUBLIC_URL runs out, in seconds since 1970",
);

// What only some processes know must not look like zero in the others.
forget(liveWorkers, postgresBytes, postgresOldestTransaction, replicaLag, lastBackup, certificateExpiry);
forget(databaseConnections);

/** Says no longer what these were. */
export function forget(...gauges: Gauge<any>[]): void {
  for (const gauge of gauges) {
    gauge.reset();
    // Without labels that set it to zero.
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
 * Watches what the collector's own numbers get wrong on Deno (event loop, memory) and the room on the volume that holds
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
    "By how much the event loop was late at most within the last 30 s",
    (self) => {
      self.set(Math.max(0, ...lags.map(({ seconds }) => seconds)));
    },
  );
  collect(
    "memory_resident_bytes",
    "Memory that this process holds",
    (self) => self.set(Deno.memoryUsage().rss),
  );
  collect(
    "data_volume_bytes",
    "Room on the volume of AKASHI_DATA_DIR: size and what is available",
    (self) => {
      self.reset();
      for (const [state, bytes] of Object.entries(readVolume(folder) ?? {})) self.set({ state }, bytes);
    },
    ["state"],
  );
  return () => clearInterval(timer);
}

/** Bytes of the volume that holds `folder`; undefined as long as there is no such folder. */
export function readVolume(folder: string): { size: number; available: number } | undefined {
  try {
    const { bsize, blocks, bavail } = statfsSync(folder);
    return { size: bsize * blocks, available: bsize * bavail };
  } catch {
    return undefined;
  }
}

/** A gauge that is read when it is printed; a later one of the same name takes its place. */
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
