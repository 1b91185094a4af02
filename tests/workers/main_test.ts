import assert from "node:assert/strict";
import { countLiveWorkers } from "../../lib/work/jobs/workers.ts";
import { SWEEPS } from "../../workers/kinds.ts";
import { removeQueues } from "../support/broker.ts";
import { startProcess } from "../support/processes.ts";
import { openTestPlatform } from "../support/stack.ts";
import { until } from "../support/until.ts";

const MAIN = new URL("../../workers/main.ts", import.meta.url);
const SCHEDULER = new URL("../../workers/scheduler.ts", import.meta.url);

Deno.test("workers/main.ts refuses a bad configuration and an embedded database, and says why", async () => {
  const bad = startProcess(MAIN, { PORT: -1 });
  assert.equal(await bad.ended, 1);
  assert.match(bad.output(), /PORT/);
  const alone = startProcess(MAIN, {});
  assert.equal(await alone.ended, 1);
  assert.match(alone.output(), /deno task dev/);
});

Deno.test({
  name: "workers/main.ts refuses a database with migrations pending",
  ignore: !Deno.env.get("DATABASE_URL"),
  fn: async () => {
    const { platform, config, close } = await openTestPlatform();
    try {
      await platform.db.asOwner((sql) => sql`delete from schema_migrations where version = 2`);
      const child = startProcess(MAIN, config);
      assert.equal(await child.ended, 1);
      assert.match(child.output(), /0002_create_workers\.sql.*deno task migrate/);
    } finally {
      await close();
    }
  },
});

Deno.test({
  name: "workers/main.ts shows itself and leaves with 0 on SIGTERM, also when the terminal says SIGINT too",
  ignore: !Deno.env.get("DATABASE_URL"),
  fn: async () => {
    const METRICS_PORT = String(20_000 + Deno.pid % 5_000);
    const { platform, config, close } = await openTestPlatform({ LOG_LEVEL: "info", METRICS_PORT });
    try {
      const child = startProcess(MAIN, config);
      await until("it is seen", async () => await countLiveWorkers(platform.db) === 1, 30_000).catch(
        (error) => {
          throw new Error(`${error.message}\n${child.output()}`);
        },
      );
      const ask = async (path: string) =>
        await (await fetch(`http://127.0.0.1:${METRICS_PORT}${path}`)).text();
      // It is seen a moment before it listens.
      await until("it is ready", () => ask("/readyz").then((answer) => answer === "ok", () => false));
      assert.match(await ask("/metrics"), /^akashi_database_connections_max /m);
      child.kill("SIGTERM");
      child.kill("SIGINT");
      assert.equal(await child.ended, 0, child.output());
      assert.equal(await countLiveWorkers(platform.db), 0);
      assert.match(child.output(), /"event":"worker_stopped"/);
    } finally {
      await close();
      await removeQueues(config);
    }
  },
});

Deno.test({
  name: "a scheduler does the duties that workers are told to leave alone, and leaves with 0 on SIGTERM",
  ignore: !Deno.env.get("DATABASE_URL"),
  fn: async () => {
    const { platform, config, close } = await openTestPlatform({ WORKER_SCHEDULE: "false" });
    const turns = async () => await platform.db.asSystem((sql) => sql`select name from duty_turns`);
    try {
      const worker = startProcess(MAIN, config);
      await until("the worker is seen", async () => await countLiveWorkers(platform.db) === 1, 30_000);
      assert.equal((await turns()).length, 0);
      const METRICS_PORT = 26_000 + Deno.pid % 5_000;
      const scheduler = startProcess(SCHEDULER, { ...config, METRICS_PORT });
      await until("it took every turn", async () => (await turns()).length === SWEEPS.length, 30_000);
      await until("it is ready", async () => {
        const answer = await fetch(`http://127.0.0.1:${METRICS_PORT}/readyz`).catch(() => undefined);
        await answer?.body?.cancel();
        return answer?.status === 200;
      });
      scheduler.kill("SIGTERM");
      assert.equal(await scheduler.ended, 0, scheduler.output());
      worker.kill("SIGTERM");
      assert.equal(await worker.ended, 0, worker.output());
    } finally {
      await close();
      await removeQueues(config);
    }
  },
});
