// Messages that no relay sent: a client of the broker can wake workers, and make them do nothing else.
import assert from "node:assert/strict";
import { metadata } from "../../../lib/library/assets/kinds.ts";
import { newId } from "../../../lib/platform/ids.ts";
import { nudge } from "../../../lib/work/jobs/jobs.ts";
import { handle } from "../../../workers/runtime/handler.ts";
import { startWorker } from "../../../workers/runtime/runtime.ts";
import { queueOf } from "../../../workers/runtime/slots.ts";
import { publishRaw } from "../../support/broker.ts";
import { openTestPlatform } from "../../support/stack.ts";
import { until } from "../../support/until.ts";
import { jobsNow, seedWork } from "../../support/work.ts";

Deno.test("a worker lives through foreign, false and malformed messages, and runs each job once", async () => {
  const test = await openTestPlatform();
  const { platform } = test;
  const runs: string[] = [];
  const handler = handle(metadata, ({ job }) => {
    runs.push(job.id);
    return Promise.resolve({});
  });
  const worker = await startWorker(platform, { handlers: [handler], graceMs: 1_000 });
  const kind = queueOf(metadata, false);
  const [own, foreign] = [await seedWork(platform, ["metadata"]), await seedWork(platform, ["metadata"])];
  const [jobId, other] = [own.jobs[0]!.id, foreign.jobs[0]!.id];
  const { tenantId } = own.ctx.actor;
  const lies = [
    // Of another tenant, of none, and the true one many times over.
    { jobId: other, tenantId, kind },
    { jobId: newId(), tenantId: newId(), kind },
    { jobId: newId(), tenantId, kind },
    ...Array.from({ length: 10 }, () => ({ jobId, tenantId, kind })),
  ];
  await Promise.all(lies.map((message) => platform.queue.publish(message)));
  if (platform.config.AMQP_URL) {
    const huge = JSON.stringify({ jobId, tenantId, kind, more: "x".repeat(4 * 1024 * 1024) });
    const raw = ["", "null", "[]", "{", "\u0000\ufffd", '{"jobId":1}', `{"jobId":"${jobId}"}`, huge];
    for (const text of raw) await publishRaw(platform.config, kind, text);
  }
  await nudge(platform);
  for (const seed of [own, foreign]) {
    await until("the job is done", async () => (await jobsNow(seed)).metadata!.status === "completed");
  }
  assert.ok(worker.isLive());
  const last = await seedWork(platform, ["metadata"]);
  await until("another job is done", async () => (await jobsNow(last)).metadata!.status === "completed");
  assert.deepEqual(runs.toSorted(), [jobId, other, last.jobs[0]!.id].toSorted());
  await worker.stop();
  await test.close();
});
