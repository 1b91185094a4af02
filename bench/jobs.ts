// Latency from enqueuing a job to its handler through table, relay and transport, and of the transport alone.
import type { Platform } from "../lib/platform/platform.ts";
import { enqueueJobs, nudge } from "../lib/work/jobs/jobs.ts";
import { newId } from "../lib/platform/ids.ts";
import { openTestPlatform } from "../tests/support/stack.ts";
import { handlersOf, ordersOf, type Seed, seedWork } from "../tests/support/work.ts";
import { startWorker } from "../workers/runtime/runtime.ts";
import { percentile, type Row, timed } from "./rows.ts";

const JOBS = 200;
const LIMIT_MS = 10_000;
const BURST_LIMIT_MS = 60_000;
/** Pause between jobs, so that each one meets an idle worker. */
const REST_MS = 30;

/** Latency and throughput of the job queue. */
export async function measureJobs(): Promise<Row[]> {
  const test = await openTestPlatform();
  try {
    const alone = await measureTransport(test.platform);
    const { waits, burstMs } = await measureWorker(test.platform);
    const against = (share: number) => ({ what: "only the transport", value: percentile(alone, share) });
    return [
      row("enqueue → handler, p50", percentile(waits, 0.5), against(0.5)),
      row("enqueue → handler, p99", percentile(waits, 0.99), against(0.99)),
      row(`${JOBS} jobs at once, each`, burstMs / JOBS, { what: "one p50", value: percentile(waits, 0.5) }),
    ];
  } finally {
    await test.close();
  }
}

function row(measure: string, value: number, against: Row["against"]): Row {
  return { measure, value, unit: "ms", against };
}

/** Milliseconds from publishing a message to its handler, without the jobs table. */
async function measureTransport({ queue }: Platform): Promise<number[]> {
  let onMessage = () => {};
  const consumer = await queue.consume({ transcode: 2 }, () => {
    onMessage();
    return Promise.resolve("done");
  });
  try {
    return await oneByOne(async (handled) => {
      onMessage = handled;
      await queue.publish({ jobId: newId(), tenantId: newId(), kind: "transcode" });
    });
  } finally {
    await consumer.stop();
  }
}

async function measureWorker(platform: Platform): Promise<{ waits: number[]; burstMs: number }> {
  const seed = await seedWork(platform, []);
  let onRun = () => {};
  const worker = await startWorker(platform, {
    handlers: handlersOf({
      metadata: () => {
        onRun();
        return Promise.resolve({ result: {} });
      },
    }),
  });
  try {
    const waits = await oneByOne(async (handled) => {
      onRun = handled;
      await enqueue(seed, 1);
    });
    const burstMs = await timed(async () => {
      let left = JOBS;
      const all = within(BURST_LIMIT_MS, (done) => onRun = () => --left === 0 && done());
      await enqueue(seed, JOBS);
      await all;
    });
    return { waits, burstMs };
  } finally {
    await worker.stop();
  }
}

/** Milliseconds of each attempt from its start to the call of `handled`. The first few are warm-up. */
async function oneByOne(begin: (handled: () => void) => Promise<void>): Promise<number[]> {
  const waits: number[] = [];
  for (let nth = -5; nth < JOBS; nth++) {
    const ms = await timed(async () => {
      const handled = Promise.withResolvers<void>();
      const inTime = within(LIMIT_MS, (done) => handled.promise.then(done));
      await begin(handled.resolve);
      await inTime;
    });
    if (nth >= 0) waits.push(ms);
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
  return waits;
}

async function enqueue({ ctx, assetId }: Seed, count: number): Promise<void> {
  const kinds = Array.from({ length: count }, () => "metadata");
  await ctx.db.asTenant(ctx.actor.tenantId, async (sql) => {
    // One call would create a family whose members wait for each other; these jobs must be independent.
    for (const kind of kinds) {
      await enqueueJobs(sql, {
        tenantId: ctx.actor.tenantId,
        assetId,
        orders: ordersOf([kind]),
        requestId: null,
        createdBy: null,
      });
    }
  });
  await nudge(ctx);
}

function within(ms: number, wait: (done: () => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No job was handled within ${ms} ms`)), ms);
    wait(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
