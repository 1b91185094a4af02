import assert from "node:assert/strict";
import { cancelJob, countJobs, getJob, listJobs, retryJob } from "../../../../lib/work/jobs/jobs.ts";
import { runNow } from "../../../../lib/work/jobs/run_now.ts";
import { claimJob, failRun, finishRun, type Run } from "../../../../lib/work/jobs/runs.ts";
import { jobSchema } from "../../../../lib/work/jobs/schema.ts";
import { AppError, type ErrorCode } from "../../../../lib/platform/errors.ts";
import { newId } from "../../../../lib/platform/ids.ts";
import { openTestPlatform, type TestPlatform } from "../../../support/stack.ts";
import { until } from "../../../support/until.ts";
import { jobsNow, type Seed, seedWork } from "../../../support/work.ts";

let test: TestPlatform;
Deno.test.beforeAll(async () => {
  test = await openTestPlatform();
});
Deno.test.afterAll(() => test.close());

const ALL_KINDS = ["proxy", "metadata", "thumbnail"];
/** Of them, those that do not wait for another. */
const FREE_KINDS = ["metadata", "thumbnail"];
const FATAL = { code: "unreadable", message: "It is not a film.", permanent: true };

Deno.test("enqueueJobs() puts prerequisites first", async () => {
  const { jobs } = await seedWork(test.platform, ALL_KINDS);
  assert.deepEqual(jobs.map((job) => job.job_type), ["metadata", "thumbnail", "proxy"]);
  for (const job of jobs) assert.ok(jobSchema.safeParse(job).success, JSON.stringify(job));
  assert.deepEqual([jobs[0]!.status, jobs[0]!.progress, jobs[0]!.asset_title], ["pending", 0, "Clip"]);
});

Deno.test("listJobs() filters the jobs of one tenant, newest first", async () => {
  const { ctx, jobs, assetId } = await seedWork(test.platform, ALL_KINDS);
  const ids = jobs.map((job) => job.id);
  assert.deepEqual((await listJobs(ctx, { limit: 50 })).map((job) => job.id), ids.toReversed());
  assert.equal((await listJobs(ctx, { limit: 2 })).length, 2);
  assert.equal((await listJobs(ctx, { limit: 50, job_type: "proxy" })).length, 1);
  assert.equal((await listJobs(ctx, { limit: 50, status: "completed" })).length, 0);
  assert.equal((await listJobs(ctx, { limit: 50, asset_id: assetId })).length, 3);
  assert.equal((await listJobs(ctx, { limit: 50, asset_id: newId() })).length, 0);
});

Deno.test("getJob(), retryJob() and cancelJob() do not find jobs of another tenant", async () => {
  const { jobs: [job] } = await seedWork(test.platform, ["metadata"]);
  const { ctx: stranger } = await seedWork(test.platform, ["metadata"]);
  for (const verb of [getJob, retryJob, cancelJob]) {
    await assert.rejects(verb(stranger, job!.id), isError("not_found"));
  }
});

Deno.test("retryJob() of a job cancelled with its prerequisite restarts both; of the prerequisite, too", async () => {
  for (const retried of ["proxy", "metadata"]) {
    const seed = await seedWork(test.platform, ALL_KINDS);
    await failRun(test.platform.db, await claim(seed, "metadata"), FATAL);
    assert.equal((await jobsNow(seed)).proxy!.status, "cancelled");
    const asides: unknown[] = [];
    const id = seed.jobs.find((job) => job.job_type === retried)!.id;
    const job = await retryJob(seed.ctx, id, (_sql, { asset_id }) => Promise.resolve(asides.push(asset_id)));
    assert.deepEqual([job.status, job.attempts, job.error_code], ["pending", 0, null]);
    assert.deepEqual(asides, [seed.assetId]);
    const now = await jobsNow(seed);
    assert.equal(now.metadata!.status, "pending");
    assert.equal(now.proxy!.status, "pending");
    await finishRun(test.platform.db, await claim(seed, "metadata"), {});
    assert.ok(await claim(seed, "proxy"));
  }
});

Deno.test("retryJob() of a job whose prerequisite is done waits for nothing", async () => {
  const seed = await seedWork(test.platform, ALL_KINDS);
  await finishRun(test.platform.db, await claim(seed, "metadata"), {});
  const run = await claim(seed, "proxy");
  await failRun(test.platform.db, run, FATAL);
  await retryJob(seed.ctx, run.id);
  assert.ok(await claim(seed, "proxy"));
});

Deno.test("retryJob() and cancelJob() throw `conflict` in the wrong state", async () => {
  const seed = await seedWork(test.platform, ["metadata"]);
  await assert.rejects(retryJob(seed.ctx, seed.jobs[0]!.id), isError("conflict"));
  await finishRun(test.platform.db, await claim(seed, "metadata"), {});
  await assert.rejects(retryJob(seed.ctx, seed.jobs[0]!.id), isError("conflict"));
  await assert.rejects(cancelJob(seed.ctx, seed.jobs[0]!.id), isError("conflict"));
});

Deno.test("cancelJob() also cancels the jobs that wait for it", async () => {
  const seed = await seedWork(test.platform, ALL_KINDS);
  assert.equal((await cancelJob(seed.ctx, seed.jobs[0]!.id)).status, "cancelled");
  const now = await jobsNow(seed);
  assert.deepEqual([now.proxy!.status, now.thumbnail!.status], ["cancelled", "pending"]);
  assert.deepEqual(await countJobs(seed.ctx), { pending: 1, processing: 0, failed: 0 });
});

Deno.test("countJobs() counts open and failed jobs", async () => {
  const seed = await seedWork(test.platform, ALL_KINDS);
  await claim(seed, "metadata");
  assert.deepEqual(await countJobs(seed.ctx), { pending: 2, processing: 1, failed: 0 });
});

Deno.test("runNow() makes backing-off jobs due; with `sync` it waits until they are done", async () => {
  const seed = await seedWork(test.platform, ALL_KINDS);
  await failRun(test.platform.db, await claim(seed, "metadata"), { ...FATAL, permanent: false });
  assert.deepEqual(await claimNow(seed, "metadata"), undefined);
  const handed = await runNow(seed.ctx, { limit: 10, sync: false });
  assert.deepEqual([handed.processed, handed.jobs.map((job) => job.job_type)], [2, FREE_KINDS]);
  const done = runNow(seed.ctx, { limit: 10, sync: true });
  const [before] = handed.jobs;
  await until(
    "it is due again",
    async () => (await jobsNow(seed)).metadata!.run_after !== before!.run_after,
  );
  for (const kind of FREE_KINDS) await finishRun(test.platform.db, await claim(seed, kind), {});
  const { processed, jobs } = await done;
  assert.deepEqual([processed, jobs.map((job) => job.status)], [2, ["completed", "completed"]]);
});

function claimNow({ ctx, jobs }: Seed, kind: string): Promise<Run | undefined> {
  const jobId = jobs.find((job) => job.job_type === kind)!.id;
  return claimJob(test.platform.db, { jobId, tenantId: ctx.actor.tenantId, kind }, {
    worker: "test",
    kinds: [kind],
    leaseSeconds: 60,
  });
}

async function claim(seed: Seed, kind: string): Promise<Run> {
  const run = await claimNow(seed, kind);
  assert.ok(run, `${kind} could not be claimed`);
  return run;
}

function isError(code: ErrorCode) {
  return (error: unknown) => error instanceof AppError && error.code === code;
}
