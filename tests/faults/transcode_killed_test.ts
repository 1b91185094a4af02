import assert from "node:assert/strict";
import { makeVideo } from "../support/media.ts";
import { startProcess } from "../support/processes.ts";
import { openTestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const WORKER = new URL("../../workers/main.ts", import.meta.url);

Deno.test({
  name: "a worker killed twice in the middle of a transcode leaves one proxy and one result",
  ignore: !Deno.env.get("DATABASE_URL"),
  fn: async () => {
    const server = await openTestServer({ settings: { JOB_LEASE_SECONDS: "4", LOG_LEVEL: "info" } });
    const folder = await Deno.makeTempDir();
    try {
      const client = await server.client();
      await makeVideo(`${folder}/long.mp4`, { seconds: 15, size: "1920x1080" });
      const body = await Deno.readFile(`${folder}/long.mp4`);
      const { asset_id } = await (await client.fetch("/api/v1/ingest/long.mp4", { method: "PUT", body }))
        .json();
      const proxyJob = async () => {
        const jobs = await client.json("GET", `/api/v1/jobs?asset_id=${asset_id}`);
        return jobs.find((job) => job.job_type === "proxy");
      };
      for (const attempt of [1, 2]) {
        const worker = startProcess(WORKER, server.config);
        await until(`attempt ${attempt} is in the middle`, async () => {
          const job = await proxyJob();
          return job!.status === "processing" && job!.attempts === attempt && job!.progress >= 5;
        }, 60_000).catch((error) => assert.fail(`${error.message}\n${worker.output()}`));
        worker.kill("SIGKILL");
        await worker.ended;
        await until(
          "ffmpeg ends with its worker",
          async () => await runningTranscodes(server.config.AKASHI_DATA_DIR) === 0,
        );
      }
      const last = startProcess(WORKER, server.config);
      const asset = await until("the third attempt comes through", async () => {
        const asset = await client.json("GET", `/api/v1/assets/${asset_id}`);
        return asset.status === "available" ? asset : undefined;
      }, 120_000);
      last.kill("SIGTERM");
      assert.equal(await last.ended, 0);
      assert.equal((await proxyJob())!.attempts, 3);
      const proxies = asset.storage_locations.filter((location) => location.purpose === "proxy");
      assert.equal(proxies.length, 1);
      const { objects } = await server.platform.storage.list("proxies", "");
      assert.deepEqual(objects.map((object) => object.key), [proxies[0]!.path]);
      assert.deepEqual(await server.platform.storage.listMultipart("proxies", ""), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
      await server.close();
    }
  },
});

/** The number of ffmpeg processes of this test that work on a proxy. */
async function runningTranscodes(dataDir: string): Promise<number> {
  let count = 0;
  for await (const { name } of Deno.readDir("/proc")) {
    const line = /^\d+$/.test(name) ? await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "") : "";
    if (line.includes("ffmpeg\0") && line.includes("proxy") && line.includes(dataDir)) count++;
  }
  return count;
}
