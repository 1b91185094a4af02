import assert from "node:assert/strict";
import { z } from "zod";
import { enqueueJobs } from "../../../../lib/work/jobs/jobs.ts";
import {
  defineJobKind,
  findJobKind,
  noPayload,
  orderJob,
  parsePayload,
} from "../../../../lib/work/jobs/kinds.ts";
import { claimJob, takeDueJobs } from "../../../../lib/work/jobs/runs.ts";
import { openTestPlatform, type TestPlatform } from "../../../support/stack.ts";
import { type Seed, seedWork } from "../../../support/work.ts";

const first = defineJobKind({ name: "test_first", payload: noPayload, input: "none", attempts: 7 });
const second = defineJobKind({
  name: "test_second",
  payload: z.object({ language: z.string(), words: z.number().default(3) }),
  input: "none",
  waitsFor: first,
  priority: 5,
});

let test: TestPlatform;
Deno.test.beforeAll(async () => {
  test = await openTestPlatform();
});
Deno.test.afterAll(() => test.close());

Deno.test("defineJobKind() fills in defaults and refuses duplicates, bad names and chains", () => {
  assert.deepEqual([first.queue, first.priority, second.attempts], ["test_first", 0, 3]);
  assert.equal(findJobKind("test_second"), second);
  const declare = (name: string, waitsFor?: typeof second) =>
    defineJobKind({ name, payload: noPayload, input: "none", waitsFor });
  assert.throws(() => declare("test_first"), /duplicate/);
  assert.throws(() => declare("Not a name"), /Invalid/);
  assert.throws(() => declare("test_third", second), /waits for a kind that waits/);
});

Deno.test("enqueueJobs() records the payload, attempts, priority and prerequisite of the kind", async () => {
  const seed = await seedWork(test.platform, []);
  const jobs = await enqueue(seed, orderJob(second, { language: "pt", words: 9 }), orderJob(first, {}));
  assert.deepEqual(jobs.map((job) => [job.job_type, job.max_attempts]), [["test_first", 7], [
    "test_second",
    3,
  ]]);
  const rows = await seed.ctx.db.asTenant(
    seed.ctx.actor.tenantId,
    (sql) =>
      sql<{ payload: unknown; priority: number; waits_for: string | null }[]>`
      select payload, priority, waits_for from jobs order by id`,
  );
  assert.deepEqual(rows.map((row) => ({ ...row })), [
    { payload: {}, priority: 0, waits_for: null },
    { payload: { language: "pt", words: 9 }, priority: 5, waits_for: jobs[0]!.id },
  ]);
});

Deno.test("a payload is checked when a job is enqueued and when it is claimed", async () => {
  const seed = await seedWork(test.platform, []);
  await assert.rejects(enqueue(seed, { kind: second, payload: { language: 1 } }));
  const [job] = await enqueue(seed, orderJob(second, { language: "pt", words: 9 }));
  const claim = { worker: "test", kinds: ["test_second"], leaseSeconds: 30 };
  const message = { jobId: job!.id, tenantId: seed.ctx.actor.tenantId, kind: "test_second" };
  assert.equal(await claimJob(test.platform.db, message, { ...claim, kinds: ["test_first"] }), undefined);
  const run = await claimJob(test.platform.db, message, claim);
  assert.deepEqual(parsePayload(second, run!.payload), { language: "pt", words: 9 });
  assert.throws(() => parsePayload(second, { words: "many" }), /parameters of this test_second job/);
});

Deno.test("takeDueJobs() publishes jobs of higher priority first", async () => {
  const seed = await seedWork(test.platform, []);
  const [low] = await enqueue(seed, orderJob({ ...second, priority: 1 }, { language: "pt", words: 1 }));
  const [high] = await enqueue(seed, orderJob({ ...second, priority: 9 }, { language: "pt", words: 1 }));
  const taken = [];
  for (let left = 1; left > 0;) {
    const due = await takeDueJobs(test.platform.db, [{ kind: "test_second", room: 1 }]);
    left = due.length;
    taken.push(...due.map((message) => message.jobId));
  }
  assert.ok(taken.indexOf(high!.id) < taken.indexOf(low!.id) && taken.includes(low!.id));
});

function enqueue({ ctx, assetId }: Seed, ...orders: Parameters<typeof enqueueJobs>[1]["orders"]) {
  const { tenantId } = ctx.actor;
  return ctx.db.asTenant(
    tenantId,
    (sql) => enqueueJobs(sql, { tenantId, assetId, orders, requestId: null, createdBy: null }),
  );
}
