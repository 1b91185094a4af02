// What a run gets follows from what its kind declares.
import assert from "node:assert/strict";
import { z } from "zod";
import { enqueueJobs, getJob, nudge } from "../../../lib/work/jobs/jobs.ts";
import { defineJobKind, type JobKind, noPayload, orderJob } from "../../../lib/work/jobs/kinds.ts";
import { handle, type Handler, type Work } from "../../../workers/runtime/handler.ts";
import { startWorker } from "../../../workers/runtime/runtime.ts";
import { openTestPlatform, type TestPlatform } from "../../support/stack.ts";
import { until } from "../../support/until.ts";
import { type Seed, seedWork } from "../../support/work.ts";

const onAsset = defineJobKind({ name: "test_asset", payload: noPayload, input: "asset" });
const onNothing = defineJobKind({
  name: "test_none",
  payload: z.object({ days: z.number() }),
  input: "none",
  queue: "test_shared",
});
const slow = defineJobKind({
  name: "test_slow",
  payload: noPayload,
  input: "none",
  queue: "test_shared",
  timeLimitSeconds: 0.2,
});

let test: TestPlatform;
Deno.test.beforeAll(async () => {
  test = await openTestPlatform();
});
Deno.test.afterAll(() => test.close());

Deno.test("a kind with the input `asset` runs although its original cannot be downloaded", async () => {
  const seed = await seedWork(test.platform, []);
  await test.platform.db.asTenant(
    seed.ctx.actor.tenantId,
    (sql) => sql`update storage_locations set path = 'nowhere'`,
  );
  const handler = handle(onAsset, (work) => {
    return Promise.resolve({ result: { title: work.asset.title, source: "source" in work && work.source } });
  });
  assert.equal((await run(seed, handler, {}, seed.assetId)).status, "completed");
});

Deno.test("a kind with the input `none` runs without an asset and gets its payload", async () => {
  const seed = await seedWork(test.platform, []);
  const seen: unknown[] = [];
  const handler = handle(onNothing, ({ payload }) => {
    seen.push(payload.days);
    return Promise.resolve({});
  });
  assert.equal((await run(seed, handler, { days: 3 })).status, "completed");
  assert.deepEqual(seen, [3]);
});

Deno.test("a stored payload that its kind cannot read fails the job for good", async () => {
  const seed = await seedWork(test.platform, []);
  const lenient = { ...onNothing, payload: z.object({}) } as JobKind;
  const handler = handle(onNothing, () => Promise.reject(new Error("it must not run")));
  const job = await run(seed, handler, {}, null, lenient);
  assert.deepEqual([job.status, job.error_code, job.attempts], ["failed", "invalid", 1]);
});

Deno.test("a run that takes longer than the time limit of its kind is stopped", async () => {
  const seed = await seedWork(test.platform, []);
  const job = await run(seed, handle(slow, untilAborted), {});
  assert.deepEqual([job.status, job.error_code], ["failed", "timed_out"]);
});

/** Enqueues a job, runs a worker until the job has ended, and answers the job. */
async function run(
  { ctx }: Seed,
  handler: Handler,
  payload: Record<string, unknown>,
  assetId: string | null = null,
  kind = handler.kind,
) {
  const { tenantId } = ctx.actor;
  const worker = await startWorker(test.platform, { handlers: [handler], graceMs: 1_000 });
  try {
    const orders = [orderJob(kind, payload)];
    const [job] = await ctx.db.asTenant(
      tenantId,
      (sql) => enqueueJobs(sql, { tenantId, assetId, orders, requestId: null, createdBy: null }),
    );
    await nudge(test.platform);
    return await until("the job has ended", async () => {
      const now = await getJob(ctx, job!.id);
      return now.finished_at ? now : undefined;
    });
  } finally {
    await worker.stop();
  }
}

function untilAborted({ signal }: Work): Promise<never> {
  return new Promise((_, reject) => {
    // The limit may be over before the handler was called.
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}
