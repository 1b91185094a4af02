import assert from "node:assert/strict";
import type { Platform } from "../../../lib/platform/platform.ts";
import { metadata } from "../../../lib/library/assets/kinds.ts";
import { nudge } from "../../../lib/work/jobs/jobs.ts";
import { queueError } from "../../../lib/platform/queue/reasons.ts";
import type { JobMessage, Queue } from "../../../lib/platform/queue/queue.ts";
import { relayDue, startRelay } from "../../../workers/runtime/relay.ts";
import { openTestPlatform, type TestPlatform } from "../../support/stack.ts";
import { until } from "../../support/until.ts";
import { seedWork } from "../../support/work.ts";

let test: TestPlatform;
Deno.test.beforeAll(async () => {
  test = await openTestPlatform();
});
Deno.test.afterAll(() => test.close());

const KINDS = ["metadata"];
const DECLARED = [metadata];

Deno.test("relayDue() publishes each due job once when two relays run at once", async () => {
  const { platform, published } = withTransport();
  const seeds = await Promise.all(
    Array.from({ length: 10 }, () => seedWork(test.platform, ["metadata", "proxy"])),
  );
  const counts = await Promise.all([relayDue(platform, DECLARED), relayDue(platform, DECLARED)]);
  assert.equal(counts[0]! + counts[1]!, 10);
  assert.deepEqual(
    published.map((message) => message.jobId).toSorted(),
    seeds.map((seed) => seed.jobs[0]!.id).toSorted(),
  );
  assert.equal(await relayDue(platform, DECLARED), 0);
});

Deno.test("relayDue() gives back the jobs that the transport refused", async () => {
  const transport = withTransport();
  const seeds = await Promise.all([seedWork(test.platform, KINDS), seedWork(test.platform, KINDS)]);
  transport.refuse = (message) => message.jobId === seeds[0]!.jobs[0]!.id;
  await assert.rejects(relayDue(transport.platform, DECLARED), /closed/);
  assert.deepEqual(transport.published.map((message) => message.jobId), [seeds[1]!.jobs[0]!.id]);
  transport.refuse = () => false;
  assert.equal(await relayDue(transport.platform, DECLARED), 1);
  assert.equal(transport.published.length, 2);
});

Deno.test("relayDue() takes no more jobs than there is room for", async () => {
  const transport = withTransport();
  await Promise.all([1, 2, 3].map(() => seedWork(test.platform, KINDS)));
  transport.room = 0;
  assert.equal(await relayDue(transport.platform, DECLARED), 0);
  transport.room = 2;
  assert.equal(await relayDue(transport.platform, DECLARED), 2);
  assert.equal(await relayDue(transport.platform, DECLARED), 1);
});

Deno.test("startRelay() publishes on a nudge, and recovers from an outage of the transport", async () => {
  const transport = withTransport();
  const subscribed = Promise.withResolvers<void>();
  const { cache } = test.platform;
  const subscribe: typeof cache.subscribe = async (...args) => {
    const end = await cache.subscribe(...args);
    subscribed.resolve();
    return end;
  };
  const relay = startRelay({ ...transport.platform, cache: { ...cache, subscribe } }, DECLARED);
  await subscribed.promise;
  // The nudge of the seed makes the relay look, in vain; the next poll is a second after that.
  transport.room = 0;
  await seedWork(test.platform, KINDS);
  transport.room = 100;
  const began = performance.now();
  await nudge(test.platform);
  await until("it is published", () => transport.published.length === 1);
  assert.ok(performance.now() - began < 900, "by the nudge, not by the poll");
  transport.refuse = () => true;
  await seedWork(test.platform, KINDS);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(transport.published.length, 1);
  transport.refuse = () => false;
  relay.wake();
  await until("it is published after all", () => transport.published.length === 2);
  await relay.stop();
});

interface Transport {
  platform: Platform;
  published: JobMessage[];
  room: number;
  refuse(message: JobMessage): boolean;
}

function withTransport(): Transport {
  const transport: Transport = { platform: test.platform, published: [], room: 100, refuse: () => false };
  const queue: Queue = {
    ...test.platform.queue,
    room: () => transport.room,
    publish: (message) => {
      if (transport.refuse(message)) {
        return Promise.reject(queueError("closed"));
      }
      transport.published.push(message);
      return Promise.resolve();
    },
  };
  transport.platform = { ...test.platform, queue };
  return transport;
}
