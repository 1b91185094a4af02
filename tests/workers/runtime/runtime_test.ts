import assert from "node:assert/strict";
import type { Platform } from "../../../lib/platform/platform.ts";
import { cancelJob } from "../../../lib/work/jobs/jobs.ts";
import { claimJob } from "../../../lib/work/jobs/runs.ts";
import { countLiveWorkers } from "../../../lib/work/jobs/workers.ts";
import { follow } from "../../../lib/work/live/live.ts";
import type { LiveMessage } from "../../../lib/work/live/schema.ts";
import type { Database } from "../../../lib/platform/db/database.ts";
import { mediaError } from "../../../lib/media/errors.ts";
import { storageError } from "../../../lib/platform/storage/reasons.ts";
import { databaseError } from "../../../lib/platform/db/reasons.ts";
import { newId } from "../../../lib/platform/ids.ts";
import { createLog } from "../../../lib/platform/observe/log.ts";
import { type RunningWorker, startWorker, type WorkerOptions } from "../../../workers/runtime/runtime.ts";
import type { OriginalWork as Work, Outcome } from "../../../workers/runtime/handler.ts";
import { readMetric } from "../../support/metrics.ts";
import { openTestPlatform, type TestPlatform } from "../../support/stack.ts";
import { until } from "../../support/until.ts";
import { assetStatus, handlersOf, jobsNow, ordersOf, type Seed, seedWork } from "../../support/work.ts";
import { removeQueues } from "../../support/broker.ts";

let test: TestPlatform;
Deno.test.beforeAll(async () => {
  test = await openTestPlatform({ JOB_LEASE_SECONDS: "3" });
});
Deno.test.afterAll(async () => {
  await test.close();
  await removeQueues(test.config);
});

const KINDS = ["metadata", "thumbnail", "proxy"];

Deno.test("a worker makes the poster, then probes, then encodes, and its asset becomes available", async () => {
  const order: string[] = [];
  const sources: string[] = [];
  const listening = Promise.withResolvers<void>();
  const note = async ({ job, source, folder, asset }: Work) => {
    await listening.promise;
    order.push(job.kind);
    sources.push(await Deno.readTextFile(source));
    assert.equal((await Deno.stat(folder)).mode! & 0o777, 0o700);
    assert.equal(source, `${folder}/source.mp4`);
    assert.equal(asset.title, "Clip");
    return { result: { kind: job.kind } };
  };
  await withWorker({ metadata: note, thumbnail: note, proxy: note }, async ({ lines }) => {
    const seed = await seedWork(test.platform, KINDS, "twelve bytes");
    const events: LiveMessage[] = [];
    const unfollow = await follow(
      test.platform.cache,
      seed.ctx.actor,
      (event) => events.push(event),
    );
    listening.resolve();
    await until("the asset is available", async () => await assetStatus(seed) === "available");
    assert.deepEqual(order, ["thumbnail", "metadata", "proxy"]);
    assert.deepEqual(sources, Array(3).fill("twelve bytes"));
    for (const job of Object.values(await jobsNow(seed))) {
      assert.deepEqual([job.status, job.progress, job.attempts], ["completed", 100, 1]);
    }
    await until("the last line", () => lines("job_done").length === 3);
    const line = lines("job_done").find((line) => line.kind === "proxy")!;
    assert.deepEqual([line.outcome, line.attempts, line.request_id], ["completed", 1, "test-request"]);
    assert.ok(Number(line.ms) >= 0);
    await until(
      "the event arrives",
      () => events.some((event) => event.type === "asset" && event.status === "available"),
    );
    await unfollow();
    assert.deepEqual(await leftovers(), []);
  });
});

Deno.test("`write` and the new status of the job are one transaction", async () => {
  await withWorker({
    metadata: ({ asset }) =>
      Promise.resolve({
        write: async (sql) => void await sql`update assets set title = 'New' where id = ${asset.id}`,
      }),
  }, async () => {
    const seed = await seedWork(test.platform, ["metadata"]);
    await untilJob(seed, "metadata", "completed");
    assert.equal((await jobsNow(seed)).metadata!.asset_title, "New");
  });
});

Deno.test("progress is stored and announced, throttled and never backwards", async () => {
  const gate = Promise.withResolvers<void>();
  await withWorker({
    metadata: async ({ progress }) => {
      for (let percent = 0; percent <= 60; percent++) progress(percent);
      progress(30.7);
      progress(Number.NaN);
      await gate.promise;
      return {};
    },
  }, async () => {
    const events: LiveMessage[] = [];
    const seed = await seedWork(test.platform, ["metadata"]);
    const unfollow = await follow(
      test.platform.cache,
      seed.ctx.actor,
      (event) => events.push(event),
    );
    await until("60 % in the table", async () => (await jobsNow(seed)).metadata!.progress === 60);
    assert.ok(events.length <= 3, `${events.length} events`);
    gate.resolve();
    await untilJob(seed, "metadata", "completed");
    await unfollow();
  });
});

Deno.test("an unreadable file fails the job at once, cancels its dependents and fails the asset with a reason", async () => {
  const fail = () => {
    throw mediaError("ends_early");
  };
  await withWorker({ metadata: fail, proxy: fail }, async () => {
    const seed = await seedWork(test.platform, ["metadata", "proxy"]);
    await until("the asset fails", async () => await assetStatus(seed) === "failed");
    const { metadata, proxy } = await jobsNow(seed);
    assert.deepEqual([metadata!.status, metadata!.error_code, metadata!.attempts], [
      "failed",
      "truncated",
      1,
    ]);
    assert.equal(metadata!.error_message, "The file is cut off: it ends too early.");
    assert.equal(proxy!.status, "cancelled");
  });
});

Deno.test("a transient failure is retried after a backoff", async () => {
  let calls = 0;
  await withWorker({
    metadata: () => {
      if (++calls === 1) throw storageError("unavailable");
      return Promise.resolve({});
    },
  }, async () => {
    const seed = await seedWork(test.platform, ["metadata"]);
    await untilJob(seed, "metadata", "completed");
    const { metadata } = await jobsNow(seed);
    assert.deepEqual([metadata!.attempts, metadata!.error_code], [2, null]);
    assert.equal((await readMetric("job_retries_total"))['kind="metadata",reason="unavailable"'], 1);
  });
});

Deno.test("a missing original fails the job; an incomplete download is retried", async () => {
  await withWorker({ metadata: () => Promise.resolve({}) }, async () => {
    const gone = await seedWork(test.platform, []);
    const short = await seedWork(test.platform, []);
    await test.platform.db.asTenant(
      gone.ctx.actor.tenantId,
      (sql) => sql`update storage_locations set path = 'nowhere'`,
    );
    await test.platform.db.asTenant(
      short.ctx.actor.tenantId,
      (sql) => sql`update storage_locations set file_size_bytes = 99`,
    );
    for (const seed of [gone, short]) await enqueue(seed, "metadata");
    await untilJob(gone, "metadata", "failed");
    assert.equal((await jobsNow(gone)).metadata!.error_code, "not_found");
    // Looked at once: the next try takes the error away.
    const putOff = await until("it is put off", async () => {
      const { metadata } = await jobsNow(short);
      return metadata!.error_code === "unavailable" ? metadata : undefined;
    });
    assert.match(putOff.error_message!, /18 of 99 bytes/);
    assert.equal(putOff.status, "pending");
    await cancelJob(short.ctx, short.jobs[0]!.id);
  });
});

Deno.test("a run that lost its lease is aborted and writes nothing; its successor does", async () => {
  const runs: { work: Work; gate: PromiseWithResolvers<void> }[] = [];
  await withWorker({
    metadata: async (work) => {
      const gate = Promise.withResolvers<void>();
      const number = runs.push({ work, gate });
      await gate.promise;
      return {
        write: async (sql) =>
          void await sql`update assets set title = ${`run ${number}`} where id = ${work.asset.id}`,
      };
    },
  }, async ({ lines }) => {
    const seed = await seedWork(test.platform, ["metadata"]);
    const first = await until("the first run", () => runs[0]);
    await test.platform.db.asSystem((sql) =>
      sql`
      update jobs set lease_expires_at = now() - interval '1 second' where id = ${seed.jobs[0]!.id}`
    );
    const second = await until("the second run", () => runs[1]);
    await until("the first is told", () => first.work.signal.aborted);
    second.gate.resolve();
    await untilJob(seed, "metadata", "completed");
    first.gate.resolve();
    await until("both are through", () => lines("job_done").length === 2);
    assert.equal((await jobsNow(seed)).metadata!.asset_title, "run 2");
    assert.deepEqual(lines("job_done").map((line) => line.outcome).toSorted(), ["completed", "lost"]);
  });
});

Deno.test("a job whose worker sends no heartbeat is done by another worker", async () => {
  const seed = await seedWork(test.platform, ["metadata"]);
  const message = { jobId: seed.jobs[0]!.id, tenantId: seed.ctx.actor.tenantId, kind: "metadata" };
  assert.ok(await claimJob(test.platform.db, message, { worker: "dead", kinds: KINDS, leaseSeconds: 1 }));
  await withWorker({ metadata: () => Promise.resolve({}) }, async () => {
    await untilJob(seed, "metadata", "completed");
    assert.equal((await jobsNow(seed)).metadata!.attempts, 2);
  });
});

Deno.test("cancelling a job stops its run", async () => {
  await withWorker({ metadata: untilAborted }, async ({ lines }) => {
    const seed = await seedWork(test.platform, ["metadata"]);
    await untilJob(seed, "metadata", "processing");
    await cancelJob(seed.ctx, seed.jobs[0]!.id);
    await until("the run ends", () => lines("job_done").length === 1);
    assert.equal(lines("job_done")[0]!.outcome, "lost");
    assert.equal((await jobsNow(seed)).metadata!.status, "cancelled");
  });
});

Deno.test("a run that takes too long is stopped and not retried", async () => {
  const platform = { ...test.platform, config: { ...test.config, JOB_LIMIT_SECONDS: 1 } };
  await withWorker(
    { metadata: untilAborted },
    async () => {
      const seed = await seedWork(platform, ["metadata"]);
      await untilJob(seed, "metadata", "failed");
      assert.equal((await jobsNow(seed)).metadata!.error_code, "timed_out");
    },
    {},
    platform,
  );
});

Deno.test("a run completes although the database is away for a moment at its end", async () => {
  let away = 0;
  const db: Database = {
    ...test.platform.db,
    asTenant: (tenantId, work, options) => {
      if (away-- > 0) return Promise.reject(databaseError("unavailable"));
      return test.platform.db.asTenant(tenantId, work, options);
    },
  };
  await withWorker(
    {
      metadata: () => {
        away = 2;
        return Promise.resolve({});
      },
    },
    async () => {
      const seed = await seedWork(test.platform, ["metadata"]);
      await untilJob(seed, "metadata", "completed");
      assert.equal((await jobsNow(seed)).metadata!.attempts, 1);
    },
    {},
    { ...test.platform, db },
  );
});

Deno.test("a run ends as lost when the database stays away beyond its lease", async () => {
  let away = false;
  const gone = () => Promise.reject(databaseError("unavailable"));
  const { db } = test.platform;
  const flaky: Database = {
    ...db,
    asTenant: (tenantId, work, options) => away ? gone() : db.asTenant(tenantId, work, options),
    asSystem: (work) => away ? gone() : db.asSystem(work),
  };
  await withWorker(
    {
      metadata: ({ job }) => {
        away = job.attempts === 1;
        return Promise.resolve({});
      },
    },
    async ({ lines }) => {
      const seed = await seedWork(test.platform, ["metadata"]);
      await until("the run is lost", () => lines("job_done").some((line) => line.outcome === "lost"));
      away = false;
      await untilJob(seed, "metadata", "completed");
      assert.equal((await jobsNow(seed)).metadata!.attempts, 2);
    },
    {},
    { ...test.platform, db: flaky },
  );
});

Deno.test("stop() lets running jobs end within the grace period", async () => {
  const gate = Promise.withResolvers<void>();
  const { worker, stop } = await begin({ metadata: () => gate.promise.then(() => ({})) });
  const seed = await seedWork(test.platform, ["metadata"]);
  await untilJob(seed, "metadata", "processing");
  const stopped = stop();
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(worker.isLive(), false);
  gate.resolve();
  await stopped;
  assert.equal((await jobsNow(seed)).metadata!.status, "completed");
});

Deno.test("stop() aborts a run that exceeds the grace period, and releases its job without counting the attempt", async () => {
  const { stop } = await begin({ metadata: untilAborted }, { graceMs: 100 });
  const seed = await seedWork(test.platform, ["metadata"]);
  await untilJob(seed, "metadata", "processing");
  await stop();
  const { metadata } = await jobsNow(seed);
  assert.deepEqual([metadata!.status, metadata!.attempts], ["pending", 0]);
  await cancelJob(seed.ctx, metadata!.id);
});

Deno.test("stop() also aborts a run whose claim succeeds after the grace period", async () => {
  const { promise: late, resolve: comeThrough } = Promise.withResolvers<void>();
  const { db } = test.platform;
  let claims = 0;
  const asTenant: typeof db.asTenant = async (...args) => {
    const answer = await db.asTenant(...args);
    if (typeof answer === "object" && answer && "runId" in answer && ++claims) await late;
    return answer;
  };
  const platform = { ...test.platform, db: { ...db, asTenant } };
  const { stop } = await begin({ metadata: untilAborted }, { graceMs: 0 }, platform);
  const seed = await seedWork(test.platform, ["metadata"]);
  await untilJob(seed, "metadata", "processing");
  const stopped = stop();
  // Timers fire in order: the grace ends before this one.
  setTimeout(comeThrough, 1);
  await stopped;
  assert.equal(claims, 1);
  const { metadata } = await jobsNow(seed);
  assert.deepEqual([metadata!.status, metadata!.attempts], ["pending", 0]);
  await cancelJob(seed.ctx, metadata!.id);
});

Deno.test("two workers share the jobs and each job runs once", async () => {
  const runs: string[] = [];
  const handlers: Handlers = {
    metadata: async ({ job }) => {
      runs.push(job.id);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return {};
    },
  };
  const other = test.config.AMQP_URL ? test.platform : await withQueueOfItsOwn(test.platform);
  await withWorker(handlers, () =>
    withWorker(
      handlers,
      async () => {
        const seeds = await Promise.all(
          Array.from({ length: 12 }, () => seedWork(test.platform, ["metadata"])),
        );
        for (const seed of seeds) await untilJob(seed, "metadata", "completed");
        assert.deepEqual(runs.toSorted(), seeds.map((seed) => seed.jobs[0]!.id).toSorted());
      },
      {},
      other,
    ));
});

Deno.test("a worker sends heartbeats and removes the folders of dead workers", async () => {
  const stale = `${test.config.AKASHI_DATA_DIR}/work/${newId()}`;
  await Deno.mkdir(`${stale}/run`, { recursive: true });
  await Deno.writeTextFile(`${stale}.lock`, "");
  const before = await countLiveWorkers(test.platform.db);
  await withWorker({ metadata: untilAborted }, async ({ worker }) => {
    await until("it is seen", async () => await countLiveWorkers(test.platform.db) === before + 1);
    assert.equal(worker.isLive(), true);
    await assert.rejects(Deno.stat(stale));
    await assert.rejects(Deno.stat(`${stale}.lock`));
  });
  assert.equal(await countLiveWorkers(test.platform.db), before);
  assert.deepEqual(await leftovers(), []);
});

type Handlers = Record<string, (work: Work) => Promise<Outcome>>;

interface Begun {
  worker: RunningWorker;
  /** What was logged under this event. */
  lines(event: string): Record<string, unknown>[];
  stop(): Promise<void>;
}

async function begin(
  handlers: Handlers,
  options: Partial<WorkerOptions> = {},
  on: Platform = test.platform,
): Promise<Begun> {
  const written: Record<string, unknown>[] = [];
  const log = createLog("info", {}, (line) => written.push(JSON.parse(line)));
  const worker = await startWorker({ ...on, log }, { handlers: handlersOf(handlers), ...options });
  return {
    worker,
    lines: (event) => written.filter((line) => line.event === event),
    stop: () => worker.stop(),
  };
}

async function withWorker(
  handlers: Handlers,
  body: (begun: Begun) => Promise<void>,
  options: Partial<WorkerOptions> = {},
  on: Platform = test.platform,
): Promise<void> {
  const begun = await begin(handlers, { graceMs: 1_000, ...options }, on);
  try {
    await body(begun);
  } finally {
    await begun.stop();
  }
}

async function withQueueOfItsOwn(platform: Platform): Promise<Platform> {
  const { openEmbeddedQueue } = await import("../../../lib/platform/queue/embedded.ts");
  return { ...platform, queue: openEmbeddedQueue() };
}

function untilJob(seed: Seed, kind: string, status: string): Promise<unknown> {
  return until(`${kind} is ${status}`, async () => (await jobsNow(seed))[kind]!.status === status);
}

function untilAborted({ signal }: Work): Promise<never> {
  return new Promise((_, reject) => {
    // It may come to a run that was stopped while its original was fetched.
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

async function enqueue(seed: Seed, kind: string): Promise<void> {
  const { enqueueJobs, nudge } = await import("../../../lib/work/jobs/jobs.ts");
  const { tenantId } = seed.ctx.actor;
  seed.jobs = await test.platform.db.asTenant(
    tenantId,
    (sql) =>
      enqueueJobs(sql, {
        tenantId,
        assetId: seed.assetId,
        orders: ordersOf([kind]),
        requestId: null,
        createdBy: null,
      }),
  );
  await nudge(test.platform);
}

/** Folders of runs that are still there. */
async function leftovers(): Promise<string[]> {
  const found: string[] = [];
  const work = `${test.config.AKASHI_DATA_DIR}/work`;
  for await (const { name, isDirectory } of Deno.readDir(work)) {
    if (!isDirectory) continue;
    for await (const run of Deno.readDir(`${work}/${name}`)) found.push(run.name);
  }
  return found;
}
