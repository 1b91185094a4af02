// The process around a worker or scheduler, from its configuration to a graceful shutdown.
import { setTimeout as pause } from "node:timers/promises";
import { type Config, ConfigError, isDeployed, loadConfig } from "../../lib/platform/config.ts";
import { errorMessage, hasCode } from "../../lib/platform/errors.ts";
import { createLog, type Log } from "../../lib/platform/observe/log.ts";
import { verifyLogin } from "../../lib/platform/db/login.ts";
import { requireMigrated } from "../../lib/platform/db/migrations.ts";
import { type OpenPlatform, openPlatform } from "../../lib/platform/open.ts";
import { catchUnhandled } from "../../lib/platform/process/last_net.ts";
import { untilStopSignal } from "../../lib/platform/process/signals.ts";
import { startProbes } from "./probes.ts";

/** How long a starting process waits for its database. */
const DATABASE_WAIT_MS = 60_000;
/** Longer than the grace of running jobs; a job that still runs then is reclaimed when its lease expires. */
const STOP_LIMIT_MS = 45_000;

/** The part of a process that does the work. */
export interface Running {
  /** Whether it can do its work now; readiness checks this. */
  isLive(): boolean;
  stop(): Promise<void>;
}

/**
 * Opens the platform, waits for the database, starts the work, serves probes and shuts down on SIGTERM or SIGINT. Exits
 * with 1 and a message when the configuration is invalid or the database cannot be used.
 */
export async function runProcess(
  name: "worker" | "scheduler",
  start: (platform: OpenPlatform) => Promise<Running> | Running,
): Promise<void> {
  const config = readConfig();
  if (!config.DATABASE_URL) {
    refuse(
      `A ${name} of its own needs a database that it can share with the server. Set DATABASE_URL, or run everything in one with: deno task dev`,
    );
  }
  const log = createLog(config.LOG_LEVEL, { process: name });
  catchUnhandled(log);
  const platform = await openPlatform(config, log);
  await refuseUnfitDatabase(platform);
  if (!config.REDIS_URL) log.warn("live_events_local_only", { reason: "REDIS_URL is not set" });
  const running = await start(platform);
  const probes = config.METRICS_PORT === undefined ? undefined : startProbes(config, running);
  const signal = await untilStopSignal();
  log.info("process_stopping", { signal });
  setTimeout(() => Deno.exit(1), STOP_LIMIT_MS);
  await running.stop();
  await probes?.stop();
  await platform.close();
  Deno.exit(0);
}
function readConfig(): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (error instanceof ConfigError) refuse(`Invalid configuration:\n${error.message}`);
    throw error;
  }
}

async function refuseUnfitDatabase({ config, db, log }: OpenPlatform): Promise<void> {
  try {
    await retryWhileAway(() => requireMigrated(db), log);
    if (isDeployed(config)) await verifyLogin(db);
  } catch (error) {
    refuse(`The database cannot be used: ${errorMessage(error)}`);
  }
}

async function retryWhileAway<T>(ask: () => Promise<T>, log: Log): Promise<T> {
  const deadline = performance.now() + DATABASE_WAIT_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!hasCode(error, "unavailable") || performance.now() > deadline) throw error;
      log.warn("waiting_for_database", { error: errorMessage(error) });
      await pause(2_000);
    }
  }
}

function refuse(sentence: string): never {
  console.error(sentence);
  Deno.exit(1);
}
