// The cache contract, held on both caches: on the embedded one always, on Redis or Valkey when the environment names it.
import assert from "node:assert/strict";
import type { Cache, RateRule } from "../../../../lib/platform/cache/cache.ts";
import { openEmbeddedCache } from "../../../../lib/platform/cache/embedded.ts";
import { openRedisCache } from "../../../../lib/platform/cache/redis.ts";
import { systemClock } from "../../../../lib/platform/clock.ts";
import { loadConfig } from "../../../../lib/platform/config.ts";
import type { AppError } from "../../../../lib/platform/errors.ts";
import { createLog } from "../../../../lib/platform/observe/log.ts";
import { until } from "../../../support/until.ts";

const url = loadConfig().REDIS_URL;
const silent = createLog("error", {}, () => {});
const run = crypto.randomUUID().slice(0, 8);

function rule(key: string, limit: number, periodMs: number): RateRule {
  return { key, limit, periodMs };
}

function redisAt(address: string, log = silent): Cache {
  const config = loadConfig({ APP_ENV: "test", REDIS_URL: address, REDIS_PREFIX: `akashi-test-${run}` });
  return openRedisCache(config, log);
}

const CACHES: { name: string; skip: boolean; open: () => Cache }[] = [
  { name: "the embedded cache", skip: false, open: () => openEmbeddedCache(systemClock) },
  { name: `Redis${url ? "" : ", skipped: REDIS_URL is not set"}`, skip: !url, open: () => redisAt(url!) },
];

/** Declares a case for every cache. Each run has a connection of its own; `open` makes another one. */
function onEveryCache(name: string, run: (cache: Cache, open: () => Cache) => Promise<void>): void {
  for (const { name: on, skip, open } of CACHES) {
    Deno.test({
      name: `${name} (on ${on})`,
      ignore: skip,
      async fn() {
        const cache = open();
        try {
          await run(cache, open);
        } finally {
          await cache.close();
        }
      },
    });
  }
}

let keysMade = 0;

/** A key that no other case uses. */
function fresh(): string {
  return `key-${++keysMade}`;
}

onEveryCache("take() allows a burst of the limit, and then says when to retry", async (cache) => {
  const key = fresh();
  for (let left = 4; left >= 0; left--) {
    const decision = await cache.take([rule(key, 5, 60_000)]);
    assert.deepEqual([decision.allowed, decision.limit, decision.remaining], [true, 5, left]);
    assert.equal(decision.retryAfterSeconds, 0);
    assert.ok(Math.abs(decision.resetSeconds - (5 - left) * 12) <= 1, `${decision.resetSeconds}`);
  }
  const refused = await cache.take([rule(key, 5, 60_000)]);
  assert.deepEqual([refused.allowed, refused.remaining], [false, 0]);
  assert.ok(
    refused.retryAfterSeconds >= 11 && refused.retryAfterSeconds <= 12,
    `${refused.retryAfterSeconds}`,
  );
  assert.ok(refused.resetSeconds >= 59 && refused.resetSeconds <= 60, `${refused.resetSeconds}`);
  assert.equal((await cache.take([rule(fresh(), 5, 60_000)])).allowed, true);
});

onEveryCache(
  "take() allows one request as soon as its interval has passed, and refusals cost nothing",
  async (cache) => {
    const key = fresh();
    // One request per second, so that requests within the same second may be slow.
    const four = rule(key, 4, 4000);
    for (let turn = 0; turn < 4; turn++) assert.ok((await cache.take([four])).allowed);
    for (let turn = 0; turn < 20; turn++) assert.ok(!(await cache.take([four])).allowed);
    await sleep(1100);
    assert.ok((await cache.take([four])).allowed);
    assert.ok(!(await cache.take([four])).allowed);
    await sleep(4100);
    assert.equal((await cache.take([four])).remaining, 3);
  },
);

onEveryCache(
  "take() lets exactly the limit pass of many at once, also when the limit divides badly",
  async (cache) => {
    for (const limit of [1, 7, 97, 1000]) {
      const key = fresh();
      const decisions = await Promise.all(
        Array.from({ length: limit + 50 }, () => cache.take([rule(key, limit, 3_600_000)])),
      );
      assert.equal(decisions.filter((decision) => decision.allowed).length, limit);
      assert.equal(decisions.find((decision) => decision.allowed)?.remaining, limit - 1);
    }
  },
);

onEveryCache("take() charges all rules or none, and reports the tightest", async (cache) => {
  // A period of an hour, so that no allowance returns during the test.
  const [wide, tight] = [rule(fresh(), 100, 3_600_000), rule(fresh(), 3, 3_600_000)];
  for (let left = 2; left >= 0; left--) {
    const decision = await cache.take([wide, tight]);
    assert.deepEqual([decision.allowed, decision.key, decision.remaining], [true, tight.key, left]);
  }
  for (let turn = 0; turn < 50; turn++) {
    const decision = await cache.take([wide, tight]);
    assert.deepEqual([decision.allowed, decision.key, decision.limit], [false, tight.key, 3]);
    assert.ok(decision.retryAfterSeconds >= 1190 && decision.retryAfterSeconds <= 1200);
  }
  assert.equal((await cache.take([wide])).remaining, 96);
  const other = rule(fresh(), 98, 3_600_000);
  assert.equal((await cache.take([other, wide])).key, wide.key);
});

onEveryCache(
  "concurrent take() of several rules allows exactly what the tightest rule allows",
  async (cache) => {
    const rules = [
      rule(fresh(), 40, 3_600_000),
      rule(fresh(), 25, 3_600_000),
      rule(fresh(), 30, 3_600_000),
    ];
    const decisions = await Promise.all(Array.from({ length: 90 }, () => cache.take(rules as [RateRule])));
    assert.equal(decisions.filter((decision) => decision.allowed).length, 25);
    assert.equal((await cache.take([rules[2]!])).remaining, 4);
  },
);

onEveryCache(
  "publish() reaches every listener of the channel, here and elsewhere, and no other",
  async (cache, open) => {
    const other = open();
    const seen: Record<string, unknown[]> = { a: [], b: [], c: [], other: [] };
    const stopA = await cache.subscribe("one", (event) => seen.a!.push(event));
    const stopB = await cache.subscribe("one", (event) => seen.b!.push(event));
    const stopC = await cache.subscribe("two", (event) => seen.c!.push(event));
    const stopOther = await other.subscribe("one", (event) => seen.other!.push(event));
    const event = { type: "asset", id: "ü", nested: { list: [1, null, "x"] } };
    await cache.publish("one", event);
    await until("both listeners got the event", () => seen.a!.length === 1 && seen.b!.length === 1);
    assert.deepEqual([seen.a, seen.b, seen.c], [[event], [event], []]);
    assert.notEqual(seen.a![0], event);
    if (cache.kind === "redis") {
      await until("the other connection got the event", () => seen.other!.length === 1);
    }

    await stopA();
    await stopA();
    await cache.publish("one", 2);
    await cache.publish("two", 3);
    await until(
      "the remaining listeners got their events",
      () => seen.b!.length === 2 && seen.c!.length === 1,
    );
    assert.deepEqual([seen.a!.length, seen.b![1], seen.c], [1, 2, [3]]);
    await stopB();
    const again = await cache.subscribe("one", (event) => seen.a!.push(event));
    await cache.publish("one", 4);
    await until("the new listener got the event", () => seen.a!.length === 2);
    await Promise.all([again(), stopC(), stopOther()]);
    await cache.publish("one", 5);
    await sleep(50);
    assert.equal(seen.a!.length, 2);
    await other.close();
  },
);

onEveryCache(
  "publish() arrives in order, and a listener that throws does not stop the others",
  async (cache) => {
    const seen: unknown[] = [];
    const stops = [
      await cache.subscribe("order", () => {
        throw new Error("broken listener");
      }),
      await cache.subscribe("order", (event) => seen.push(event)),
    ];
    for (let turn = 0; turn < 200; turn++) await cache.publish("order", turn);
    await until("all events arrived", () => seen.length === 200);
    assert.deepEqual(seen, Array.from({ length: 200 }, (_, turn) => turn));
    for (const stop of stops) await stop();
  },
);

onEveryCache("check() resolves while the cache is open", async (cache) => {
  await cache.check();
});

onEveryCache(
  "take() never asks to wait for more than a period, also after the clock was set back",
  async (cache) => {
    const key = fresh();
    // The same state as an arrival that was stored an hour ahead.
    await cache.take([rule(key, 1, 3_600_000)]);
    const { allowed, retryAfterSeconds } = await cache.take([rule(key, 60, 60_000)]);
    assert.deepEqual([allowed, retryAfterSeconds], [false, 1]);
  },
);

Deno.test("take() of the embedded cache uses the given clock", async () => {
  let now = 1_800_000_000_000;
  const cache = openEmbeddedCache({ now: () => now });
  for (let turn = 0; turn < 100; turn++) assert.ok((await cache.take([rule("a", 100, 60_000)])).allowed);
  assert.deepEqual(await cache.take([rule("a", 100, 60_000)]), {
    allowed: false,
    key: "a",
    limit: 100,
    remaining: 0,
    resetSeconds: 60,
    retryAfterSeconds: 1,
  });
  now += 599;
  assert.ok(!(await cache.take([rule("a", 100, 60_000)])).allowed);
  now += 1;
  assert.ok((await cache.take([rule("a", 100, 60_000)])).allowed);
  now += 60_000;
  assert.equal((await cache.take([rule("a", 100, 60_000)])).remaining, 99);
});

Deno.test("take() of the embedded cache evicts the least recently used keys when full", async () => {
  const cache = openEmbeddedCache({ now: () => 1_800_000_000_000 });
  await cache.take([rule("old", 2, 60_000)]);
  await cache.take([rule("busy", 2, 60_000)]);
  for (let turn = 0; turn < 100_000; turn++) {
    await cache.take([rule(`key-${turn}`, 2, 60_000)]);
    if (turn === 50_000) await cache.take([rule("busy", 2, 60_000)]);
  }
  assert.equal((await cache.take([rule("old", 2, 60_000)])).remaining, 1);
  assert.equal((await cache.take([rule("busy", 2, 60_000)])).allowed, false);
});

Deno.test("Redis calls throw unavailable at once without a server, and subscribe() waits for the connection", async () => {
  const cache = redisAt("redis://127.0.0.1:1");
  for (let turn = 0; turn < 20; turn++) {
    const start = performance.now();
    for (const call of [cache.take([rule("a", 1, 1000)]), cache.publish("c", 1), cache.check()]) {
      await unavailable(call);
    }
    // Without the one-second timeout of a call.
    assert.ok(performance.now() - start < 950, `${performance.now() - start} ms`);
    await sleep(20);
  }
  const stop = await cache.subscribe("c", () => {});
  await stop();
  await cache.close();
});

Deno.test("Redis calls throw unavailable within about a second when the server hangs", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const connections: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) connections.push(connection);
  })();
  const cache = redisAt(`redis://127.0.0.1:${listener.addr.port}`);
  for (let turn = 0; turn < 3; turn++) {
    const start = performance.now();
    await unavailable(cache.take([rule("a", 1, 1000)]));
    assert.ok(performance.now() - start < 2500, `${performance.now() - start} ms`);
  }
  await cache.close();
  listener.close();
  await accepting;
  for (const connection of connections) connection.close();
});

Deno.test({
  name: "take() counts anew where Redis holds something else under the key",
  ignore: !url,
  async fn() {
    const cache = redisAt(url!);
    const lies = ["SET # abc", "SET # nan", "SET # -inf", "RPUSH # a b", "HSET # a b", "SADD # a"];
    for (const [nth, lie] of lies.entries()) {
      const key = `lie-${nth}`;
      await sendInline(url!, lie.replace("#", `akashi-test-${run}:rate:${key}`));
      const taken = [];
      for (let count = 0; count < 4; count++) taken.push((await cache.take([rule(key, 3, 60_000)])).allowed);
      assert.deepEqual(taken, [true, true, true, false], lie);
    }
    await cache.close();
  },
});

/** Sends one inline command of the Redis protocol. */
async function sendInline(address: string, command: string): Promise<void> {
  const { hostname, port, password } = new URL(address);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = [...(password ? [`AUTH ${password}`] : []), command];
  for (const line of lines) {
    await connection.write(new TextEncoder().encode(`${line}\r\n`));
    const answer = new Uint8Array(200);
    const length = await connection.read(answer);
    assert.ok(!new TextDecoder().decode(answer.subarray(0, length!)).startsWith("-"), line);
  }
  connection.close();
}

Deno.test({
  name: "Redis calls and subscriptions come back by themselves after the connection was cut",
  ignore: !url,
  async fn() {
    const lines: string[] = [];
    const relay = openRelay(new URL(url!));
    const cache = redisAt(relay.url, createLog("info", {}, (line) => lines.push(line)));
    const seen: unknown[] = [];
    const stop = await cache.subscribe("live", (event) => seen.push(event));
    await cache.publish("live", "before");
    await until("the first event arrived", () => seen.length === 1);

    relay.cut();
    await until("publish() fails", () => failed(cache.publish("live", "lost")));
    const late: unknown[] = [];
    const stopLate = await cache.subscribe("late", (event) => late.push(event));
    await sleep(1000);
    relay.mend();
    await until("the cache answers again", async () => !(await failed(cache.check())));
    await until("both subscriptions are restored", async () => {
      await cache.publish("live", "after").catch(() => {});
      await cache.publish("late", "after").catch(() => {});
      await sleep(50);
      return seen.includes("after") && late.includes("after");
    });
    assert.ok(!seen.includes("lost"));
    assert.ok((await cache.take([rule("back", 3, 60_000)])).allowed);
    const events = lines.map((line) => JSON.parse(line).event);
    assert.ok(events.includes("cache_lost") && events.includes("cache_restored"), events.join());
    assert.ok(events.length < 10, `too much noise: ${events.join()}`);
    await stop();
    await stopLate();
    await cache.close();
    await relay.close();
  },
});

Deno.test({
  name: "Redis calls hold up one caller, not every one, while a connected server hangs",
  ignore: !url,
  async fn() {
    const relay = openRelay(new URL(url!));
    const cache = redisAt(relay.url);
    await cache.check();
    const thaw = relay.freeze();
    const start = performance.now();
    for (let turn = 0; turn < 10; turn++) await unavailable(cache.take([rule("hang", 5, 1000)]));
    assert.ok(performance.now() - start < 2500, `${performance.now() - start} ms`);
    thaw();
    await until("the cache answers again", async () => !(await failed(cache.check())));
    await cache.close();
    await relay.close();
  },
});

/**
 * A TCP relay between the cache and the real server, so that a test can cut the connection without disturbing others.
 */
function openRelay(target: URL) {
  const pairs = new Set<Deno.Conn>();
  let listener: Deno.TcpListener | undefined;
  let accepting = Promise.resolve();
  let frozen = Promise.resolve();
  const port = listen(0);

  function listen(at: number): number {
    const opened = listener = Deno.listen({ port: at, hostname: "127.0.0.1" });
    accepting = (async () => {
      for await (const near of opened) void join(near);
    })();
    return opened.addr.port;
  }
  async function join(near: Deno.Conn): Promise<void> {
    const far = await Deno.connect({ hostname: target.hostname, port: Number(target.port || 6379) });
    for (const end of [near, far]) pairs.add(end);
    const gate = new TransformStream<Uint8Array, Uint8Array>({
      async transform(chunk, controller) {
        await frozen;
        controller.enqueue(chunk);
      },
    });
    await Promise.allSettled([
      near.readable.pipeTo(far.writable),
      far.readable.pipeThrough(gate).pipeTo(near.writable),
    ]);
  }
  function cut(): void {
    listener?.close();
    for (const end of pairs) {
      try {
        end.close();
      } catch {
        // Already closed by the pipe.
      }
    }
    pairs.clear();
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    cut,
    mend: () => void listen(port),
    freeze(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      frozen = promise;
      return resolve;
    },
    async close() {
      cut();
      await accepting;
    },
  };
}

async function unavailable(running: Promise<unknown>): Promise<void> {
  await assert.rejects(running, (error: AppError) => error.code === "unavailable");
}

async function failed(running: Promise<unknown>): Promise<boolean> {
  return await running.then(() => false, () => true);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
