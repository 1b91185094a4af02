// The HTTP server around the app: Node's, since Deno's own limits neither the time that a client may take for the head of
// a request nor idle connections, and refuses any body that comes with `Upgrade`.
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Config } from "../lib/platform/config.ts";
import type { Platform } from "../lib/platform/platform.ts";
import { tracedRequest } from "../lib/platform/observe/trace.ts";
import { createApp } from "./app.ts";
import { startMailDelivery } from "./mail_delivery.ts";
import { listenBy, refuseMalformed } from "./node_http.ts";

/** A listening server. `stop` takes no new connections and drains running requests for 10 s at most. */
export interface Server {
  port: number;
  stop(): Promise<void>;
}

/** Open event streams use the whole drain time, so development has a short one. */
const DRAIN_MS = { development: 300, test: 300, staging: 10_000, production: 10_000 };

/** Seconds that a client may take for the head of a request, and between two requests on one connection. */
interface Patience {
  head: number;
  idle: number;
}

/** Proxies keep connections for up to 60 s: the server must not be the one that closes. */
const PATIENCE: Patience = { head: 30, idle: 75 };

/** Serves the app on the configured port (0 takes any free one) and sends letters. Throws when the port is taken. */
export async function startServer(platform: Platform, patience = PATIENCE): Promise<Server> {
  const { config } = platform;
  const app = createApp(platform);
  const listener = listenBy((request, remoteAddress) =>
    tracedRequest(request, async () => await app.fetch(request, { remoteAddress }))
  );
  const server = createServer(limitsOf(config, patience), listener);
  server.on("clientError", refuseMalformed);
  await listen(server, config);
  const mailDelivery = platform.mail.kind === "none" ? undefined : startMailDelivery(platform);
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const late = new Promise((resolve) => setTimeout(resolve, DRAIN_MS[config.APP_ENV]));
      await Promise.race([Promise.all([close(server), mailDelivery?.stop()]), late]);
      server.closeAllConnections();
    },
  };
}

/** Bodies have their own limits of time (`steadyBody`), and the size of heads is limited with words (`limitHead`). */
function limitsOf({ MAX_HEADER_BYTES }: Config, { head, idle }: Patience) {
  return {
    headersTimeout: head * 1000,
    keepAliveTimeout: idle * 1000,
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(head, idle) * 250,
    requireHostHeader: false,
    maxHeaderSize: 4 * MAX_HEADER_BYTES,
  };
}

function listen(server: HttpServer, { PORT, HOST }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: PORT, host: HOST, backlog: 511 }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function close(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
