// Posters as uploads get them: first of all, replaced by a better one, and never a file that shows nothing.
import assert from "node:assert/strict";
import { runFfmpeg } from "../../../support/made_media.ts";
import { makeVideo } from "../../../support/media.ts";
import { type Client, openTestServer, type TestServer } from "../../../support/server.ts";
import { until } from "../../../support/until.ts";
import { pixels } from "../../../lib/media/samples.ts";

let server: TestServer;
let folder: string;
Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir({ prefix: "akashi-posters-" });
  server = await openTestServer({ worker: true });
});
Deno.test.afterAll(async () => {
  await server.close();
  await Deno.remove(folder, { recursive: true });
});

const WAIT_MS = 60_000;

Deno.test("a poster that was taken quickly and shows nothing is replaced by a better one", async () => {
  const path = `${folder}/late.mp4`;
  await runFfmpeg([
    ...["-f", "lavfi", "-i", "color=black:s=320x180:r=10:d=12"],
    ...["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration=3"],
    ...["-filter_complex", "[0][1]concat", "-c:v", "libx264", "-preset", "ultrafast", path],
  ]);
  const client = await server.client();
  const id = await ingest(client, path);
  await untilStatus(client, id, "available");
  const posters = (await jobsOf(client, id)).filter((job) => job.job_type === "thumbnail");
  assert.deepEqual(posters.map((job) => job.status), ["completed", "completed"]);
  const shown = await poster(client, id);
  assert.ok(Math.max(...(await pixels(shown, 4, 4)).flat()) > 100);
});

Deno.test("a file that is cut off keeps the best frame that decoded", async () => {
  const path = `${folder}/cut.mp4`;
  await makeVideo(path, { seconds: 4, extra: ["-movflags", "+faststart"] });
  const bytes = await Deno.readFile(path);
  await Deno.writeFile(path, bytes.slice(0, bytes.length * 0.6));
  const client = await server.client();
  const id = await ingest(client, path);
  await untilStatus(client, id, "failed");
  const shown = await until("its poster", () => poster(client, id).catch(() => undefined), WAIT_MS);
  assert.ok(Math.max(...(await pixels(shown, 4, 4)).flat()) > 100);
});

Deno.test("a film of which no picture decodes has a failed poster, not an empty one", async () => {
  const path = `${folder}/noise.mp4`;
  await makeVideo(path);
  const bytes = await Deno.readFile(path);
  const data = new TextDecoder("latin1").decode(bytes).indexOf("mdat");
  await Deno.writeFile(path, bytes.fill(0x55, data + 4, bytes.length - 8_000));
  const client = await server.client();
  const id = await ingest(client, path);
  const job = await until("it ends", async () => {
    const job = (await jobsOf(client, id)).find((job) => job.job_type === "thumbnail")!;
    return job.finished_at ? job : undefined;
  }, WAIT_MS);
  assert.deepEqual([job.status, job.error_code, job.attempts], ["failed", "unreadable", 1]);
  assert.equal((await client.json("GET", `/api/v1/assets/${id}`)).thumbnail_url, null);
});

Deno.test("all posters of a batch are there before the first of its proxies begins", async () => {
  const client = await server.client(await server.addPerson({ tenant: "batch" }));
  const paths = ["a", "b", "c", "d"].map((name) => `${folder}/${name}.mp4`);
  for (const [nth, path] of paths.entries()) {
    await makeVideo(path, { seconds: 1 + nth / 10, size: "640x360" });
  }
  const ids = await Promise.all(paths.map((path) => ingest(client, path)));
  for (const id of ids) await untilStatus(client, id, "available");
  const jobs = (await Promise.all(ids.map((id) => jobsOf(client, id)))).flat();
  const times = (kind: string, field: "started_at" | "finished_at") =>
    jobs.filter((job) => job.job_type === kind).map((job) => Date.parse(job[field]!));
  assert.ok(Math.max(...times("thumbnail", "started_at")) <= Math.min(...times("proxy", "started_at")));
});

async function ingest(client: Client, path: string): Promise<string> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const body = await Deno.readFile(path);
  const response = await client.fetch(`/api/v1/ingest/${name}`, { method: "PUT", body });
  assert.equal(response.status, 201);
  return (await response.json()).asset_id;
}

function untilStatus(client: Client, id: string, wanted: string): Promise<unknown> {
  return until(
    `it is ${wanted}`,
    async () => (await client.json("GET", `/api/v1/assets/${id}`)).status === wanted,
    WAIT_MS,
  );
}

function jobsOf(client: Client, id: string) {
  return client.json("GET", `/api/v1/jobs?asset_id=${id}`);
}

/** The path of the asset's poster, downloaded. */
async function poster(client: Client, id: string): Promise<string> {
  const { thumbnail_url } = await client.json("GET", `/api/v1/assets/${id}`);
  const response = await client.fetch(thumbnail_url!);
  assert.equal(response.status, 200);
  const path = `${folder}/${id}.webp`;
  await Deno.writeFile(path, await response.bytes());
  return path;
}
