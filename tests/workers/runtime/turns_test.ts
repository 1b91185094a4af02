// Whose job a free slot takes: tenants in turn, posters before encoding, and never long work in all slots.
import assert from "node:assert/strict";
import { enqueueJobs, nudge } from "../../../lib/work/jobs/jobs.ts";
import type { Run } from "../../../lib/work/jobs/schema.ts";
import type { OriginalWork as Work, Outcome } from "../../../workers/runtime/handler.ts";
import { startWorker } from "../../../workers/runtime/runtime.ts";
import { removeQueues } from "../../support/broker.ts";
import { openTestPlatform, type TestPlatform } from "../../support/stack.ts";
import { until } from "../../support/until.ts";
import { handlersOf, jobsNow, ordersOf, type Seed, seedWork } from "../../support/work.ts";

let test: TestPlatform;
Deno.test.beforeAll(async () => {
  test = await openTestPlatform();
});
Deno.test.afterAll(async () => {
  await test.close();
  await removeQueues(test.config);
});

const KINDS = ["metadata", "thumbnail", "proxy"];

Deno.test("a second tenant's first job is the next to run, however many jobs another has queued", async () => {
  const crowd = await seedWork(test.platform, []);
  await enqueue(crowd, "metadata", 200);
  await withWorker(async ({ started, release }) => {
    await until("the crowd's first", () => started.length === 1);
    const late = await seedWork(test.platform, ["metadata"]);
    release();
    await until("the second tenant's", () => started.some((run) => run.tenantId === tenantOf(late)));
    const place = started.findIndex((run) => run.tenantId === tenantOf(late));
    assert.ok(place <= 2, `it was number ${place + 1}`);
  }, 1);
});

Deno.test("tenants with work take turns", async () => {
  const seeds = await Promise.all([1, 2, 3].map(() => seedWork(test.platform, [])));
  for (const seed of seeds) await enqueue(seed, "metadata", 4);
  await withWorker(async ({ started, release }) => {
    for (let count = 1; count <= 6; count++) {
      await until(`run ${count}`, () => started.length === count);
      release();
    }
    for (const round of [started.slice(0, 3), started.slice(3, 6)]) {
      assert.equal(new Set(round.map((run) => run.tenantId)).size, 3);
    }
  }, 1);
});

Deno.test("the posters of a batch come first, then probing, then encoding", async () => {
  const seeds = await Promise.all([1, 2, 3].map(() => seedWork(test.platform, [])));
  const [batch] = seeds;
  for (const kind of ["proxy", "metadata", "thumbnail"]) await enqueue(batch!, kind, 2);
  await shorten(batch!);
  await withWorker(async ({ started, release }) => {
    for (let count = 1; count <= 6; count++) {
      await until(`run ${count}`, () => started.length === count);
      release();
    }
    const order = ["thumbnail", "thumbnail", "metadata", "metadata", "proxy", "proxy"];
    assert.deepEqual(started.map((run) => run.kind), order);
  }, 1);
});

for (const concurrency of [1, 2, 3]) {
  Deno.test(`long work leaves a slot for short jobs in a worker with ${concurrency}`, async () => {
    const hog = await seedWork(test.platform, []);
    await enqueue(hog, "proxy", 8);
    await withWorker(async ({ started, running, release }) => {
      const most = Math.max(1, concurrency - 1);
      await until("the long ones", () => running.size === most);
      const quick = await seedWork(test.platform, ["metadata"]);
      await until("the short one", () => started.some((run) => run.tenantId === tenantOf(quick)));
      assert.equal([...running].filter((run) => run.tenantId === tenantOf(hog)).length, most);
      release(started.findIndex((run) => run.tenantId === tenantOf(quick)));
      await until("it ends", async () => (await jobsNow(quick)).metadata!.status === "completed");
      assert.equal(running.size, most);
    }, concurrency);
  });
}

Deno.test("a job that proves long in a slot for short ones leaves it when another tenant waits", async () => {
  const liar = await seedWork(test.platform, ["metadata"]);
  await withWorker(async ({ started, running, release }) => {
    await until("it begins", () => started.length === 1);
    assert.equal(started[0]!.isLong, false);
    const began = performance.now();
    const other = await seedWork(test.platform, ["metadata"]);
    await until("the other tenant's", () => started.some((run) => run.tenantId === tenantOf(other)));
    assert.ok(performance.now() - began < 10_000);
    release(started.findIndex((run) => run.tenantId === tenantOf(other)));
    const again = await until("it begins again", () => [...running].find((run) => run.isLong));
    assert.equal(again.tenantId, tenantOf(liar));
    assert.equal((await jobsNow(liar)).metadata!.attempts, 1);
  }, 1);
});

interface Watched {
  started: Run[];
  running: Set<Run>;
  /** Ends one run, or the first that runs. */
  release(nth?: number): void;
}

/** Runs `body` beside a worker whose runs last until they are released. */
async function withWorker(body: (watched: Watched) => Promise<void>, concurrency: number): Promise<void> {
  const started: Run[] = [];
  const gates: PromiseWithResolvers<Outcome>[] = [];
  const running = new Set<Run>();
  const hold = async ({ job, signal }: Work) => {
    const gate = Promise.withResolvers<Outcome>();
    signal.addEventListener("abort", () => gate.reject(signal.reason));
    started.push(job);
    gates.push(gate);
    running.add(job);
    return await gate.promise.finally(() => running.delete(job));
  };
  const handlers = handlersOf(Object.fromEntries(KINDS.map((kind) => [kind, hold])));
  const worker = await startWorker(test.platform, { handlers, concurrency, graceMs: 0 });
  try {
    await body({
      started,
      running,
      release: (nth = started.findIndex((run) => running.has(run))) => gates[nth]!.resolve({}),
    });
  } finally {
    await worker.stop();
    await test.platform.db.asSystem((sql) => sql`update jobs set status = 'cancelled'`);
  }
}

async function enqueue({ ctx, assetId }: Seed, kind: string, count: number): Promise<void> {
  const orders = ordersOf(Array(count).fill(kind));
  const job = { tenantId: ctx.actor.tenantId, assetId, orders, requestId: null, createdBy: null };
  await test.platform.db.asTenant(ctx.actor.tenantId, (sql) => enqueueJobs(sql, job));
  await nudge(test.platform);
}

/** As after probing a short film. */
function shorten(seed: Seed): Promise<unknown> {
  return test.platform.db.asSystem((sql) =>
    sql`update jobs set is_long = false where tenant_id = ${tenantOf(seed)}`
  );
}

function tenantOf({ ctx }: Seed): string {
  return ctx.actor.tenantId;
}
