import assert from "node:assert/strict";
import { type Config, loadConfig } from "../../../../lib/platform/config.ts";
import { AppError } from "../../../../lib/platform/errors.ts";
import { newId } from "../../../../lib/platform/ids.ts";
import { createLog } from "../../../../lib/platform/observe/log.ts";
import type { JobMessage, Queue, Verdict } from "../../../../lib/platform/queue/queue.ts";
import { openEmbeddedQueue } from "../../../../lib/platform/queue/embedded.ts";
import { openRabbitQueue } from "../../../../lib/platform/queue/rabbitmq.ts";
import { countDead, deleteQueue, publishRaw, removeQueues, withBroker } from "../../../support/broker.ts";
import { until } from "../../../support/until.ts";

const silent = createLog("error", {}, () => {});
const KINDS = ["metadata", "proxy"];

const job = (kind = "metadata"): JobMessage => ({ jobId: newId(), tenantId: newId(), kind });
const config = (settings: Record<string, string> = {}): Config =>
  loadConfig({
    ...Deno.env.toObject(),
    APP_ENV: "test",
    AMQP_PREFIX: `t${crypto.randomUUID().slice(0, 8)}`,
    ...settings,
  });

interface Opened {
  queue: Queue;
  close(): Promise<void>;
}

function openEmbedded(): Opened {
  const queue = openEmbeddedQueue();
  return { queue, close: () => queue.close() };
}

function openRabbit(): Opened & { config: Config } {
  const settings = config();
  const queue = openRabbitQueue(settings, silent);
  return {
    queue,
    config: settings,
    close: async () => {
      await queue.close();
      await removeQueues(settings, KINDS);
    },
  };
}

const rabbit = !Deno.env.get("AMQP_URL");
contract("embedded", openEmbedded, false);
contract("rabbitmq", openRabbit, rabbit);

function contract(name: string, open: () => Opened, ignore: boolean): void {
  const test = (title: string, body: (queue: Queue) => Promise<void>) =>
    Deno.test({
      name: `${name}: ${title}`,
      ignore,
      fn: async () => {
        const { queue, close } = open();
        try {
          await body(queue);
        } finally {
          await close();
        }
      },
    });

  test("publish() reaches a consumer of that kind, each message once", async (queue) => {
    const seen: string[] = [];
    const consumer = await consume(queue, KINDS, 2, (message) => void seen.push(message.jobId));
    const jobs = [job(), job("proxy"), job(), job("proxy")];
    await Promise.all(jobs.map((message) => queue.publish(message)));
    await until("all four arrive", () => seen.length === 4);
    assert.deepEqual(seen.toSorted(), jobs.map((message) => message.jobId).toSorted());
    await consumer.stop();
  });

  test("publish() keeps a message for a consumer that comes later", async (queue) => {
    const message = job();
    await queue.publish(message);
    const seen: JobMessage[] = [];
    const consumer = await consume(queue, KINDS, 1, (message) => void seen.push(message));
    await until("it arrives", () => seen.length === 1);
    assert.deepEqual(seen[0], message);
    await consumer.stop();
  });

  test("consume() never works on more than `concurrency` of a kind and does not let one kind hold up another", async (queue) => {
    const gate = Promise.withResolvers<void>();
    let running = 0;
    let most = 0;
    const seen: string[] = [];
    const consumer = await consume(queue, KINDS, 2, async (message) => {
      if (message.kind === "metadata") return void seen.push("metadata");
      most = Math.max(most, ++running);
      await gate.promise;
      running -= 1;
      seen.push("proxy");
    });
    for (let count = 0; count < 5; count++) await queue.publish(job("proxy"));
    await queue.publish(job("metadata"));
    await until("the quick kind gets through", () => seen.includes("metadata"));
    gate.resolve();
    await until("the slow kind gets through", () => seen.length === 6);
    assert.equal(most, 2);
    await consumer.stop();
  });

  test("consume() redelivers when the handler asks for it or throws", async (queue) => {
    const verdicts: (Verdict | Error)[] = ["again", new Error("bug"), "done"];
    let calls = 0;
    const consumer = await queue.consume({ metadata: 1, proxy: 1 }, () => {
      const verdict = verdicts[calls++]!;
      return verdict instanceof Error ? Promise.reject(verdict) : Promise.resolve(verdict);
    });
    await queue.publish(job());
    await until("the third delivery", () => calls === 3);
    await consumer.stop();
    assert.equal(calls, 3);
  });

  test("stop() waits for running handlers and begins nothing new", async (queue) => {
    const gate = Promise.withResolvers<void>();
    let begun = 0;
    let ended = 0;
    const consumer = await consume(queue, KINDS, 1, async () => {
      begun += 1;
      await gate.promise;
      ended += 1;
    });
    for (let count = 0; count < 3; count++) await queue.publish(job());
    await until("the first begins", () => begun === 1);
    const stopped = consumer.stop();
    assert.equal(await Promise.race([stopped.then(() => "stopped"), tick(150)]), "tick");
    gate.resolve();
    await stopped;
    assert.equal(ended, 1);
    assert.equal(begun, 1);
    assert.equal(consumer.isLive(), false);
  });

  test("isLive() is true while a consumer is attached", async (queue) => {
    const consumer = await consume(queue, KINDS, 1, () => {});
    assert.equal(consumer.isLive(), true);
    await consumer.stop();
    assert.equal(consumer.isLive(), false);
  });

  test("room() is positive only for kinds with a consumer", async (queue) => {
    const consumer = await consume(queue, KINDS, 3, () => {});
    assert.ok(queue.room("metadata") >= 3);
    await consumer.stop();
  });
}

Deno.test("embedded: room() shrinks with running and waiting messages", async () => {
  const queue = openEmbeddedQueue();
  assert.equal(queue.room("metadata"), 0);
  const gate = Promise.withResolvers<void>();
  const consumer = await consume(queue, KINDS, 2, () => gate.promise);
  await queue.publish(job());
  await tick(10);
  assert.equal(queue.room("metadata"), 1);
  await queue.publish(job());
  await queue.publish(job());
  assert.equal(queue.room("metadata"), 0);
  assert.equal(queue.room("proxy"), 2);
  gate.resolve();
  await consumer.stop();
  await queue.close();
});

Deno.test({
  name: "rabbitmq: a consumer is built again when its queue is deleted",
  ignore: rabbit,
  fn: () =>
    withRabbit(async (queue, config) => {
      const seen: string[] = [];
      const consumer = await consume(queue, KINDS, 1, (message) => void seen.push(message.jobId));
      await deleteQueue(config, "metadata");
      await until("it notices", () => !consumer.isLive());
      await until("it is back", () => consumer.isLive());
      const message = job();
      await until("the publisher declares anew", () => queue.publish(message).then(() => true, () => false));
      await until("it consumes", () => seen.includes(message.jobId));
      await consumer.stop();
    }),
});

Deno.test({
  name:
    "rabbitmq: publish() throws `unavailable` when no queue takes the message, and makes one for the next",
  ignore: rabbit,
  fn: () =>
    withRabbit(async (queue, config) => {
      await queue.publish(job());
      await deleteQueue(config, "metadata");
      await assert.rejects(queue.publish(job()), isUnavailable);
      await queue.publish(job());
    }),
});

Deno.test({
  name: "rabbitmq: publish() survives 200 at once",
  ignore: rabbit,
  fn: () =>
    withRabbit(async (queue) => {
      const seen = new Set<string>();
      const consumer = await consume(queue, KINDS, 10, (message) => void seen.add(message.jobId));
      await Promise.all(Array.from({ length: 200 }, () => queue.publish(job())));
      await until("all arrive", () => seen.size === 200);
      await consumer.stop();
    }),
});

Deno.test({
  name: "rabbitmq: invalid messages, and those a handler rejects, go to the dead letters",
  ignore: rabbit,
  fn: () =>
    withRabbit(async (queue, config) => {
      const seen: string[] = [];
      const consumer = await queue.consume({ metadata: 1, proxy: 1 }, (message) => {
        seen.push(message.jobId);
        return Promise.resolve(seen.length === 1 ? "dead" : "done");
      });
      for (const garbage of ["", "not json", "{}", '{"jobId":1}']) {
        await publishRaw(config, "metadata", garbage);
      }
      await queue.publish(job());
      await queue.publish(job());
      await until("the good one arrives", () => seen.length === 2);
      await until("five are put aside", async () => await countDead(config) === 5);
      await consumer.stop();
    }),
});

Deno.test({
  name: "rabbitmq: a queue that was declared with other arguments is used as it is",
  ignore: rabbit,
  fn: () =>
    withRabbit(async (queue, config) => {
      await withBroker(config, (channel) =>
        channel.assertQueue(`${config.AMQP_PREFIX}.jobs.metadata`, {
          arguments: { "x-queue-type": "quorum" },
        }));
      const seen: string[] = [];
      const consumer = await consume(queue, KINDS, 1, (message) => void seen.push(message.jobId));
      assert.equal(consumer.isLive(), true);
      await queue.publish(job());
      await until("it arrives", () => seen.length === 1);
      await consumer.stop();
    }),
});

Deno.test({
  name: "rabbitmq: a connection that is cut while a handler runs is built again and the message comes again",
  ignore: rabbit,
  fn: () =>
    withProxy(async (queue, proxy) => {
      const gate = Promise.withResolvers<void>();
      const seen: string[] = [];
      const consumer = await consume(queue, KINDS, 1, async (message) => {
        seen.push(message.jobId);
        await gate.promise;
      });
      const message = job();
      await queue.publish(message);
      await until("it begins", () => seen.length === 1);
      proxy.cut();
      await until("it notices", () => !consumer.isLive());
      await until("it is back", () => consumer.isLive());
      await until("the message comes again", () => seen.length === 2);
      assert.deepEqual(seen, [message.jobId, message.jobId]);
      gate.resolve();
      await queue.publish(job());
      await until("both connections work", () => seen.length === 3);
      await consumer.stop();
    }),
});

Deno.test({
  name: "rabbitmq: publish() gives up after 5 s when the broker falls silent, and recovers",
  ignore: rabbit,
  fn: () =>
    withProxy(async (queue, proxy) => {
      await queue.publish(job());
      proxy.freeze();
      const began = performance.now();
      await assert.rejects(queue.publish(job()), isUnavailable);
      assert.ok(performance.now() - began < 9_000);
      proxy.thaw();
      await queue.publish(job());
    }),
});

Deno.test("rabbitmq: without a broker publish() and check() fail fast and consume() is not live", async () => {
  const queue = openRabbitQueue(config({ AMQP_URL: "amqp://127.0.0.1:1/none" }), silent);
  const began = performance.now();
  await assert.rejects(queue.publish(job()), isUnavailable);
  await assert.rejects(queue.check(), isUnavailable);
  const consumer = await consume(queue, KINDS, 1, () => {});
  assert.equal(consumer.isLive(), false);
  assert.ok(performance.now() - began < 5_500);
  await consumer.stop();
  await queue.close();
});

async function withRabbit(body: (queue: Queue, config: Config) => Promise<void>): Promise<void> {
  const { queue, config, close } = openRabbit();
  try {
    await body(queue, config);
  } finally {
    await close();
  }
}

interface Proxy {
  cut(): void;
  freeze(): void;
  thaw(): void;
}

/** Like `withRabbit`, with a proxy in between that can be cut or go silent. */
async function withProxy(body: (queue: Queue, proxy: Proxy) => Promise<void>): Promise<void> {
  const direct = config();
  const target = new URL(direct.AMQP_URL!);
  const connections = new Set<Deno.TcpConn>();
  let frozen = false;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const pump = async (from: Deno.TcpConn, to: Deno.TcpConn) => {
    const chunk = new Uint8Array(64 * 1024);
    try {
      for (let read = await from.read(chunk); read !== null; read = await from.read(chunk)) {
        if (frozen) continue;
        for (let sent = 0; sent < read;) sent += await to.write(chunk.subarray(sent, read));
      }
    } catch { /* cut */ }
    drop(from);
    drop(to);
  };
  const drop = (connection: Deno.TcpConn) => void (connections.delete(connection) && connection.close());
  const accepting = (async () => {
    for await (const client of listener) {
      const server = await Deno.connect({ hostname: target.hostname, port: Number(target.port || 5672) });
      for (const connection of [client, server]) connections.add(connection);
      pump(client, server);
      pump(server, client);
    }
  })();
  const url = new URL(target);
  url.port = String(listener.addr.port);
  const queue = openRabbitQueue({ ...direct, AMQP_URL: url.href }, silent);
  const cut = () => connections.forEach(drop);
  try {
    await body(queue, { cut, freeze: () => void (frozen = true), thaw: () => void (frozen = false) });
  } finally {
    await queue.close();
    listener.close();
    cut();
    await accepting;
    await removeQueues(direct, KINDS);
  }
}

function consume(
  queue: Queue,
  kinds: string[],
  concurrency: number,
  work: (message: JobMessage) => void | Promise<void>,
) {
  return queue.consume(Object.fromEntries(kinds.map((kind) => [kind, concurrency])), async (message) => {
    await work(message);
    return "done";
  });
}

function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === "unavailable";
}

function tick(ms: number): Promise<"tick"> {
  return new Promise((resolve) => setTimeout(() => resolve("tick"), ms));
}
