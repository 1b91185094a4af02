import assert from "node:assert/strict";
import { openTestServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { seedWork } from "../support/work.ts";

const METRICS_TOKEN = "a token for Prometheus alone";
const UNAUTHENTICATED =
  /^akashi_http_request_duration_seconds_count\{.*route="\/metrics".*status="401"\} (\d+)$/m;

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer({ worker: true, settings: { METRICS_TOKEN } });
});
Deno.test.afterAll(() => server.close());

Deno.test("metrics name every tenant, so only superusers and holders of the token read them", async () => {
  const editor = await server.client(await server.addPerson({ role: "editor" }));
  assert.equal((await read()).status, 401);
  assert.equal((await read("another token")).status, 401);
  assert.equal((await read(editor.token)).status, 403);
  assert.equal((await read((await server.client()).token)).status, 403, "an administrator of one tenant");
  const superuser = await server.client(await server.addPerson({ superuser: true }));
  assert.equal((await read(superuser.token)).status, 200);
  assert.equal((await read(METRICS_TOKEN)).status, 200);
});

Deno.test("metrics show requests, parts, workers and the database", async () => {
  const earlier = countUnauthenticated((await read(METRICS_TOKEN)).text);
  for (const token of [undefined, "another token"]) await read(token);
  // A worker is counted once its first heartbeat is stored.
  const text = await until("the worker is counted", async () => {
    const { text } = await read(METRICS_TOKEN);
    return /^akashi_workers_live 1$/m.test(text) ? text : undefined;
  });
  assert.equal(countUnauthenticated(text), earlier + 2);
  for (
    const line of [
      /^akashi_part_up\{part="queue"\} 1$/m,
      /^akashi_database_connections_max \d+$/m,
      /^akashi_data_volume_bytes\{state="available"\} \d+/m,
      /^akashi_event_loop_lag_seconds \d/m,
      /^akashi_memory_resident_bytes [1-9]\d+$/m,
    ]
  ) assert.match(text, line);
});

Deno.test("metrics count what was ingested, how long jobs waited and ran, and what is left to do", async () => {
  const admin = await server.client();
  const sent = await admin.fetch("/api/v1/ingest/note.txt", { method: "PUT", body: "twelve bytes" });
  assert.equal(sent.status, 201, await sent.text());
  await seedWork(server.platform, ["transcode"]);
  const { text } = await until("both are counted", async () => {
    const metrics = await read(METRICS_TOKEN);
    const done = /^akashi_job_duration_seconds_count\{kind="metadata",outcome="completed"\} 1$/m;
    const due = /^akashi_jobs\{kind="transcode",state="due"\} 1$/m;
    return done.test(metrics.text) && due.test(metrics.text) ? metrics : undefined;
  }, 30_000);
  for (
    const line of [
      /^akashi_uploaded_bytes_total 12$/m,
      /^akashi_uploads_total\{way="request",event="finished"\} 1$/m,
      /^akashi_job_wait_seconds_count\{kind="metadata"\} 1$/m,
      /^akashi_part_operation_duration_seconds_count\{part="storage",operation="put",outcome="ok"\} 2$/m,
      /^akashi_part_operation_duration_seconds_count\{part="cache",operation="take",outcome="ok"\} [1-9]/m,
      /^akashi_part_operation_duration_seconds_count\{part="queue",operation="publish",outcome="ok"\} [1-9]/m,
      /^akashi_database_wait_seconds_count [1-9]/m,
      /^akashi_database_transaction_duration_seconds_count\{outcome="committed"\} [1-9]/m,
      /^akashi_postgres_connections\{state="max"\} [1-9]/m,
      /^akashi_postgres_size_bytes [1-9]/m,
      /^akashi_postgres_events_total\{event="commits"\} [1-9]/m,
    ]
  ) assert.match(text, line);
  assert.doesNotMatch(text, /^akashi_replica_lag_seconds/m);
  assert.doesNotMatch(text, /^akashi_certificate/m);
});

async function read(token?: string): Promise<{ status: number; text: string }> {
  const headers: HeadersInit = token ? { Authorization: `Bearer ${token}` } : {};
  const response = await fetch(`${server.url}/metrics`, { headers });
  return { status: response.status, text: await response.text() };
}

function countUnauthenticated(text: string): number {
  return Number(UNAUTHENTICATED.exec(text)?.[1] ?? 0);
}
