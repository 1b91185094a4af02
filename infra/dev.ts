// `deno task dev`: the whole product in one process, for development. Only here and in tests do server and worker share
// a process, which embedded parts require.
import { setTimeout as pause } from "node:timers/promises";
import { ConfigError, loadConfig } from "../lib/platform/config.ts";
import { errorMessage } from "../lib/platform/errors.ts";
import { openPlatform } from "../lib/platform/open.ts";
import { catchUnhandled } from "../lib/platform/process/last_net.ts";
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
  if (isFirst) say("first start: creating the embedded database takes several seconds");
  const [platform] = await Promise.all([openPlatform(config), buildIslands()]);
  catchUnhandled(platform.log);
  const administrator = await prepareInstallation(platform);
  const server = await startServer(platform);
  const worker = await startWorker(platform, { handlers: HANDLERS, duties: SWEEPS });

  const parts = [platform.db.kind, platform.storage.kind, platform.cache.kind, platform.queue.kind];
  say(`parts: database ${parts[0]}, objects ${parts[1]}, cache ${parts[2]}, queue ${parts[3]}`);
  if (administrator) {
    const { email, password, passwordFile } = administrator;
    say(
      `first administrator: ${email}${password ? `  password: ${password}  (saved in ${passwordFile})` : ""}`,
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
 * The file watcher runs in this process; it sends SIGTERM when a file changed and restarts the program half a second
 * later. If the process still runs after that, the signal came from outside; it then kills itself, because after a plain
 * exit the watcher would wait for the next change.
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
  const lead = error instanceof ConfigError ? "invalid configuration:\n" : "cannot start: ";
  say(lead + errorMessage(error));
  Deno.exit(1);
}
