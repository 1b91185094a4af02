import type { Platform } from "../lib/platform/platform.ts";
import { createApp } from "./app.ts";
import { startMailDelivery } from "./mail_delivery.ts";

/** A listening server. `stop` takes no new connections and drains running requests for 10 s at most. */
export interface Server {
  port: number;
  stop(): Promise<void>;
}

/** Open event streams use the whole drain time, so development has a short one. */
const DRAIN_MS = { development: 300, test: 300, staging: 10_000, production: 10_000 };

/** Serves the app on the configured port (0 takes any free one) and sends letters. Throws when the port is taken. */
export function startServer(platform: Platform): Server {
  const app = createApp(platform);
  const mailDelivery = platform.mail.kind === "none" ? undefined : startMailDelivery(platform);
  const server = Deno.serve(
    { port: platform.config.PORT, hostname: platform.config.HOST, onListen: () => {} },
    (request, info) => app.fetch(request, { remoteAddress: (info.remoteAddr as Deno.NetAddr).hostname }),
  );
  return {
    port: (server.addr as Deno.NetAddr).port,
    stop: async () => {
      const late = new Promise((resolve) => setTimeout(resolve, DRAIN_MS[platform.config.APP_ENV]));
      await Promise.race([Promise.all([server.shutdown(), mailDelivery?.stop()]), late]);
    },
  };
}
