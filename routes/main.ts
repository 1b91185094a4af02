// Entry point of a server: reads the configuration, prepares the installation, listens, drains on SIGTERM.
import { ConfigError, isDeployed, loadConfig, publicUrl } from "../lib/platform/config.ts";
import { openPlatform } from "../lib/platform/open.ts";
import { errorMessage } from "../lib/platform/errors.ts";
import { catchUnhandled } from "../lib/platform/process/last_net.ts";
import { untilStopSignal } from "../lib/platform/process/signals.ts";
import { prepareInstallation } from "../lib/operation/setup/setup.ts";
import { startServer } from "./server.ts";

const PLAIN_HTTP_HINT =
  "Passwords and media cross the network unencrypted. Put a proxy with https before Akashi and set PUBLIC_URL, or let " +
  "it listen on 127.0.0.1 alone (HOST; AKASHI_ADDRESS in containers).";

async function main(): Promise<void> {
  const config = loadConfig();
  const platform = await openPlatform(config);
  catchUnhandled(platform.log);
  const address = publicUrl(config);
  if (isDeployed(config) && address.startsWith("http:")) {
    platform.log.warn("plain_http", { address, listens_on: config.HOST, hint: PLAIN_HTTP_HINT });
  }
  const administrator = await prepareInstallation(platform);
  if (administrator) {
    const { email, passwordFile } = administrator;
    platform.log.info("first_administrator", { email, ...(passwordFile && { password_file: passwordFile }) });
  }
  const server = await startServer(platform);
  platform.log.info("server_ready", {
    port: server.port,
    database: platform.db.kind,
    storage: platform.storage.kind,
  });

  const signal = await untilStopSignal();
  platform.log.info("server_stopping", { signal });
  await server.stop();
  await platform.close();
  Deno.exit(0);
}

try {
  await main();
} catch (error) {
  const lead = error instanceof ConfigError ? "Invalid configuration:\n" : "Akashi cannot start: ";
  console.error(lead + errorMessage(error));
  Deno.exit(1);
}
