import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import { resumeChecksum } from "../../../../lib/library/uploads/checksum.ts";
import { sweepUploads } from "../../../../lib/library/uploads/discard.ts";
import { refused } from "../../../support/answers.ts";
import { tinyPng } from "../../../support/media.ts";
import { readMetric } from "../../../support/metrics.ts";
import { sendBytes } from "../../../support/raw_request.ts";
import { type Client, openTestServer, type Person, type TestServer } from "../../../support/server.ts";
import { until } from "../../../support/until.ts";

const MIB = 1024 * 1024;

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("bytes sent in pieces of any size become one asset with the right hash", async () => {
  const { person, client, begin, append, head, offsetOf } = await addUploader("pieces");
  const whole = randomContent(20 * MIB + 12_345);
  const path = await begin(whole.length, { filename: "Vídeo é.bin", title: "Olá" });
  const cuts = [0, 1, 5_000, 8 * MIB + 1, 9 * MIB, whole.length];
  let last: Response | undefined;
  for (let i = 1; i < cuts.length; i++) {
    last = await append(path, cuts[i - 1]!, whole.subarray(cuts[i - 1], cuts[i]));
    assert.equal(last.status, 204, await last.text());
    assert.equal(last.headers.get("Upload-Offset"), String(cuts[i]));
    assert.equal(await offsetOf(path), cuts[i]);
  }
  const asset = await assetOf(client, last!);
  assert.equal(asset.checksum_sha256, sha256(whole));
  assert.deepEqual([asset.title, asset.original_filename, asset.file_size_bytes], [
    "Olá",
    "Vídeo é.bin",
    whole.length,
  ]);
  const stored = await server.platform.storage.head({
    bucket: "originals",
    key: asset.primary_storage_path!,
  });
  assert.equal(stored?.bytes, whole.length);
  assert.equal((await head(path)).headers.get("Akashi-Asset-Id"), asset.id);
  assert.deepEqual(await multipartsOf(person), []);
  assert.deepEqual([await tailsOf(person), await pendingOf(person)], [[], 0]);
});

Deno.test("the options of an upload hold once its last byte is in", async () => {
  const { client, begin, append } = await addUploader("options");
  const bytes = tinyPng();
  const path = await begin(bytes.length, {
    filename: "a.png",
    asset_type: "audio",
    extract_metadata: "false",
    generate_proxy: "false",
  });
  const asset = await assetOf(client, await append(path, 0, bytes));
  assert.equal(asset.asset_type, "image");
  assert.deepEqual(asset.ingest_notes, [
    { code: "asset_type_corrected", declared: "audio", actual: "image" },
  ]);
  const jobs = await client.json("GET", `/api/v1/jobs?asset_id=${asset.id}`);
  assert.deepEqual(jobs.map((job) => job.job_type), ["thumbnail"]);
});

Deno.test("a wrong offset is a conflict that says where to go on", async () => {
  const { begin, append } = await addUploader("offsets");
  const path = await begin(10);
  const { detail } = await refused(await append(path, 3, new Uint8Array(7)), 409);
  assert.match(detail, /byte 0, not 3/);
});

Deno.test("more bytes than announced are refused", async () => {
  const { begin, append } = await addUploader("lengths");
  const path = await begin(10);
  await refused(await append(path, 0, new Uint8Array(11)), 413);
  assert.equal((await append(path, 0, new Uint8Array(10))).status, 204);
});

Deno.test("after a broken connection the upload resumes with what arrived", async () => {
  const { client, begin, append, offsetOf } = await addUploader("broken");
  const before = await countEvents();
  const whole = new Uint8Array(10 * MIB).fill(9);
  const path = await begin(whole.length, { filename: "cut.bin" });
  const offset = 9 * MIB;
  const connection = await sendBytes(
    server.url,
    patchHead(client, path, whole.length),
    whole.subarray(0, offset),
  );
  connection.close();
  await until("all that arrived is kept", async () => await offsetOf(path) === offset);
  const asset = await assetOf(client, await append(path, offset, whole.subarray(offset)));
  assert.equal(asset.checksum_sha256, sha256(whole));
  const duplicate = await append(await begin(whole.length), 0, whole);
  assert.equal(duplicate.headers.get("Akashi-Duplicate-Of"), asset.id);
  const after = await countEvents();
  assert.equal(after.interrupted - before.interrupted, 1);
  assert.ok(after.resumed - before.resumed >= 1);
  assert.ok(after.started - before.started >= after.finished - before.finished);
});

Deno.test("a writer that was replaced while sending records nothing more", async () => {
  const { person, client, begin, append } = await addUploader("replaced");
  const whole = randomContent(3_000);
  const path = await begin(whole.length, { filename: "overtaken.bin" });
  const before = await countEvents();
  const connection = await sendBytes(server.url, patchHead(client, path, 2_000), "wrong bytes");
  await until("the first one writes", async () => {
    const [row] = await server.platform.db.asSystem((sql) =>
      sql`select writer_id from uploads where id = ${idOf(path)}`
    );
    return row!.writer_id !== null;
  });
  assert.equal((await append(path, 0, whole.subarray(0, 1_500))).status, 204);
  const kept = await tailsOf(person);
  assert.equal(kept.length, 1);
  connection.close();
  await until(
    "the first one has noticed",
    async () => (await countEvents()).interrupted > before.interrupted,
  );
  await until("what it brought is gone", async () => await pendingOf(person) === 0);
  assert.deepEqual(await tailsOf(person), kept);
  const asset = await assetOf(client, await append(path, 1_500, whole.subarray(1_500)));
  assert.equal(asset.checksum_sha256, sha256(whole));
  assert.deepEqual(await tailsOf(person), []);
});

Deno.test("a tail missing from the store has to be sent again", async () => {
  const { person, client, begin, append, offsetOf } = await addUploader("lost");
  const whole = randomContent(65_536);
  const path = await begin(whole.length, { filename: "lost.bin" });
  assert.equal((await append(path, 0, whole.subarray(0, 1_000))).status, 204);
  const [key] = await tailsOf(person);
  await server.platform.storage.delete({ bucket: "originals", key: key! });
  const { detail } = await refused(await append(path, 1_000, whole.subarray(1_000)), 409);
  assert.match(detail, /after byte 0 is lost/);
  assert.equal(await offsetOf(path), 0);
  const asset = await assetOf(client, await append(path, 0, whole));
  assert.equal(asset.checksum_sha256, sha256(whole));
});

Deno.test("a writer that is replaced while it reads the tail gets a conflict and loses nothing", async () => {
  const { begin, append, end, offsetOf } = await addUploader("overtaken");
  const path = await begin(3_000);
  assert.equal((await append(path, 0, new Uint8Array(1_000))).status, 204);
  beforeNext("get", async () => {
    assert.equal((await append(path, 1_000, new Uint8Array(500))).status, 204);
  });
  const { detail } = await refused(await append(path, 1_000, new Uint8Array(700)), 409);
  assert.match(detail, /Another request/);
  assert.equal(await offsetOf(path), 1_500);
  assert.equal((await end(path)).status, 204);
});

Deno.test("a tail of the wrong length is discarded without a trace", async () => {
  const { person, begin, append, end } = await addUploader("damaged");
  const path = await begin(3_000);
  assert.equal((await append(path, 0, new Uint8Array(1_000))).status, 204);
  const [key] = await tailsOf(person);
  const ref = { bucket: "originals" as const, key: key! };
  await server.platform.storage.put(ref, new Uint8Array(3), { contentType: "text/plain" });
  const { detail } = await refused(await append(path, 1_000, new Uint8Array(1_000)), 409);
  assert.match(detail, /after byte 0 is lost/);
  assert.deepEqual([await tailsOf(person), await pendingOf(person)], [[], 0]);
  assert.equal((await end(path)).status, 204);
});

Deno.test("a server of the previous version may continue in between", async () => {
  const { person, client, begin, append, offsetOf } = await addUploader("previous");
  const whole = randomContent(5_000);
  const path = await begin(whole.length, { filename: "older.bin" });
  assert.equal((await append(path, 0, whole.subarray(0, 1_000))).status, 204);
  // It does not read tails from the store: it is at byte 0 and keeps its own tail in the row.
  const own = whole.subarray(0, 700);
  const hash = (await resumeChecksum(null)).update(own).save();
  await server.platform.db.asSystem((sql) =>
    sql`update uploads set received_bytes = 700, head = ${own}, tail = ${own}, hash_state = ${hash}
        where id = ${idOf(path)} and received_bytes = 0`
  );
  assert.equal(await offsetOf(path), 700);
  assert.equal((await append(path, 700, whole.subarray(700, 3_000))).status, 204);
  assert.equal((await tailsOf(person)).length, 1);
  const done = await append(path, 3_000, whole.subarray(3_000));
  assert.equal(done.status, 204, await done.text());
  assert.equal((await assetOf(client, done)).checksum_sha256, sha256(whole));
  assert.deepEqual([await tailsOf(person), await pendingOf(person)], [[], 0]);
});

Deno.test("aborting an upload deletes it", async () => {
  const { person, begin, append, head, end } = await addUploader("aborted");
  const path = await begin(1000);
  assert.equal((await append(path, 0, new Uint8Array(10))).status, 204);
  assert.equal((await objectsOf(person)).length, 1);
  assert.equal((await end(path)).status, 204);
  assert.equal((await head(path)).status, 404);
  assert.deepEqual(await multipartsOf(person), []);
  assert.deepEqual(await objectsOf(person), []);
});

Deno.test("bytes that arrive while an upload is aborted are deleted with it", async () => {
  const { person, begin, append, end } = await addUploader("late");
  const path = await begin(1000);
  assert.equal((await append(path, 0, new Uint8Array(10))).status, 204);
  beforeNext("listMultipart", async () => {
    assert.equal((await append(path, 10, new Uint8Array(10))).status, 204);
  });
  assert.equal((await end(path)).status, 204);
  assert.deepEqual([await objectsOf(person), await pendingOf(person)], [[], 0]);
});

Deno.test("an expired upload is swept with its parts", async () => {
  const { person, begin, append, head } = await addUploader("expired");
  const path = await begin(20 * MIB);
  assert.equal((await append(path, 0, new Uint8Array(9 * MIB))).status, 204);
  const kept = await begin(20 * MIB);
  await server.platform.db.asSystem((sql) =>
    sql`update uploads set expires_at = now() - interval '1 second' where id = ${idOf(path)}`
  );
  const open = (await multipartsOf(person)).length;
  assert.equal(await sweepUploads(server.platform), 1);
  assert.equal((await head(path)).status, 404);
  assert.equal((await head(kept)).status, 200);
  assert.equal((await multipartsOf(person)).length, open - 1);
  assert.equal(await pendingOf(person), 0);
  assert.deepEqual(await objectsOf(person), []);
});

Deno.test("an upload belongs to the member who started it", async () => {
  const { begin } = await addUploader("owner");
  const path = await begin(10);
  for (const tenant of ["owner", "other"]) {
    const other = await addUploader(tenant);
    assert.equal((await other.head(path)).status, 404);
    await refused(await other.append(path, 0, new Uint8Array(10)), 404);
  }
});

Deno.test("a superuser's upload goes into the tenant that its metadata names; others' is refused", async () => {
  await server.addPerson({ tenant: "elsewhere" });
  const metadata = { filename: "a.txt", tenant_code: "elsewhere" };
  await refused(await tus(await server.client()).create(3, metadata), 403);
  const superuser = await server.client(await server.addPerson({ superuser: true }));
  const { begin, append } = tus(superuser);
  const ended = await append(await begin(3, metadata), 0, "abc");
  assert.equal(ended.status, 204, await ended.text());
  const id = ended.headers.get("Akashi-Asset-Id");
  const asset = await superuser.json("GET", `/api/v1/assets/${id}?tenant_code=elsewhere`);
  assert.match(asset.primary_storage_path!, /^elsewhere\//);
});

Deno.test("a type that the tenant does not accept is refused at the first bytes and deleted", async () => {
  const { person, begin, append, head } = await addUploader("pictures");
  await acceptImages(person);
  const path = await begin(20 * MIB, { filename: "a.png", title: "", generate_proxy: "" });
  assert.equal((await append(path, 0, "a")).status, 204, "one byte tells nothing yet");
  const { detail } = await refused(
    await append(path, 1, new TextEncoder().encode(" text".repeat(20_000))),
    415,
  );
  assert.match(detail, /takes image/);
  assert.equal((await head(path)).status, 404);
  const png = tinyPng();
  const taken = await append(await begin(png.length, { filename: "a.txt" }), 0, png);
  assert.equal(taken.status, 204, await taken.text());
});

Deno.test("an upload of a refused type that cannot be deleted is an error and stays at its offset", async () => {
  const { person, begin, append, offsetOf } = await addUploader("undeleted");
  await acceptImages(person);
  const path = await begin(4, { filename: "b.txt" });
  beforeNext("listMultipart", () => Promise.reject(new Error("no store")));
  await refused(await append(path, 0, "text"), 500);
  assert.equal(await offsetOf(path), 0);
});

Deno.test("requests that are not tus are refused with a reason", async () => {
  const { client, create } = await addUploader("strict");
  const noVersion = await client.fetch("/api/v1/uploads", {
    method: "POST",
    headers: { "Upload-Length": "1" },
  });
  await refused(noVersion, 412);
  assert.equal(noVersion.headers.get("Tus-Version"), "1.0.0");
  const unsaid = await client.fetch("/api/v1/uploads", {
    method: "POST",
    headers: { "Tus-Resumable": "1.0.0", "Upload-Defer-Length": "1" },
  });
  assert.deepEqual((await refused(unsaid, 422)).errors, [{ path: "upload-length", message: "is missing" }]);
  await refused(await create(5, {}), 422);
  for (const length of ["x", 0, "", "1e1", "0x5", "5.0", "0"]) {
    const { errors } = await refused(await create(length, { filename: "a" }), 422);
    assert.equal(errors[0]!.path, "upload-length", String(length));
  }
});

Deno.test("X-HTTP-Method-Override stands for the method that it names", async () => {
  const { client, begin } = await addUploader("overrides");
  const bytes = tinyPng();
  const post = (path: string, method: string, more: Record<string, string> = {}, body?: BodyInit) =>
    client.fetch(path, {
      method: "POST",
      headers: { "Tus-Resumable": "1.0.0", "X-HTTP-Method-Override": method, ...more },
      body,
    });
  const path = await begin(bytes.length, { filename: "a.png" });
  const type = "Application/Offset+Octet-Stream; charset=binary";
  const sent = await post(path, "PATCH", { "Upload-Offset": "0", "Content-Type": type }, bytes);
  assert.equal(sent.status, 204, await sent.text());
  const asset = await assetOf(client, sent);
  assert.equal(asset.checksum_sha256, sha256(bytes));
  const head = await post(path, "head");
  assert.equal(head.headers.get("Upload-Offset"), String(bytes.length));
  assert.equal(head.headers.get("Akashi-Asset-Id"), asset.id);
  const open = await begin(10);
  assert.equal((await post(open, "DELETE")).status, 204);
  await refused(await post(open, "DELETE"), 404);
  await refused(await post(open, "GET"), 400);
  await refused(await client.fetch(open, { method: "POST", headers: { "Tus-Resumable": "1.0.0" } }), 400);
});

Deno.test("concatenation is refused at the first request, in words", async () => {
  const { client } = await addUploader("parallel");
  for (const concat of ["partial", "final;/api/v1/uploads/1 /api/v1/uploads/2"]) {
    const headers = { "Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Concat": concat };
    const { detail } = await refused(await client.fetch("/api/v1/uploads", { method: "POST", headers }), 422);
    assert.match(detail, /as one upload, without parallel parts/);
  }
});

Deno.test("a viewer may not upload", async () => {
  const viewer = await server.client(await server.addPerson({ role: "viewer" }));
  await refused(await tus(viewer).create(1, { filename: "a" }), 403);
});

/** An administrator of the tenant with this code, with the requests of the protocol. Each case has a tenant of its own. */
async function addUploader(tenant: string) {
  const person = await server.addPerson({ tenant });
  const client = await server.client(person);
  return { person, client, ...tus(client) };
}

/** The requests of the tus protocol 1.0. */
function tus(client: Client) {
  const headers = { "Tus-Resumable": "1.0.0" };
  const create = (length: number | string, metadata: Record<string, string>) =>
    client.fetch("/api/v1/uploads", {
      method: "POST",
      headers: {
        ...headers,
        "Upload-Length": String(length),
        "Upload-Metadata": Object.entries(metadata).map(([key, value]) => `${key} ${base64(value)}`).join(
          ",",
        ),
      },
    });
  const head = (path: string) => client.fetch(path, { method: "HEAD", headers });
  return {
    create,
    head,
    begin: async (length: number, metadata: Record<string, string> = { filename: "a.bin" }) => {
      const response = await create(length, metadata);
      assert.equal(response.status, 201, await response.text());
      return response.headers.get("Location")!;
    },
    append: (path: string, offset: number, body: BodyInit) =>
      client.fetch(path, {
        method: "PATCH",
        body,
        headers: {
          ...headers,
          "Upload-Offset": String(offset),
          "Content-Type": "application/offset+octet-stream",
        },
      }),
    offsetOf: async (path: string) => Number((await head(path)).headers.get("Upload-Offset")),
    end: (path: string) => client.fetch(path, { method: "DELETE", headers }),
  };
}

/** The head of a request that appends `length` bytes to an empty upload. */
function patchHead({ token }: Client, path: string, length: number): string {
  return `PATCH ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nTus-Resumable: 1.0.0\r\n` +
    `Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: ${length}\r\n\r\n`;
}

/** Runs `work` just before the next call of `verb` on the store. */
function beforeNext<Verb extends "get" | "listMultipart">(verb: Verb, work: () => Promise<unknown>): void {
  const { storage } = server.platform;
  const original = storage[verb] as (...args: unknown[]) => Promise<unknown>;
  storage[verb] = (async (...args: unknown[]) => {
    storage[verb] = original as typeof storage[Verb];
    await work();
    return await original.apply(storage, args);
  }) as typeof storage[Verb];
}

/** The asset that the answer to the last piece names. */
async function assetOf(client: Client, { headers }: Response): Promise<AssetDetail> {
  return await client.json("GET", `/api/v1/assets/${headers.get("Akashi-Asset-Id")}`);
}

async function acceptImages({ tenantId }: Person): Promise<void> {
  const settings = { asset_types: ["image"] };
  await server.platform.db.asOwner((sql) =>
    sql`update tenants set settings = ${sql.json(settings)} where id = ${tenantId}`
  );
}

async function objectsOf({ tenantCode }: Person): Promise<string[]> {
  const { objects } = await server.platform.storage.list("originals", `${tenantCode}/`);
  return objects.map(({ key }) => key);
}

async function tailsOf(person: Person): Promise<string[]> {
  return (await objectsOf(person)).filter((key) => key.includes("/tail/"));
}

async function multipartsOf({ tenantCode }: Person): Promise<string[]> {
  const open = await server.platform.storage.listMultipart("originals", "");
  return open.map(({ key }) => key).filter((key) => key.startsWith(`${tenantCode}/`));
}

async function pendingOf({ tenantId }: Person): Promise<number> {
  const [row] = await server.platform.db.asSystem((sql) =>
    sql`select count(*) from pending_objects where tenant_id = ${tenantId}`
  );
  return Number(row!.count);
}

/** Events of resumable uploads in this process so far. */
async function countEvents() {
  const counted = await readMetric("uploads_total");
  const countOf = (event: string) => counted[`way="resumable",event="${event}"`] ?? 0;
  return {
    started: countOf("started"),
    interrupted: countOf("interrupted"),
    resumed: countOf("resumed"),
    finished: countOf("finished"),
  };
}

function idOf(path: string): string {
  return path.split("/").at(-1)!;
}

function randomContent(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(length));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}
