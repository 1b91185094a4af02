import assert from "node:assert/strict";
import { startProcess } from "../support/processes.ts";
import { openTestPlatform } from "../support/stack.ts";
import { tinyPng } from "../support/media.ts";
import { until } from "../support/until.ts";

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  service: string;
}

/** Receives OpenTelemetry exports (OTLP over HTTP, as JSON). */
function startCollector() {
  const spans: Span[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { resourceSpans = [] } = await request.json();
    for (const { resource, scopeSpans } of resourceSpans) {
      const named = resource.attributes.find(({ key }: { key: string }) => key === "service.name");
      for (const span of scopeSpans.flatMap((scope: { spans: Span[] }) => scope.spans)) {
        spans.push({ ...span, service: named.value.stringValue });
      }
    }
    return Response.json({});
  });
  return { spans, url: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
}

Deno.test("one trace leads from a request to its jobs, in spans and in log lines", async () => {
  const stack = await openTestPlatform();
  const collector = startCollector();
  const traces = (service: string) => ({
    OTEL_DENO: "true",
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_BSP_SCHEDULE_DELAY: "200",
  });
  const at = (path: string) => new URL(`../../${path}`, import.meta.url);
  const login = { email: "admin@example.org", password: "correct horse battery" };
  const config = {
    ...stack.config,
    APP_ENV: "development" as const,
    HOST: "127.0.0.1",
    PORT: 0,
    AKASHI_ADMIN_EMAIL: login.email,
    AKASHI_ADMIN_PASSWORD: login.password,
  };
  // Embedded parts cannot be shared by several processes, so one process is both server and worker.
  const isShared = config.DATABASE_URL !== undefined;
  if (!isShared) await stack.platform.close();
  const children = isShared
    ? [
      startProcess(at("routes/main.ts"), config, [], traces("server")),
      startProcess(at("workers/main.ts"), config, [], traces("worker")),
    ]
    : [startProcess(at("infra/dev.ts"), config, [], traces("server"))];
  const port = await until(
    "the server listens",
    () => /"port":(\d+)|localhost:(\d+)/.exec(children[0]!.output())?.slice(1).find(Boolean),
    60_000,
  );
  const url = `http://127.0.0.1:${port}`;

  const signedIn = await fetch(`${url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(login),
  });
  const { access_token } = await signedIn.json();
  const response = await fetch(`${url}/api/v1/ingest/dot.png`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${access_token}` },
    body: await tinyPng() as BodyInit,
  });
  assert.equal(response.status, 201, await response.text());

  const named = (name: string) => collector.spans.find((span) => span.name === name);
  const job = await until("the job's span is sent", () => named("job metadata"), 60_000);
  const request = await until(
    "the request's span is sent",
    () => named("PUT /api/v1/ingest/:filename"),
    60_000,
  );
  assert.equal(job.traceId, request.traceId);
  assert.equal(job.parentSpanId, request.spanId);
  assert.equal(job.service, isShared ? "worker" : "server");
  const logged = () =>
    children.flatMap((child) => child.output().split("\n"))
      .filter((line) => line.includes(`"trace_id":"${request.traceId}"`))
      .map((line) => /"event":"(\w+)"/.exec(line)?.[1]);
  await until("both are logged", () => logged().includes("request") && logged().includes("job_done"));

  for (const child of children) child.kill("SIGTERM");
  await Promise.all(children.map((child) => child.ended));
  await collector.stop();
  if (isShared) await stack.close();
  else await Deno.remove(config.AKASHI_DATA_DIR, { recursive: true });
});

Deno.test("without OTEL_DENO nothing is traced", async () => {
  const { traceId, traceParent } = await import("../../lib/platform/observe/trace.ts");
  assert.deepEqual([traceId(), traceParent()], [undefined, null]);
});
