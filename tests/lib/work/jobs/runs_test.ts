import assert from "node:assert/strict";
import { cancelJob, getJob, type Job } from "../../../../lib/work/jobs/jobs.ts";
import {
  backoffMs,
  claimJob,
  failRun,
  finishRun,
  giveBackJobs,
  reclaimExpired,
  releaseRun,
  renewLease,
  type Run,
  takeDueJobs,
} from "../../../../lib/work/jobs/runs.ts";
import { countLiveWorkers, recordHeartbeat, removeWorker } from "../../../../lib/work/jobs/workers.ts";
import { newId } from "../../../../lib/platform/ids.ts";
import { openTestPlatform, type TestPlatform } from "../../../support/stack.ts";
import { jobsNow, type Seed, seedWork } from "../../../support/work.ts";

let test: TestPlatform;
Deno.test.beforeAll(async () => {
  test = await openTestPlatform();
});
Deno.test.afterAll(() => test.close());

const CLAIM = { worker: "test", kinds: ["metadata", "thumbnail", "proxy"], leaseSeconds: 600 };
const ALL = [{ kind: "metadata", room: 100 }, { kind: "thumbnail", room: 100 }, { kind: "proxy", room: 100 }];
const OUTAGE = { code: "unavailable", message: "Storage is away.", permanent: false };
const BUG = { code: "internal", message: "Something went wrong.", permanent: false };

Deno.test("claimJob() gives a job to one of several workers", async () => {
  const { seed, message } = await seedOne();
  const claims = await Promise.all([1, 2, 3, 4].map(() => claimJob(test.platform.db, message, CLAIM)));
  const [run] = claims.filter((claim) => claim !== undefined);
  assert.equal(claims.filter((claim) => claim !== undefined).length, 1);
  assert.equal(run!.tenantCode, seed.ctx.actor.tenantCode);
  assert.deepEqual([run!.attempts, run!.maxAttempts, run!.requestId], [1, 3, "test-request"]);
  assert.equal((await jobsNow(seed)).metadata!.status, "processing");
});

Deno.test("claimJob() does not claim a job that waits, backs off, is unknown or belongs to another tenant", async () => {
  const { platform: { db } } = test;
  const seed = await seedWork(test.platform, ["metadata", "proxy"]);
  const message = messageOf(seed, "metadata");
  assert.equal(await claimJob(db, messageOf(seed, "proxy"), CLAIM), undefined);
  assert.equal(await claimJob(db, { ...message, tenantId: newId() }, CLAIM), undefined);
  assert.equal(await claimJob(db, { ...message, jobId: newId() }, CLAIM), undefined);
  await db.asSystem((sql) =>
    sql`update jobs set run_after = now() + interval '1 hour' where id = ${message.jobId}`
  );
  assert.equal(await claimJob(db, message, CLAIM), undefined);
});

Deno.test("finishRun() writes, completes and releases dependents in one transaction", async () => {
  const { platform: { db } } = test;
  const seed = await seedWork(test.platform, ["metadata", "thumbnail", "proxy"]);
  const run = await claim(seed, "metadata");
  await assert.rejects(finishRun(db, run, {
    write: async (sql) => {
      await sql`update assets set title = 'half' where id = ${seed.assetId}`;
      throw new Error("the disk caught fire");
    },
  }));
  assert.equal((await jobsNow(seed)).metadata!.status, "processing");
  assert.equal((await jobsNow(seed)).metadata!.asset_title, "Clip");
  const held = await finishRun(db, run, {
    result: { fine: true },
    write: async (sql) => void await sql`update assets set title = 'done' where id = ${seed.assetId}`,
  });
  assert.equal(held, true);
  const { metadata, proxy } = await jobsNow(seed);
  assert.deepEqual([metadata!.status, metadata!.progress, metadata!.asset_title], ["completed", 100, "done"]);
  assert.ok(metadata!.finished_at);
  assert.equal(proxy!.status, "pending");
  assert.ok(await claim(seed, "proxy"));
});

Deno.test("a run whose lease expired and whose job was claimed again changes nothing", async () => {
  const { platform: { db } } = test;
  const { seed } = await seedOne();
  const slow = await claim(seed, "metadata");
  await expire(slow);
  assert.equal(await renewLease(db, slow, 50), false);
  assert.equal(await finishRun(db, slow, { write: refuse }), false);
  assert.equal((await reclaim()).length, 1);
  const quick = await claim(seed, "metadata");
  assert.equal(quick.attempts, 2);
  assert.equal(await renewLease(db, slow, 50), false);
  assert.equal(await finishRun(db, slow, { write: refuse }), false);
  assert.equal(await failRun(db, slow, { ...BUG, write: refuse }), "lost");
  assert.equal(await releaseRun(db, slow), false);
  assert.equal(await finishRun(db, quick, {}), true);
  assert.equal(await finishRun(db, quick, { write: refuse }), false);
});

Deno.test("renewLease() records progress and is false once the job was cancelled", async () => {
  const { seed } = await seedOne();
  const run = await claim(seed, "metadata");
  assert.equal(await renewLease(test.platform.db, run, 42), true);
  assert.equal((await jobsNow(seed)).metadata!.progress, 42);
  await cancelJob(seed.ctx, run.id);
  assert.equal(await renewLease(test.platform.db, run, 43), false);
});

Deno.test("failRun() retries up to max_attempts, then the job has failed", async () => {
  const { platform: { db } } = test;
  const seed = await seedWork(test.platform, ["metadata", "proxy"]);
  let wrote = 0;
  const write = () => Promise.resolve(void wrote++);
  for (const expected of ["retry", "retry", "failed"]) {
    const run = await claim(seed, "metadata");
    assert.equal(await failRun(db, run, { ...BUG, write }), expected);
    await makeDue(run);
  }
  assert.equal(wrote, 1);
  const { metadata, proxy } = await jobsNow(seed);
  assert.deepEqual([metadata!.status, metadata!.attempts, metadata!.error_code], ["failed", 3, "internal"]);
  assert.equal(metadata!.error_message, BUG.message);
  assert.deepEqual([proxy!.status, proxy!.error_code], ["cancelled", "prerequisite_failed"]);
});

Deno.test("failRun() delays the next attempt", async () => {
  const { seed, message } = await seedOne();
  const run = await claim(seed, "metadata");
  const before = Date.now();
  assert.equal(await failRun(test.platform.db, run, OUTAGE), "retry");
  assert.equal(await claimJob(test.platform.db, message, CLAIM), undefined);
  const after = Date.now();
  const { metadata } = await jobsNow(seed);
  const due = Date.parse(metadata!.run_after);
  assert.ok(due > before + 1_000 && due < after + 2_600, `${due - before} ms`);
  assert.equal(metadata!.error_message, OUTAGE.message);
  // Due in the middle of another test it would be taken there.
  await cancelJob(seed.ctx, run.id);
});

Deno.test("failRun() allows more attempts during an outage than for other failures", async () => {
  const { seed } = await seedOne();
  const ends: string[] = [];
  for (let count = 0; count < 12; count++) {
    const run = await claim(seed, "metadata");
    ends.push(await failRun(test.platform.db, run, OUTAGE));
    await makeDue(run);
  }
  assert.deepEqual(ends, [...Array(11).fill("retry"), "failed"]);
});

Deno.test("failRun() does not retry a permanent failure", async () => {
  const { seed } = await seedOne();
  const run = await claim(seed, "metadata");
  const failure = { code: "truncated", message: "The file ends too early.", permanent: true };
  assert.equal(await failRun(test.platform.db, run, failure), "failed");
  assert.equal((await jobsNow(seed)).metadata!.error_code, "truncated");
});

Deno.test("backoffMs() doubles up to five minutes, with jitter", () => {
  for (
    const [attempts, middle] of [[1, 2_000], [2, 4_000], [5, 32_000], [9, 300_000], [500, 300_000]] as const
  ) {
    const delay = backoffMs(attempts);
    assert.ok(delay >= middle * 0.75 && delay <= middle * 1.25, `${attempts}: ${delay}`);
  }
});

Deno.test("releaseRun() makes the job due without counting the attempt", async () => {
  const { seed } = await seedOne();
  assert.equal(await releaseRun(test.platform.db, await claim(seed, "metadata")), true);
  const { metadata } = await jobsNow(seed);
  assert.deepEqual([metadata!.status, metadata!.attempts], ["pending", 0]);
  assert.ok(await claim(seed, "metadata"));
});

Deno.test("takeDueJobs() gives each job to one of several relays", async () => {
  await drainRelay();
  const seeds = await Promise.all([1, 2, 3, 4, 5].map(() => seedWork(test.platform, ["metadata", "proxy"])));
  const taken = await Promise.all([1, 2, 3].map(() => takeDueJobs(test.platform.db, ALL)));
  const ids = taken.flat().map((message) => message.jobId);
  assert.deepEqual(ids.toSorted(), seeds.map((seed) => messageOf(seed, "metadata").jobId).toSorted());
  assert.deepEqual(await takeDueJobs(test.platform.db, ALL), []);
});

Deno.test("takeDueJobs() takes no more of a kind than there is room for, and takes jobs again that were given back", async () => {
  await drainRelay();
  await Promise.all([1, 2, 3].map(() => seedWork(test.platform, ["thumbnail"])));
  const taken = await takeDueJobs(test.platform.db, [{ kind: "thumbnail", room: 2 }, {
    kind: "proxy",
    room: 9,
  }]);
  assert.equal(taken.length, 2);
  await giveBackJobs(test.platform.db, taken);
  assert.equal((await takeDueJobs(test.platform.db, ALL)).length, 3);
});

Deno.test("takeDueJobs() takes an unclaimed job again after a minute, then at doubling intervals", async () => {
  const { platform: { db } } = test;
  await drainRelay();
  const { message } = await seedOne();
  const published = async (age: number, dueFor: number) => {
    await db.asSystem((sql) =>
      sql`
      update jobs set published_at = now() - ${age} * interval '1 second',
                      run_after = now() - ${age + dueFor} * interval '1 second' where id = ${message.jobId}`
    );
    return (await takeDueJobs(db, ALL)).length;
  };
  assert.equal(await published(50, 0), 0);
  assert.equal(await published(61, 0), 1);
  assert.equal(await published(61, 600), 0);
  assert.equal(await published(601, 600), 1);
});

Deno.test("reclaimExpired() makes a job due again, and fails one that lost its worker max_attempts times", async () => {
  const seed = await seedWork(test.platform, ["metadata", "proxy"]);
  for (const expected of ["pending", "pending", "failed"]) {
    await expire(await claim(seed, "metadata"));
    const settled: string[] = [];
    const both = await Promise.all([reclaim(settled), reclaim(settled)]);
    assert.equal(both.flat().length, 1);
    assert.equal((await jobsNow(seed)).metadata!.status, expected);
    assert.equal(settled.length, expected === "failed" ? 1 : 0);
  }
  const { metadata, proxy } = await jobsNow(seed);
  assert.equal(metadata!.error_code, "worker_lost");
  assert.equal(proxy!.status, "cancelled");
  assert.deepEqual(await reclaim(), []);
});

Deno.test("countLiveWorkers() counts workers with a recent heartbeat", async () => {
  const { platform: { db } } = test;
  const before = await countLiveWorkers(db);
  const [quick, silent] = [newId(), newId()];
  for (const id of [quick, quick, silent]) {
    await recordHeartbeat(db, { id, name: "test", kinds: ["metadata"] });
  }
  assert.equal(await countLiveWorkers(db), before + 2);
  await db.asSystem((sql) =>
    sql`update workers set seen_at = now() - interval '31 seconds' where id = ${silent}`
  );
  assert.equal(await countLiveWorkers(db), before + 1);
  await removeWorker(db, quick);
  assert.equal(await countLiveWorkers(db), before);
});

function messageOf({ ctx, jobs }: Seed, kind: string) {
  const { id } = jobs.find((job) => job.job_type === kind) as Job;
  return { jobId: id, tenantId: ctx.actor.tenantId, kind };
}

async function seedOne() {
  const seed = await seedWork(test.platform, ["metadata"]);
  return { seed, message: messageOf(seed, "metadata") };
}

async function claim(seed: Seed, kind: string): Promise<Run> {
  const run = await claimJob(test.platform.db, messageOf(seed, kind), CLAIM);
  assert.ok(
    run,
    `${kind} could not be claimed: ${(await getJob(seed.ctx, messageOf(seed, kind).jobId)).status}`,
  );
  return run;
}

function expire({ id }: Run): Promise<unknown> {
  return test.platform.db.asSystem((sql) =>
    sql`
    update jobs set lease_expires_at = now() - interval '1 second' where id = ${id}`
  );
}

function makeDue({ id }: Run): Promise<unknown> {
  return test.platform.db.asSystem((sql) => sql`update jobs set run_after = now() where id = ${id}`);
}

function reclaim(settled: string[] = []) {
  return reclaimExpired(test.platform.db, (_sql, job) => Promise.resolve(void settled.push(job.id)));
}

async function drainRelay(): Promise<void> {
  while ((await takeDueJobs(test.platform.db, ALL)).length > 0);
}

function refuse(): Promise<void> {
  throw new Error("A run that lost its job wrote something.");
}
