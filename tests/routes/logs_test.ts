import assert from "node:assert/strict";
import { createLog } from "../../lib/platform/observe/log.ts";
import { readMetric } from "../support/metrics.ts";
import { openTestServer } from "../support/server.ts";

const PUBLISHED = 'part="cache",operation="publish",outcome="ok"';

Deno.test("log lines", async (t) => {
  const server = await openTestServer();
  const log = createLog("info", { process: "elsewhere" }, () => {});
  const published = async () => (await readMetric("part_operation_duration_seconds_count"))[PUBLISHED] ?? 0;

  await t.step("are for superusers", async () => {
    const admin = await server.client();
    assert.equal((await admin.json("GET", "/events/logs", undefined, 403)).code, "forbidden");
  });

  await t.step("travel nowhere while nobody follows", async () => {
    const before = await published();
    for (let nth = 0; nth < 10; nth++) log.info("unheard", { nth });
    assert.equal(await published(), before);
  });

  await t.step("reach who follows, from every process, and not more than anybody can read", async () => {
    const superuser = await server.client(await server.addPerson({ superuser: true }));
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
    const before = await published();
    for (let nth = 0; nth < 1_000; nth++) log.info("flood", { nth });
    assert.ok(await published() - before <= 401, "200 a second, which may have changed once");
    while (!seen.includes("log_lines_dropped")) seen += (await reader.read()).value ?? "";
    clearInterval(timer);
    await reader.cancel().catch(() => {});
  });

  await server.close();
});
