// Health probes and metrics of a worker or scheduler, on a port of their own.
import { isMetricsReader } from "../../lib/operation/health/measure.ts";
import type { Config } from "../../lib/platform/config.ts";
import { printMetrics } from "../../lib/platform/observe/metrics.ts";

interface Probed {
  isLive(): boolean;
}

/** Serves /livez (the process runs), /readyz (it can take work) and /metrics on METRICS_PORT until stopped. */
export function startProbes(config: Config, running: Probed): { port: number; stop(): Promise<void> } {
  const server = Deno.serve(
    { port: config.METRICS_PORT, hostname: config.HOST, onListen: () => {} },
    (request) => answer(request, config, running),
  );
  return { port: server.addr.port, stop: () => server.shutdown() };
}

async function answer(request: Request, config: Config, running: Probed): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/livez") return new Response("ok");
  if (pathname === "/readyz") {
    return running.isLive() ? new Response("ok") : new Response("cannot work", { status: 503 });
  }
  if (pathname !== "/metrics") return new Response("not found", { status: 404 });
  if (!isMetricsReader(config, request.headers.get("Authorization") ?? undefined)) {
    return new Response("METRICS_TOKEN is wanted", { status: 401 });
  }
  const { body, contentType } = await printMetrics();
  return new Response(body, { headers: { "Content-Type": contentType } });
}
