import assert from "node:assert/strict";
import { removeQueues } from "../support/broker.ts";
import { startProcess } from "../support/processes.ts";
import { openTestPlatform } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { assetStatus, jobsNow, seedWork } from "../support/work.ts";

const SCRIPT = new URL("./slow_worker.ts", import.meta.url);

Deno.test({
  name: "a worker killed twice in the middle of a job leaves one result, no other object and no folder",
  ignore: !Deno.env.get("DATABASE_URL"),
  fn: async () => {
    const { platform, config, close } = await openTestPlatform({ JOB_LEASE_SECONDS: "4", LOG_LEVEL: "info" });
    try {
      const seed = await seedWork(platform, ["proxy"]);
      for (const attempt of [1, 2]) {
        const child = startProcess(SCRIPT, config);
        await until(`attempt ${attempt} is under way`, async () => {
          const { proxy } = await jobsNow(seed);
          return proxy!.status === "processing" && proxy!.attempts === attempt && proxy!.progress > 10;
        }, 30_000).catch((error) => {
          throw new Error(`${error.message}\n${child.output()}`);
        });
        child.kill("SIGKILL");
        assert.equal(await child.ended, "SIGKILL");
        assert.equal((await jobsNow(seed)).proxy!.status, "processing");
      }
      const last = startProcess(SCRIPT, config);
      await until(
        "the third attempt comes through",
        async () => (await jobsNow(seed)).proxy!.status === "completed",
        30_000,
      );
      assert.equal((await jobsNow(seed)).proxy!.attempts, 3);
      assert.equal(await assetStatus(seed), "available");
      const locations = await platform.db.asTenant(
        seed.ctx.actor.tenantId,
        (sql) => sql<{ path: string }[]>`select path from storage_locations where purpose = 'proxy'`,
      );
      const objects = await platform.storage.list("proxies", "");
      assert.deepEqual(
        objects.objects.map((object) => object.key),
        locations.map((location) => location.path),
      );
      assert.equal(objects.objects.length, 1);
      const stored = await platform.storage.get({ bucket: "proxies", key: locations[0]!.path });
      assert.equal(await new Response(stored!.body).text(), "made by run 3");
      const roots = [...Deno.readDirSync(`${config.AKASHI_DATA_DIR}/work`)].filter((entry) =>
        entry.isDirectory
      );
      assert.equal(roots.length, 1, "the folders of the dead ones are gone");
      last.kill("SIGKILL");
      await last.ended;
    } finally {
      await close();
      await removeQueues(config);
    }
  },
});
