// End to end: a file is uploaded, workers probe it and make renditions, and the asset becomes available.
import assert from "node:assert/strict";
import { ALL_JOBS, jobsFor } from "../lib/library/assets/recipe.ts";
import type { AssetDetail } from "../lib/library/assets/schema.ts";
import type { Job } from "../lib/work/jobs/schema.ts";
import { makeVideo, mediaNamed, type Medium } from "./support/media.ts";
import { type Client, openTestServer, type TestServer } from "./support/server.ts";
import { until } from "./support/until.ts";

let server: TestServer;
let folder: string;
Deno.test.beforeAll(async () => {
  server = await openTestServer({ worker: true });
  folder = await Deno.makeTempDir();
});
Deno.test.afterAll(async () => {
  await server.close();
  await Deno.remove(folder, { recursive: true });
});

interface Truth {
  name: string;
  type: string;
  /** Expected fields of the technical metadata. */
  technical?: Record<string, unknown>;
  thumbnail?: boolean;
  /** Width and height of the upright proxy's picture; null for sound. */
  proxy?: [number, number] | null;
}

const TRUTHS: Truth[] = [
  {
    name: "interview_webm_vp8.webm",
    type: "video",
    technical: {
      width: 480,
      height: 270,
      video_codec: "vp8",
      audio_codec: "vorbis",
      container_format: "webm",
    },
    thumbnail: true,
    proxy: [480, 270],
  },
  {
    name: "people_h264.mp4",
    type: "video",
    technical: { width: 768, height: 432, video_codec: "h264", audio_codec: null, container_format: "mp4" },
    thumbnail: true,
    proxy: [768, 432],
  },
  {
    name: "two_audio_tracks.mp4",
    type: "audio",
    technical: { audio_codec: "aac", video_codec: null },
    proxy: null,
  },
  {
    name: "rotated_portrait.mp4",
    type: "video",
    technical: { width: 1920, height: 1080, aspect_ratio: "9:16" },
    thumbnail: true,
    proxy: [720, 1280],
  },
  {
    name: "music.wav",
    type: "audio",
    technical: { container_format: "wav" },
    thumbnail: true,
    proxy: null,
  },
  { name: "exif_orientation_6.jpg", type: "image", technical: { rotation: 90 }, thumbnail: true },
  { name: "exif_orientation_8.jpg", type: "image", technical: { rotation: 270 }, thumbnail: true },
  { name: "gps_photo.jpg", type: "image", thumbnail: true },
  { name: "phone_photo.heic", type: "image", thumbnail: true },
  { name: "portrait.jpg", type: "image", thumbnail: true },
  { name: "malformed_captions.srt", type: "document" },
];

async function ingestFile(
  client: Client,
  path: string,
  name = path.split("/").at(-1)!,
  query = "",
): Promise<string> {
  using file = await Deno.open(path);
  const response = await client.fetch(`/api/v1/ingest/${encodeURIComponent(name)}${query}`, {
    method: "PUT",
    body: file.readable,
  });
  assert.equal(response.status, 201, await response.clone().text());
  const { asset_id }: { asset_id: string } = await response.json();
  return asset_id;
}

function settled(client: Client, id: string, ms = 120_000) {
  return until("the asset is settled", async () => {
    const asset = await client.json("GET", `/api/v1/assets/${id}`);
    return ["ingesting", "processing"].includes(asset.status) ? undefined : asset;
  }, ms);
}

/** What ffprobe prints, as far as it is read here. */
interface Probe {
  streams: {
    codec_type: string;
    codec_name: string;
    pix_fmt?: string;
    width?: number;
    height?: number;
    side_data_list?: { rotation?: number }[];
  }[];
  format: { duration: string };
}

async function probeUrl(client: Client, path: string): Promise<Probe> {
  const file = `${folder}/${crypto.randomUUID()}`;
  const response = await client.fetch(path);
  assert.equal(response.status, 200, path);
  await Deno.writeFile(file, response.body!);
  const { stdout } = await new Deno.Command("ffprobe", {
    args: ["-v", "error", "-show_streams", "-show_format", "-of", "json", file],
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("every medium becomes available with its true facts and plays upright", async (t) => {
  const client = await server.client();
  // All are uploaded before the first is checked, so that the worker is never idle.
  const assets: { truth: Truth; medium: Medium; id: string }[] = [];
  for (const truth of TRUTHS) {
    for (const medium of mediaNamed(truth.name)) {
      const id = await ingestFile(client, await medium.path(), truth.name);
      assets.push({ truth, medium, id });
    }
  }
  for (const { truth, medium, id } of assets) {
    await t.step(`${truth.name} (${medium.origin})`, async () => {
      const asset = await settled(client, id);
      assert.equal(asset.status, "available", JSON.stringify([asset.failure_code, asset.failure_reason]));
      assert.equal(asset.asset_type, truth.type);
      checkFacts(asset, truth, medium);
      if (truth.thumbnail) await checkThumbnail(client, asset.thumbnail_url!);
      if (truth.proxy !== undefined) await checkProxy(client, asset, truth);
    });
  }
});

function checkFacts(asset: AssetDetail, { technical }: Truth, { facts }: Medium): void {
  const found: Record<string, unknown> = asset.technical_metadata!;
  for (const [key, value] of Object.entries(technical ?? {})) assert.deepEqual(found[key], value, key);
  const { width, height } = found;
  if (facts.size) assert.deepEqual([width, height], facts.size);
  if (facts.durationMs) {
    assert.ok(Math.abs(asset.duration_ms! - facts.durationMs) < 100, `${asset.duration_ms} ms`);
  }
}

async function checkThumbnail(client: Client, url: string): Promise<void> {
  const picture = await client.fetch(url);
  assert.match(picture.headers.get("Content-Type")!, /^image\/(webp|jpeg)$/);
  assert.ok((await picture.bytes()).length > 500);
}

async function checkProxy(
  client: Client,
  asset: AssetDetail,
  truth: Truth,
): Promise<void> {
  const { streams, format } = await probeUrl(client, asset.proxy_url!);
  const video = streams.find((stream) => stream.codec_type === "video");
  assert.ok(Math.abs(Number(format.duration) * 1000 - asset.duration_ms!) < 200, "the proxy lasts as long");
  if (truth.proxy === null) return void assert.equal(video, undefined);
  assert.ok(video, "the proxy has a picture");
  assert.deepEqual([video.codec_name, video.pix_fmt], ["h264", "yuv420p"]);
  assert.deepEqual([video.width, video.height], truth.proxy);
  assert.equal(video.side_data_list?.some((side) => side.rotation) ?? false, false);
}

Deno.test(
  "broken media fail with a reason, keep their original and leave the worker alive",
  async () => {
    const client = await server.client();
    const whole = `${folder}/whole.mp4`;
    await makeVideo(whole, { seconds: 3, extra: ["-movflags", "+faststart"] });
    const bytes = await Deno.readFile(whole);
    const broken: [string, Uint8Array][] = [
      ["truncated.mp4", bytes.subarray(0, 400)],
      [
        "noise.mp4",
        new Uint8Array([...bytes.subarray(0, 32), ...crypto.getRandomValues(new Uint8Array(20_000))]),
      ],
      [
        "cut.jpg",
        new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1]),
      ],
    ];
    for (const [name, content] of broken) {
      await Deno.writeFile(`${folder}/${name}`, content);
      const asset = await settled(client, await ingestFile(client, `${folder}/${name}`));
      assert.equal(asset.status, "failed", name);
      assert.ok(asset.failure_code && asset.failure_reason!.length > 20, `${asset.failure_reason}`);
      const original = await client.fetch(`/media/assets/${asset.id}/original`);
      assert.equal((await original.bytes()).length, content.length);
    }
    const fine = await settled(client, await ingestFile(client, whole));
    assert.equal(fine.status, "available");
  },
);

Deno.test("a file of an unknown type is kept as a document", async () => {
  const client = await server.client();
  const path = `${folder}/strange.bin`;
  await Deno.writeFile(path, crypto.getRandomValues(new Uint8Array(50_000)));
  const asset = await settled(client, await ingestFile(client, path));
  assert.deepEqual([asset.status, asset.asset_type, asset.thumbnail_url], ["available", "document", null]);
});

Deno.test("a playlist that is named like a video opens no other file", async () => {
  const client = await server.client();
  const path = `${folder}/list.mp4`;
  await Deno.writeTextFile(
    path,
    `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n`,
  );
  const asset = await settled(client, await ingestFile(client, path));
  assert.equal(asset.proxy_url, null);
});

Deno.test("a failed job is done again on demand, a completed one is not", async () => {
  const client = await server.client();
  const path = `${folder}/again.mp4`;
  await makeVideo(path, { seconds: 1 });
  const asset = await settled(client, await ingestFile(client, path));
  const jobs = await client.json("GET", `/api/v1/jobs?asset_id=${asset.id}`);
  const wanted = jobsFor({ assetType: "video", technical: null, options: ALL_JOBS });
  assert.deepEqual(jobs.map((job) => job.status), wanted.map(() => "completed"));
  await client.json("POST", `/api/v1/jobs/${jobs[0]!.id}/retry`, undefined, 409);
  await server.platform.db.asSystem((sql) =>
    sql`update jobs set status = 'failed' where id = ${jobs[0]!.id}`
  );
  const retried: Job = await client.json("POST", `/api/v1/jobs/${jobs[0]!.id}/retry`);
  assert.equal(retried.status, "pending");
  await until(
    "the job is done again",
    async () => (await client.json("GET", `/api/v1/jobs/${jobs[0]!.id}`)).status === "completed",
    120_000,
  );
  const after = await settled(client, asset.id);
  assert.equal(after.storage_locations.length, asset.storage_locations.length, "done twice, recorded once");
});

Deno.test(
  "without extract_metadata there is a proxy of known length and no technical metadata",
  async () => {
    const client = await server.client();
    const path = `${folder}/plain.mp4`;
    await makeVideo(path, { seconds: 1 });
    const id = await ingestFile(client, path, "plain.mp4", "?extract_metadata=false&asset_type=audio");
    const asset = await settled(client, id);
    assert.deepEqual(
      [asset.status, asset.asset_type, asset.technical_metadata, asset.ingest_notes.length],
      ["available", "video", null, 1],
    );
    assert.ok(asset.proxy_url && asset.thumbnail_url && Math.abs(asset.duration_ms! - 1000) < 100);
  },
);

Deno.test("a declared type that only probing confirms leaves no note", async () => {
  const client = await server.client();
  const path = `${folder}/sound.mp4`;
  await makeVideo(path, { seconds: 1, extra: ["-vn"] });
  const asset = await settled(client, await ingestFile(client, path, "sound.mp4", "?asset_type=audio"));
  assert.deepEqual([asset.status, asset.asset_type, asset.ingest_notes], ["available", "audio", []]);
});

Deno.test("GET /health counts the worker", async () => {
  const health = await until("the worker is counted", async () => {
    const response = await fetch(`${server.url}/api/v1/health`);
    const answer: { status: string; workers: string } = await response.json();
    return answer.workers === "ok" ? answer : undefined;
  });
  assert.deepEqual([health.status, health.workers], ["ok", "ok"]);
});
