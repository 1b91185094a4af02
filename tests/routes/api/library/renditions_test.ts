// Renditions that people upload: of their purpose's type, shown once they are probed, taken back again.
import assert from "node:assert/strict";
import { sample, tone } from "../../../lib/media/samples.ts";
import { type Problem, refused } from "../../../support/answers.ts";
import { tinyPng } from "../../../support/media.ts";
import { type Client, openTestServer, type TestServer } from "../../../support/server.ts";
import { until } from "../../../support/until.ts";

let server: TestServer;
let client: Client;
Deno.test.beforeAll(async () => {
  server = await openTestServer({ worker: true });
  client = await server.client();
});
Deno.test.afterAll(() => server.close());

Deno.test("a file of another type than its purpose's is refused and not kept", async () => {
  const id = await makePlaceholder("video");
  const before = await census();
  const cases: [string, string, Uint8Array<ArrayBuffer>, RegExp][] = [
    ["thumbnail", "a.png", bytesOf("%PDF-1.7\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n"), /application\/pdf/],
    [
      "thumbnail",
      "a.png",
      bytesOf("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
      /svg/,
    ],
    ["proxy", "a.mp4", bytesOf("<!doctype html><script>alert(1)</script>"), /text\/html/],
    ["proxy", "a.mp4", tinyPng(), /A proxy is a video here; by its content this is image\/png/],
    ["preview", "a.bin", bytesOf("MZ\0\u0001\0"), /x-msdownload/],
    ["hls", "a.m3u8", tinyPng(), /HLS playlist/],
  ];
  for (const [purpose, name, bytes, words] of cases) {
    const problem: Problem = await refused(await send(id, purpose, bytes, name), 415);
    assert.match(problem.detail, words);
    assert.equal(problem.reason, "file.unfit");
  }
  assert.deepEqual(await census(), before);
});

Deno.test("what does not decode as its first bytes promise is deleted and never shown", async () => {
  const id = await makePlaceholder("video");
  const sound = await Deno.readFile(await sample("sound_alone.mp4", ...tone("mono", 1), "-c:a", "aac"));
  const broken = tinyPng().slice();
  broken.fill(0x55, 40);
  for (const [purpose, bytes, name] of [["thumbnail", broken, "a.png"], ["proxy", sound, "a.mp4"]] as const) {
    const before = await census();
    const stored = await send(id, purpose, bytes, name);
    assert.equal(stored.status, 200, await stored.text());
    await until("it is looked at", async () => (await jobsOf(id)).every(({ status }) => status === "failed"));
    assert.equal((await show(id, purpose)).status, 404);
    assert.deepEqual(await census(), before);
  }
  const { status } = await client.json("GET", `/api/v1/assets/${id}`);
  assert.equal(status, "ingesting", "a placeholder is still one");
});

Deno.test("an uploaded rendition is taken back: the one before it is shown, then the generated one", async () => {
  const form = new FormData();
  form.set("file", new File([tinyPng()], "a.png"));
  const { asset_id: id } = await (await client.fetch("/api/v1/ingest", { method: "POST", body: form }))
    .json();
  await until(
    "it is available",
    async () => (await client.json("GET", `/api/v1/assets/${id}`)).status === "available",
  );
  const generated = await bytesShown(id);
  const pictures = [tinyPng(), tinyPng(), tinyPng()];
  for (const bytes of pictures) {
    const stored: { storage_location_id: string } = await (await send(id, "thumbnail", bytes, "a.png"))
      .json();
    await until("it is shown", async () => {
      const { storage_locations } = await client.json("GET", `/api/v1/assets/${id}`);
      return storage_locations.some((each) => each.id === stored.storage_location_id && each.is_accessible);
    });
    assert.deepEqual(await bytesShown(id), bytes);
  }
  const takeBack = (status = 200) =>
    client.json("DELETE", `/api/v1/assets/${id}/renditions/thumbnail`, undefined, status);
  await takeBack();
  assert.deepEqual(await bytesShown(id), pictures[1]);
  await takeBack();
  assert.deepEqual(await bytesShown(id), generated, "only the last but one is kept");
  const { reason }: Problem = await takeBack(404);
  assert.equal(reason, "file.none_uploaded");
  const { items } = await client.json("GET", `/api/v1/audit?target_id=${id}`);
  const told = items.filter(({ action }) => action.startsWith("rendition.")).map(({ action }) => action);
  const replaced = "rendition.replace";
  assert.deepEqual(told, ["rendition.take_back", "rendition.take_back", replaced, replaced, replaced]);
});

Deno.test("a viewer takes nothing back", async () => {
  const viewer = await server.client(await server.addPerson({ role: "viewer" }));
  await viewer.json(
    "DELETE",
    `/api/v1/assets/${await makePlaceholder("image")}/renditions/proxy`,
    undefined,
    403,
  );
});

async function makePlaceholder(asset_type: string): Promise<string> {
  return (await client.json("POST", "/api/v1/assets", { title: "Empty", asset_type }, 201)).id;
}

function send(id: string, purpose: string, bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Response> {
  const form = new FormData();
  form.set("purpose", purpose);
  form.set("file", new File([bytes], name));
  return client.fetch(`/api/v1/assets/${id}/upload`, { method: "POST", body: form });
}

async function show(id: string, purpose: string): Promise<Response> {
  const response = await client.fetch(`/media/assets/${id}/${purpose}`);
  const bytes = await response.bytes();
  return new Response(bytes, response);
}

async function bytesShown(id: string): Promise<Uint8Array> {
  const response = await show(id, "thumbnail");
  assert.equal(response.status, 200);
  return await response.bytes();
}

function jobsOf(id: string): Promise<{ status: string }[]> {
  return client.json("GET", `/api/v1/jobs?asset_id=${id}`);
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Files and objects of all tenants. */
async function census() {
  const { db, storage } = server.platform;
  const [rows] = await db.asOwner((sql) => sql`select count(*) as locations from storage_locations`);
  const count = async (bucket: "proxies" | "thumbnails") => (await storage.list(bucket, "")).objects.length;
  return { ...rows, proxies: await count("proxies"), thumbnails: await count("thumbnails") };
}
