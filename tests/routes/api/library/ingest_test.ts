import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import type { Job } from "../../../../lib/work/jobs/schema.ts";
import { refused } from "../../../support/answers.ts";
import { tinyPng } from "../../../support/media.ts";
import { sendBytes } from "../../../support/raw_request.ts";
import { type Client, openTestServer, type Person, type TestServer } from "../../../support/server.ts";
import { until } from "../../../support/until.ts";

interface Ingested {
  asset_id: string;
  status: string;
  message: string;
  jobs: Job[];
  duplicate_of: string | null;
}

interface StoredFile {
  asset_id: string;
  storage_location_id: string;
  bucket: string;
  path: string;
  file_size_bytes: number;
  checksum_sha256: string;
  status: string;
}

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("ingest() stores the bytes, their hash, the name and the fields, also those that follow the file", async () => {
  const client = await server.client(await server.addPerson({ tenant: "stored" }));
  const bytes = tinyPng();
  const fields = { title: "Ação", description: "d", code: "A-1" };
  const ingested = await ingest(client, formOf(bytes, "Ação nº 1.png", fields));
  assert.deepEqual([ingested.status, ingested.duplicate_of], ["processing", null]);
  assert.ok(ingested.message);
  assert.deepEqual(kindsOf(ingested), ["metadata", "proxy", "thumbnail"]);
  const asset = await assetOf(client, ingested);
  assert.deepEqual([asset.title, asset.description, asset.code, asset.asset_type], [
    "Ação",
    "d",
    "A-1",
    "image",
  ]);
  assert.equal(asset.checksum_sha256, sha256(bytes));
  assert.equal(asset.file_size_bytes, bytes.length);
  const [original] = asset.storage_locations;
  assert.match(original!.path, /^stored\/\d{4}\/\d\d\/[0-9a-f-]{36}\/original\/Ação nº 1\.png$/);
  assert.deepEqual([original!.purpose, original!.is_primary, original!.filename], [
    "original",
    true,
    "Ação nº 1.png",
  ]);
  const file = await client.fetch(original!.url);
  assert.deepEqual(new Uint8Array(await file.arrayBuffer()), bytes);
});

Deno.test("ingest() detects the type from the content and notes a wrong declaration", async () => {
  const client = await server.client();
  const asset = await assetOf(
    client,
    await ingest(client, formOf(tinyPng(), "clip.mp4", {}, "video/mp4")),
  );
  assert.deepEqual([asset.asset_type, asset.content_type], ["image", "image/png"]);
  assert.deepEqual(asset.ingest_notes, [{
    code: "type_corrected",
    declared: "video/mp4",
    actual: "image/png",
  }]);
  assert.equal(asset.title, "clip");
});

Deno.test("ingest() names the asset that has the same bytes", async () => {
  const client = await server.client();
  const bytes = tinyPng();
  const first = await ingest(client, formOf(bytes, "a.png"));
  const second = await ingest(client, formOf(bytes, "b.png"));
  assert.equal(second.duplicate_of, first.asset_id);
});

Deno.test("ingest() accepts any non-empty file as a document", async () => {
  const client = await server.client();
  const noise = crypto.getRandomValues(new Uint8Array(10_000));
  const unknown = await ingest(client, formOf(noise, "strange.bin"));
  assert.equal((await assetOf(client, unknown)).asset_type, "document");
});

Deno.test("ingest() leaves out jobs that are not wanted and refuses an unclear answer", async () => {
  const client = await server.client();
  for (const [generate_proxy, generate_thumbnail] of [["false", "0"], ["False", "NO"]] as const) {
    const bare = await ingest(client, formOf(tinyPng(), "a.png", { generate_proxy, generate_thumbnail }));
    assert.deepEqual(kindsOf(bare), ["metadata"]);
  }
  const unclear = await post(client, formOf(tinyPng(), "a.png", { generate_proxy: "maybe" }));
  assert.equal((await refused(unclear, 422)).errors[0]!.path, "generate_proxy");
});

Deno.test("extract_metadata=false leaves the metadata job out, in a form and with a raw body", async () => {
  const client = await server.client();
  const form = await ingest(client, formOf(tinyPng(), "a.png", { extract_metadata: "false" }));
  assert.deepEqual([form.status, kindsOf(form)], ["processing", ["proxy", "thumbnail"]]);
  const raw = await accepted(
    await put(client, "a.png?extract_metadata=false&generate_proxy=0&generate_thumbnail=no", tinyPng()),
  );
  assert.deepEqual([raw.status, raw.jobs], ["available", []]);
  assert.equal((await assetOf(client, raw)).status, "available");
});

Deno.test("an asset_type that contradicts the content is corrected and reported", async () => {
  const client = await server.client();
  const read = async (ingested: Ingested) => {
    const { asset_type, ingest_notes } = await assetOf(client, ingested);
    return { message: ingested.message, asset_type, ingest_notes };
  };
  const corrected = {
    message: "File received; by its content it is image, not video",
    asset_type: "image",
    ingest_notes: [{ code: "asset_type_corrected", declared: "video", actual: "image" }],
  };
  const form = await ingest(client, formOf(tinyPng(), "a.png", { asset_type: "video" }));
  assert.deepEqual(await read(form), corrected);
  const raw = await accepted(await put(client, "a.png?asset_type=video", tinyPng()));
  assert.deepEqual(await read(raw), corrected);
  const right = await accepted(await put(client, "a.png?asset_type=image", tinyPng()));
  assert.deepEqual(await read(right), { message: "File received", asset_type: "image", ingest_notes: [] });
});

Deno.test("ingest() makes safe keys of hostile names", async () => {
  const client = await server.client();
  for (
    const name of [
      "../../../etc/passwd",
      "a:b\\c.png",
      "...",
      "CON.png",
      "x".repeat(300) + ".png",
      "\u202egnp.exe",
    ]
  ) {
    const asset = await assetOf(client, await ingest(client, formOf(tinyPng(), name)));
    assert.ok(!asset.primary_storage_path!.split("/").includes(".."), asset.primary_storage_path!);
  }
});

Deno.test("the whole name without its extension becomes the title", async () => {
  const client = await server.client();
  const titles = {
    "Interview with Dr. Silva and the minister": "Interview with Dr. Silva and the minister",
    [`${"日本".repeat(100)}.mov`]: "日本".repeat(100),
    [`x.${"😀".repeat(20)}`]: `x.${"😀".repeat(20)}`,
    "take.1.mxf": "take.1",
    ["\u0958".repeat(400)]: "\u0915\u093c".repeat(250),
  };
  for (const [name, title] of Object.entries(titles)) {
    const asset = await assetOf(client, await ingest(client, formOf(tinyPng(), name)));
    assert.equal(asset.title, title);
  }
});

Deno.test("blank fields count as missing", async () => {
  const client = await server.client();
  const blank = {
    title: "",
    description: "",
    code: "",
    asset_type: "",
    tenant_code: "",
    generate_proxy: "",
  };
  const asset = await assetOf(client, await ingest(client, formOf(tinyPng(), "blank.png", blank)));
  assert.deepEqual([asset.title, asset.code], ["blank", null]);
});

Deno.test("only types that the tenant accepts are stored, decided by content", async () => {
  const person = await server.addPerson({ tenant: "pictures" });
  const client = await server.client(person);
  await changeSettings(person, { asset_types: ["video", "image"] });
  const before = await census();
  for (
    const response of [
      await post(client, formOf(new TextEncoder().encode("a text"), "notes.png", {}, "image/png")),
      await put(client, "notes.txt", "a text"),
    ]
  ) {
    const { code, detail } = await refused(response, 415);
    assert.deepEqual([code, detail], [
      "unsupported",
      "This tenant takes video, image; by its content this is document.",
    ]);
  }
  assert.deepEqual(await census(), before);
  await ingest(client, formOf(tinyPng(), "notes.txt", {}, "text/plain"));
});

Deno.test("accepted types that an earlier version stored in another form accept every type", async () => {
  const person = await server.addPerson({ tenant: "earlier" });
  await changeSettings(person, { asset_types: "video" });
  const client = await server.client(person);
  await ingest(client, formOf(new TextEncoder().encode("words"), "old.txt"));
});

Deno.test("ingest() accepts a raw body by PUT", async () => {
  const client = await server.client();
  const bytes = tinyPng();
  const asset = await assetOf(client, await accepted(await put(client, "raw%20file.png?title=Raw", bytes)));
  assert.deepEqual([asset.title, asset.checksum_sha256], ["Raw", sha256(bytes)]);
});

Deno.test("ingest() leaves nothing of a form without a file, with two, with bad fields or for a foreign tenant", async () => {
  const client = await server.client(await server.addPerson({ tenant: "refusals" }));
  await server.addPerson({ tenant: "foreign" });
  await ingest(client, formOf(tinyPng(), "a.png", { code: "A-1" }));
  const before = await census();
  const two = formOf(tinyPng(), "a.png");
  two.append("file", new File([tinyPng()], "b.png"));
  const none = new FormData();
  none.set("title", "x");
  const foreignBefore = new FormData();
  foreignBefore.set("tenant_code", "foreign");
  foreignBefore.set("file", new File([tinyPng()], "a.png"));
  const cases: [FormData, number][] = [
    [formOf(new Uint8Array(), "empty.png"), 422],
    [none, 422],
    [two, 422],
    [formOf(tinyPng(), "a.png", { title: "x".repeat(501) }), 422],
    [formOf(tinyPng(), "a.png", { code: "A-1" }), 409],
    [formOf(tinyPng(), "a.png", { tenant_code: "foreign" }), 403],
    [foreignBefore, 403],
  ];
  for (const [form, status] of cases) await refused(await post(client, form), status);
  assert.deepEqual(await census(), before);
});

Deno.test("ingest() leaves nothing of a body that is no form, and of an empty raw body", async () => {
  const client = await server.client();
  const before = await census();
  const json = await client.fetch("/api/v1/ingest", {
    method: "POST",
    body: "{}",
    headers: { "Content-Type": "application/json" },
  });
  await refused(json, 415);
  await refused(await put(client, "empty.png", new Uint8Array()), 422);
  assert.deepEqual(await census(), before);
});

Deno.test("ingest() leaves nothing of a form that is cut at any byte", async () => {
  const client = await server.client();
  const before = await census();
  const boundary = "cut";
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n`;
  const body = new Uint8Array([...new TextEncoder().encode(head), ...new Uint8Array(3_000_000).fill(7)]);
  const request = `POST /api/v1/ingest HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.token}\r\n` +
    `Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: ${body.length + 100}\r\n\r\n`;
  for (const length of [10, head.length, head.length + 1, 70_000, 2_500_000]) {
    const connection = await sendBytes(server.url, request, body.subarray(0, length));
    await new Promise((resolve) => setTimeout(resolve, 50));
    connection.close();
  }
  const unfinished = await client.fetch("/api/v1/ingest", {
    method: "POST",
    body: new TextEncoder().encode(head + "no end"),
    headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` },
  });
  await refused(unfinished, 400);
  // The server cleans up once it notices the broken connection.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await until("nothing is left", async () => isDeepStrictEqual(await census(), before)).catch(() => {});
  assert.deepEqual(await census(), before);
});

Deno.test("addFile() fills a placeholder once and keeps manual renditions", async () => {
  const client = await server.client();
  const { id }: AssetDetail = await client.json("POST", "/api/v1/assets", {
    title: "later",
    asset_type: "video",
  }, 201);
  const upload = (purpose: string, bytes = tinyPng()) => {
    const form = new FormData();
    form.set("purpose", purpose);
    form.set("file", new File([bytes], "a.png"));
    return client.fetch(`/api/v1/assets/${id}/upload`, { method: "POST", body: form });
  };
  const bytes = tinyPng();
  const stored: StoredFile = await (await upload("original", bytes)).json();
  assert.deepEqual(
    [stored.asset_id, stored.file_size_bytes, stored.checksum_sha256, stored.status],
    [id, bytes.length, sha256(bytes), "processing"],
  );
  assert.ok(stored.storage_location_id && stored.bucket && stored.path);
  const statuses = [
    (await upload("original")).status,
    (await upload("nonsense")).status,
    (await upload("preview")).status,
  ];
  assert.deepEqual(statuses, [409, 422, 200]);
  const asset = await client.json("GET", `/api/v1/assets/${id}`);
  assert.deepEqual(asset.storage_locations.map(({ purpose }) => purpose), ["original", "preview"]);
  const jobs = await client.json("GET", `/api/v1/jobs?asset_id=${id}`);
  const kinds = jobs.map(({ job_type }) => job_type).toSorted();
  assert.deepEqual(kinds, ["metadata", "proxy", "rendition", "thumbnail"]);
});

Deno.test("ingest() refuses more than the limit and keeps nothing", async () => {
  const server = await openTestServer({ settings: { UPLOAD_MAX_BYTES: "100000" } });
  const client = await server.client();
  await refused(await post(client, formOf(new Uint8Array(200_000), "large.bin")), 413);
  assert.equal((await server.platform.storage.list("originals", "")).objects.length, 0);
  assert.equal((await client.json("GET", "/api/v1/assets")).total, 0);
  await server.close();
});

function formOf(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  fields: Record<string, string> = {},
  type?: string,
): FormData {
  const form = new FormData();
  form.set("file", new File([bytes], name, { type }));
  for (const [key, value] of Object.entries(fields)) form.set(key, value);
  return form;
}

function post(client: Client, form: FormData): Promise<Response> {
  return client.fetch("/api/v1/ingest", { method: "POST", body: form });
}

/** Sends a raw body. `target` is the name of the file, and a query. */
function put(client: Client, target: string, body: BodyInit): Promise<Response> {
  return client.fetch(`/api/v1/ingest/${target}`, { method: "PUT", body });
}

async function ingest(client: Client, form: FormData): Promise<Ingested> {
  return await accepted(await post(client, form));
}

async function accepted(response: Response): Promise<Ingested> {
  assert.equal(response.status, 201, await response.clone().text());
  return await response.json();
}

async function assetOf(client: Client, { asset_id }: Ingested): Promise<AssetDetail> {
  return await client.json("GET", `/api/v1/assets/${asset_id}`);
}

function kindsOf({ jobs }: Ingested): string[] {
  return jobs.map(({ job_type }) => job_type).toSorted();
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function changeSettings({ tenantId }: Person, settings: Record<string, string | string[]>) {
  await server.platform.db.asOwner((sql) =>
    sql`update tenants set settings = ${sql.json(settings)} where id = ${tenantId}`
  );
}

/** Counts rows and objects of all tenants, which a refused file leaves unchanged. */
async function census() {
  const { db, storage } = server.platform;
  const [rows] = await db.asOwner((sql) =>
    sql`select (select count(*) from assets) as assets, (select count(*) from storage_locations) as locations,
               (select count(*) from pending_objects) as pending, (select count(*) from jobs) as jobs`
  );
  const { objects } = await storage.list("originals", "");
  const open = await storage.listMultipart("originals", "");
  return { ...rows, objects: objects.length, open: open.length };
}
