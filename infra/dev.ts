// `deno task dev`: the whole product in one process, for whoever works on it. The one place, beside tests, where server
// and worker meet: on embedded parts they must share a process.
import { setTimeout as pause } from "node:timers/promises";
import { ConfigError, loadConfig } from "../lib/platform/config.ts";
import { errorMessage } from "../lib/platform/errors.ts";
import { openPlatform } from "../lib/platform/open.ts";
import { untilStopSignal } from "../lib/platform/process/signals.ts";
import { prepareInstallation } from "../lib/operation/setup/setup.ts";
import { startServer } from "../routes/server.ts";
import { HANDLERS, SWEEPS } from "../workers/kinds.ts";
import { startWorker } from "../workers/runtime/runtime.ts";
import { buildIslands } from "./islands.ts";

const RELOAD_MS = 1_500;

function say(line: string): void {
  console.error(`akashi  ${line}`);
}

async function main(): Promise<void> {
  const started = performance.now();
  const config = loadConfig();
  const isFirst = !config.DATABASE_URL && !await Deno.stat(`${config.AKASHI_DATA_DIR}/db`).catch(() => null);
  if (isFirst) say("first start: making the embedded database, this takes some seconds");
  const [platform] = await Promise.all([openPlatform(config), buildIslands()]);
  const administrator = await prepareInstallation(platform);
  const server = startServer(platform);
  const worker = await startWorker(platform, { handlers: HANDLERS, duties: SWEEPS });

  const parts = [platform.db.kind, platform.storage.kind, platform.cache.kind, platform.queue.kind];
  say(`parts: database ${parts[0]}, objects ${parts[1]}, cache ${parts[2]}, queue ${parts[3]}`);
  if (administrator) {
    const { email, password, passwordFile } = administrator;
    say(
      `first administrator: ${email}${password ? `  password: ${password}  (kept in ${passwordFile})` : ""}`,
    );
  }
  say(`ready in ${((performance.now() - started) / 1000).toFixed(1)} s: http://localhost:${server.port}`);

  const signal = await untilStopSignal();
  say("stopping");
  setTimeout(() => end(signal), 5_000);
  await Promise.all([server.stop(), worker.stop()]);
  await platform.close();
  await end(signal);
}

/**
 * The watcher lives in this process and tells of a changed file by SIGTERM; half a second later it starts us anew. Only
 * who is still here after that was told from outside, and then an exit would make the watcher wait for a change.
 */
async function end(signal: Deno.Signal): Promise<never> {
  if (signal === "SIGINT") Deno.exit(0);
  await pause(RELOAD_MS);
  Deno.kill(Deno.pid, "SIGKILL");
  Deno.exit(0);
}

try {
  await main();
} catch (error) {
  const lead = error instanceof ConfigError ? "the configuration does not fit:\n" : "cannot start: ";
  say(lead + errorMessage(error));
  Deno.exit(1);
}
