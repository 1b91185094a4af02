import assert from "node:assert/strict";
import { removeQueues } from "../support/broker.ts";
import { type Child, freeze, startProcess } from "../support/processes.ts";
import { openTestPlatform } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { jobsNow, seedWork } from "../support/work.ts";

const SCRIPT = new URL("./slow_worker.ts", import.meta.url);

Deno.test({
  name: "workers frozen in the middle of a job lose it to another one, and change nothing when they go on",
  ignore: !Deno.env.get("DATABASE_URL"),
  fn: async () => {
    const { platform, config, close } = await openTestPlatform({ JOB_LEASE_SECONDS: "4", LOG_LEVEL: "info" });
    const workers: Child[] = [];
    const thaws: (() => void)[] = [];
    try {
      const seed = await seedWork(platform, ["proxy"]);
      for (const attempt of [1, 2]) {
        const child = startProcess(SCRIPT, config);
        workers.push(child);
        await until(`attempt ${attempt} is under way`, async () => {
          const { proxy } = await jobsNow(seed);
          return proxy!.status === "processing" && proxy!.attempts === attempt && proxy!.progress > 10;
        }, 60_000).catch((error) => assert.fail(`${error.message}\n${child.output()}`));
        thaws.push(await freeze(child.pid));
      }
      workers.push(startProcess(SCRIPT, config));
      const isDone = async () => (await jobsNow(seed)).proxy!.status === "completed";
      await until("the third one has done it", isDone, 60_000);
      thaws.forEach((thaw) => thaw());
      for (const worker of workers.slice(0, 2)) {
        await until("a frozen one notices", () => /"outcome":"lost"/.test(worker.output()), 30_000);
      }
      const { proxy } = await jobsNow(seed);
      assert.deepEqual([proxy!.status, proxy!.attempts], ["completed", 3]);
      const { objects } = await platform.storage.list("proxies", "");
      assert.equal(objects.length, 1);
      const stored = await platform.storage.get({ bucket: "proxies", key: objects[0]!.key });
      assert.equal(await new Response(stored!.body).text(), "made by run 3");
    } finally {
      thaws.forEach((thaw) => thaw());
      for (const worker of workers) worker.kill("SIGKILL");
      await Promise.all(workers.map(({ ended }) => ended));
      await close();
      await removeQueues(config);
    }
  },
});
