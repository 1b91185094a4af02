// Metrics that change slowly or are expensive: database server, replica, storage room, tenants, backup, certificate. Read at
// most once a minute, when metrics are scraped.
import { readDatabaseState, readReplicaLag } from "../../platform/db/state.ts";
import type { Platform } from "../../platform/platform.ts";
import { readCertificateExpiry } from "../../platform/outbound/certificate.ts";
import { errorMessage } from "../../platform/errors.ts";
import * as metrics from "../../platform/observe/metrics.ts";
import { listUsage, type UsageRow } from "../../tenancy/usage/usage.ts";
import { readBackupMark } from "./backup.ts";

const LIMIT_MS = 4_000;
/** Tenants with series of their own; all others are summed up. */
const MAX_TENANTS = 20;

/** Updates these gauges. One that cannot be read in time is logged and reset. */
export async function survey(platform: Platform): Promise<void> {
  await Promise.all([
    attempt(platform, "database", measureDatabase, [
      metrics.postgresConnections,
      metrics.postgresRows,
      metrics.postgresEvents,
      metrics.postgresBytes,
      metrics.postgresOldestTransaction,
    ]),
    attempt(platform, "replica", measureReplica, []),
    attempt(platform, "tenants and storage", measureUsage, [
      metrics.tenantAssets,
      metrics.tenantBytes,
      metrics.tenantUsers,
      metrics.storageRoom,
    ]),
    attempt(platform, "backup", measureBackup, [metrics.lastBackup]),
    attempt(platform, "certificate", measureCertificate, [metrics.certificateExpiry]),
  ]);
}

/** Runs one reading with a time limit; resets its gauges when it fails. */
async function attempt(
  platform: Platform,
  what: string,
  read: (platform: Platform) => Promise<void>,
  gauges: Parameters<typeof metrics.clearGauges>,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    await Promise.race([read(platform), late]);
  } catch (error) {
    platform.log.warn("metric_not_measured", { what, error: errorMessage(error) });
    metrics.clearGauges(...gauges);
  } finally {
    clearTimeout(timer);
  }
}

async function measureDatabase({ db }: Platform): Promise<void> {
  const { connections, rows, events, sizeBytes, oldestTransactionSeconds } = await readDatabaseState(db);
  setAll(metrics.postgresConnections, "state", connections);
  setAll(metrics.postgresRows, "state", rows);
  setAll(metrics.postgresEvents, "event", events);
  metrics.postgresBytes.set(sizeBytes);
  metrics.postgresOldestTransaction.set(oldestTransactionSeconds);
}

async function measureReplica({ config, db }: Platform): Promise<void> {
  if (!config.DATABASE_READ_URL) return;
  // Infinite lag while the replica does not answer.
  metrics.replicaLag.set(Infinity);
  metrics.replicaLag.set(await readReplicaLag(db) ?? 0);
}

async function measureUsage({ config, db, storage }: Platform): Promise<void> {
  const rows = await listUsage(db, MAX_TENANTS);
  for (const gauge of [metrics.tenantAssets, metrics.tenantBytes, metrics.tenantUsers]) gauge.reset();
  for (const { tenant, measure, label, value } of rows) {
    if (measure === "assets") metrics.tenantAssets.set({ tenant, type: label }, value);
    if (measure === "bytes") metrics.tenantBytes.set({ tenant, purpose: label }, value);
    if (measure === "users") metrics.tenantUsers.set({ tenant }, value);
  }
  const size = config.STORAGE_CAPACITY_BYTES;
  if (size) setAll(metrics.storageRoom, "state", { size, available: Math.max(0, size - bytesOf(rows)) });
  else if (storage.kind === "files") {
    setAll(metrics.storageRoom, "state", { ...metrics.readVolume(config.AKASHI_DATA_DIR) });
  }
}

function bytesOf(rows: UsageRow[]): number {
  return rows.filter((row) => row.measure === "bytes").reduce((sum, { value }) => sum + value, 0);
}

async function measureBackup({ storage }: Platform): Promise<void> {
  const at = await readBackupMark(storage);
  metrics.lastBackup.set(at ? at.getTime() / 1000 : 0);
}

async function measureCertificate({ config }: Platform): Promise<void> {
  if (!config.PUBLIC_URL?.startsWith("https:")) return;
  metrics.certificateExpiry.set(await readCertificateExpiry(new URL(config.PUBLIC_URL), LIMIT_MS) / 1000);
}

function setAll<L extends string>(
  gauge: { reset(): void; set(labels: Record<L, string>, value: number): void },
  label: L,
  values: Record<string, number>,
): void {
  gauge.reset();
  for (const [name, value] of Object.entries(values)) {
    gauge.set({ [label]: name } as Record<L, string>, value);
  }
}
