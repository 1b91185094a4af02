import assert from "node:assert/strict";
import { createLog, type Log } from "../../lib/platform/observe/log.ts";
import { readMetric } from "../support/metrics.ts";
import { openTestServer, type TestServer } from "../support/server.ts";

const PUBLISHED = 'part="cache",operation="publish",outcome="ok"';

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("only superusers can follow the log", async () => {
  const admin = await server.client();
  assert.equal((await admin.json("GET", "/events/logs", undefined, 403)).code, "forbidden");
});

Deno.test("log lines are not published while no client follows", async () => {
  const log = openLog();
  const before = await countPublished();
  for (let nth = 0; nth < 10; nth++) log.info("unheard", { nth });
  assert.equal(await countPublished(), before);
});

Deno.test("log lines of every process reach a client that follows, at most 200 a second of each", async () => {
  // A server keeps publishing for some seconds after its last follower left, so that this one is closed with the case.
  const followed = await openTestServer();
  const superuser = await followed.client(await followed.addPerson({ superuser: true }));
  const log = openLog();
  const stream = await superuser.fetch("/events/logs");
  assert.match(stream.headers.get("Content-Type")!, /^text\/event-stream/);
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  await reader.read();
  let seen = "";
  const timer = setInterval(() => log.info("heard", { request_id: "r-1" }), 20);
  while (!seen.includes("heard")) seen += (await reader.read()).value ?? "";
  assert.match(
    seen,
    /event: log\ndata: \{"time":"[^"]+","level":"info","event":"heard","process":"elsewhere"/,
  );
  const before = await countPublished();
  for (let nth = 0; nth < 1_000; nth++) log.info("flood", { nth });
  assert.ok(await countPublished() - before <= 401, "200 a second, which may have changed once");
  while (!seen.includes("log_lines_dropped")) seen += (await reader.read()).value ?? "";
  clearInterval(timer);
  await reader.cancel().catch(() => {});
  await followed.close();
});

function openLog(): Log {
  return createLog("info", { process: "elsewhere" }, () => {});
}

/** Messages that this process published through its cache. */
async function countPublished(): Promise<number> {
  return (await readMetric("part_operation_duration_seconds_count"))[PUBLISHED] ?? 0;
}
