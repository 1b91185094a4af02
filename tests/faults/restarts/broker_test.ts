import assert from "node:assert/strict";
import { startWorker } from "../../../workers/runtime/runtime.ts";
import { removeQueues } from "../../support/broker.ts";
import { service, SERVICES } from "../../support/processes.ts";
import { openTestPlatform } from "../../support/stack.ts";
import { until } from "../../support/until.ts";
import { handlersOf, jobsNow, seedWork } from "../../support/work.ts";

Deno.test({
  name: "RabbitMQ killed while jobs run: every job is done once, new ones follow, the consumer is live again",
  ignore: !SERVICES || !Deno.env.get("AMQP_URL"),
  fn: async () => {
    const { platform, config, close } = await openTestPlatform();
    const runs: string[] = [];
    const worker = await startWorker(platform, {
      concurrency: 3,
      handlers: handlersOf({
        metadata: async ({ job }) => {
          runs.push(job.id);
          await new Promise((resolve) => setTimeout(resolve, 400));
          return {};
        },
      }),
    });
    try {
      const seeds = await Promise.all(Array.from({ length: 15 }, () => seedWork(platform, ["metadata"])));
      await until("some are under way", () => runs.length >= 3);
      await service("kill", "rabbitmq");
      try {
        await until("it notices", () => !worker.isLive(), 30_000);
        seeds.push(await seedWork(platform, ["metadata"]));
      } finally {
        await service("start", "rabbitmq");
      }
      await until("it is live again", () => worker.isLive(), 60_000);
      for (const seed of seeds) {
        await until(
          "the job is done",
          async () => (await jobsNow(seed)).metadata!.status === "completed",
          90_000,
        );
        assert.equal((await jobsNow(seed)).metadata!.attempts, 1);
      }
      assert.deepEqual(runs.toSorted(), seeds.map((seed) => seed.jobs[0]!.id).toSorted());
    } finally {
      await worker.stop();
      await close();
      await removeQueues(config);
    }
  },
});
