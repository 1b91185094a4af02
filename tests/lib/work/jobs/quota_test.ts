// Jobs above the quota of a tenant wait without blocking other tenants, and none of them fails.
import assert from "node:assert/strict";
import { type Ctx, transaction } from "../../../../lib/access/context.ts";
import { enqueueJobs } from "../../../../lib/work/jobs/jobs.ts";
import { claimJob, finishRun, takeDueJobs } from "../../../../lib/work/jobs/runs.ts";
import { openTestPlatform, type TestPlatform } from "../../../support/stack.ts";
import { ordersOf, type Seed, seedWork } from "../../../support/work.ts";

const CLAIM = { worker: "test", kinds: ["thumbnail", "metadata"], leaseSeconds: 30 };
const ROOM = [{ kind: "thumbnail", room: 100 }, { kind: "metadata", room: 100 }];

let test: TestPlatform;
Deno.test.beforeAll(async () => {
  test = await openTestPlatform();
});
Deno.test.afterAll(() => test.close());

Deno.test("claimJob() runs no more jobs of a tenant at once than its quota, however many workers claim", async () => {
  const { ctx, jobs } = await seedCrowd(6, 2);
  const claims = await Promise.all(jobs.map((id) => claim(ctx, id)));
  const runs = claims.filter((run) => run !== undefined);
  assert.equal(runs.length, 2);
  assert.deepEqual(await statuses(ctx), { pending: 4, processing: 2 });
  const waiting = jobs.find((id) => !runs.some((run) => run.id === id))!;
  assert.equal(await claim(ctx, waiting), undefined);
  assert.ok(await finishRun(test.platform.db, runs[0]!, {}));
  assert.ok(await claim(ctx, waiting));
});

Deno.test("takeDueJobs() publishes only as many jobs of a tenant as its quota allows, and all of tenants without one", async () => {
  const limited = await seedCrowd(5, 2);
  const free = await seedCrowd(5, null);
  const due = async () => (await takeDueJobs(test.platform.db, ROOM)).map((message) => message.jobId);
  const first = await due();
  assert.equal(first.filter((id) => limited.jobs.includes(id)).length, 2);
  assert.equal(first.filter((id) => free.jobs.includes(id)).length, 5);
  const mine = first.filter((id) => limited.jobs.includes(id));
  const runs = await Promise.all(mine.map((id) => claim(limited.ctx, id)));
  assert.deepEqual(await due(), [], "both places are taken");
  await finishRun(test.platform.db, runs[0]!, {});
  const [next, ...more] = await due();
  assert.ok(limited.jobs.includes(next!) && more.length === 0);
});

Deno.test("a job that was published above the quota is published again once the quota allows", async () => {
  const { ctx, jobs } = await seedCrowd(2, 1);
  await setQuota(ctx, null);
  const published = (await takeDueJobs(test.platform.db, ROOM)).map((message) => message.jobId);
  assert.deepEqual(published.toSorted(), jobs.toSorted());
  await setQuota(ctx, 1);
  const run = await claim(ctx, jobs[0]!);
  assert.equal(await claim(ctx, jobs[1]!), undefined);
  await finishRun(test.platform.db, run!, {});
  assert.deepEqual((await takeDueJobs(test.platform.db, ROOM)).map((message) => message.jobId), [jobs[1]]);
});

/** Jobs of one tenant that wait for nothing, under a quota. */
async function seedCrowd(count: number, quota: number | null): Promise<{ ctx: Ctx; jobs: string[] }> {
  const seed: Seed = await seedWork(test.platform, []);
  const { ctx, assetId } = seed;
  await setQuota(ctx, quota);
  const jobs: string[] = [];
  for (let nth = 0; nth < count; nth++) {
    const [job] = await transaction(ctx, (sql) =>
      enqueueJobs(sql, {
        tenantId: ctx.actor.tenantId,
        assetId,
        orders: ordersOf([nth % 2 ? "metadata" : "thumbnail"]),
        requestId: null,
        createdBy: null,
      }));
    jobs.push(job!.id);
  }
  return { ctx, jobs };
}

function setQuota({ actor }: Ctx, jobs: number | null) {
  return test.platform.db.asSystem((sql) =>
    sql`update tenants set quota_jobs = ${jobs} where id = ${actor.tenantId}`
  );
}

function claim({ actor }: Ctx, jobId: string) {
  return claimJob(test.platform.db, { jobId, tenantId: actor.tenantId, kind: "thumbnail" }, CLAIM);
}

async function statuses(ctx: Ctx): Promise<Record<string, number>> {
  const rows = await transaction(
    ctx,
    (sql) =>
      sql<
        { status: string; count: number }[]
      >`select status, count(*) as count from jobs group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}
