// Malformed, oversized and forged requests, as attackers and broken clients send them.
import assert from "node:assert/strict";
import type { AssetDetail } from "../../../lib/library/assets/schema.ts";
import type { Job } from "../../../lib/work/jobs/schema.ts";
import { refused } from "../../support/answers.ts";
import { tinyPng } from "../../support/media.ts";
import { openTestServer, type TestServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

const JSON_TYPE = { "Content-Type": "application/json" };
const NEW = { title: "x", asset_type: "video" };

interface Ingested {
  asset_id: string;
  jobs: Job[];
}

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("deeply nested JSON is refused, and the server keeps answering", async () => {
  const client = await server.client(await server.addPerson({ tenant: "deep-json" }));
  for (const depth of [40, 6_500, 20_000]) {
    const body = `{"title":"deep","asset_type":"video","extra":{"a":${"[".repeat(depth)}${
      "]".repeat(depth)
    }}}`;
    const response = await client.fetch("/api/v1/assets", { method: "POST", headers: JSON_TYPE, body });
    assert.equal(response.status, 422, await response.text());
  }
  assert.equal((await client.json("GET", "/api/v1/assets")).total, 0);
});

Deno.test("a form without a stated length is cut off at its limit", async () => {
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
  });
  const response = await fetch(`${server.url}/sign-in`, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin" },
    body: endless,
  });
  assert.equal(response.status, 413);
  await response.body?.cancel();
});

Deno.test("a name or an address of any length that the server reads is refused with a problem that says why", async () => {
  const client = await server.client();
  for (
    const [length, status] of [[501, 422], [5_000, 422], [30_000, 422], [33_000, 414], [60_000, 414]] as const
  ) {
    const name = "x".repeat(length);
    for (
      const [method, path] of [["PUT", `/api/v1/ingest/${name}`], ["GET", `/api/v1/assets?search=${name}`]]
    ) {
      const response = await client.fetch(path!, { method, body: method === "PUT" ? "a" : undefined });
      const { detail } = await refused(response, status);
      assert.equal(response.headers.get("Content-Type"), "application/problem+json");
      assert.ok(detail);
    }
  }
});

Deno.test("unknown methods add no labels to the metrics", async () => {
  const { port } = new URL(server.url);
  for (const method of ["AAA", "BBB"]) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    await connection.write(
      new TextEncoder().encode(`${method} /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
    );
    await connection.read(new Uint8Array(1000));
    connection.close();
  }
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.ok(!/method="(AAA|BBB)"/.test(metrics));
});

Deno.test("a NUL in the file name of a form is invalid", async () => {
  const client = await server.client();
  const body =
    `--b\r\nContent-Disposition: form-data; name="file"; filename*=UTF-8''a%00b.txt\r\n\r\nx\r\n--b--\r\n`;
  const response = await client.fetch("/api/v1/ingest", {
    method: "POST",
    headers: { "Content-Type": "multipart/form-data; boundary=b" },
    body,
  });
  assert.equal(response.status, 422, await response.text());
});

Deno.test("a time that is not in the calendar is refused", async () => {
  const client = await server.client();
  for (const recorded_at of ["", "0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "yesterday"]) {
    const { errors } = await client.json("POST", "/api/v1/assets", { ...NEW, recorded_at }, 422);
    assert.deepEqual(errors.map(({ path }) => path), ["recorded_at"]);
  }
  const cursor = btoa(JSON.stringify(["0000-01-01T00:00:00Z", crypto.randomUUID()]));
  await client.json("GET", `/api/v1/assets?cursor=${cursor}`, undefined, 422);
});

Deno.test("a time outside the range of the database is refused in bodies, cursors and filters", async () => {
  const client = await server.client();
  const far = [
    "2026-01-01T00:00:00+16:00",
    "2026-01-01T00:00:00-23:59",
    "9999-12-31T23:59:59-01:00",
    "1000-01-01T00:00:00+01:00",
  ];
  for (const time of far) {
    await client.json("POST", "/api/v1/assets", { ...NEW, recorded_at: time }, 422);
    const cursor = encodeURIComponent(btoa(JSON.stringify([time, crypto.randomUUID()])));
    await client.json("GET", `/api/v1/assets?cursor=${cursor}`, undefined, 422);
    await client.json("GET", `/api/v1/audit?from=${encodeURIComponent(time)}`, undefined, 422);
  }
  const input = { ...NEW, recorded_at: "2026-01-01T00:00:00+15:59" };
  const asset: AssetDetail = await client.json("POST", "/api/v1/assets", input, 201);
  assert.equal(asset.recorded_at, "2025-12-31T08:01:00+00:00");
});

Deno.test("JSON that is not UTF-8 is refused, never stored with replacement characters", async () => {
  const client = await server.client();
  const title = Uint8Array.from("São Paulo", (letter) => letter.charCodeAt(0));
  const [head, tail] = ['{"title":"', '"}'].map((part) => new TextEncoder().encode(part));
  const response = await client.fetch("/api/v1/assets", {
    method: "POST",
    headers: JSON_TYPE,
    body: new Blob([head!, title, tail!]),
  });
  assert.equal(response.status, 400);
  const { detail }: { detail: string } = await response.json();
  assert.match(detail, /UTF-8/);
});

Deno.test("a number that would be rounded is refused, and one that is exact is kept", async () => {
  const client = await server.client();
  const send = (extra: string) =>
    client.fetch("/api/v1/assets", {
      method: "POST",
      headers: JSON_TYPE,
      body: `{"title":"9007199254740993","asset_type":"video","external_ids":{"list":[1,{"id":${extra}}]}}`,
    });
  for (
    const number of ["9007199254740993", "-9007199254740993", "18446744073709551615", "1e400", "-1E+400"]
  ) {
    const { errors } = await refused(await send(number), 422);
    assert.deepEqual(errors.map(({ path }) => path), ["external_ids.list.1.id"], number);
  }
  for (
    const number of ["9007199254740992", "9007199254740994", "-12", "0.1", "1e100", '"9007199254740993"']
  ) {
    const response = await send(number);
    assert.equal(response.status, 201, number);
    const { external_ids }: AssetDetail = await response.json();
    assert.deepEqual(external_ids, { list: [1, { id: JSON.parse(number) }] });
  }
});

Deno.test("an error names the field and says what to send", async () => {
  const client = await server.client();
  const refused = async (body: unknown) =>
    (await client.json("POST", "/api/v1/assets", body, 422)).errors
      .map(({ path, message }) => `${path} ${message}`);
  assert.deepEqual(await refused({ asset_type: "film" }), [
    "title is missing",
    "asset_type must be one of video, audio, image, document, sequence",
  ]);
  assert.deepEqual(await refused({ ...NEW, title: 1, code: "" }), [
    "title must be text",
    "code must not be empty",
  ]);
  assert.deepEqual(await refused({ ...NEW, title: "x".repeat(501) }), [
    "title must have at most 500 characters",
  ]);
  const { errors } = await client.json("GET", "/api/v1/assets?page_size=0&page=x", undefined, 422);
  assert.deepEqual(errors.map(({ message }) => message).toSorted(), [
    "must be a number",
    "must be at least 1",
  ]);
});

Deno.test("an error reports every rule that a value breaks, for a wrong type only that", async () => {
  const client = await server.client();
  const provider = {
    name: "TV",
    issuer: "https://login.example.org",
    client_id: "akashi",
    email_domains: ["no domain ".repeat(26)],
  };
  const twice = await client.json("POST", "/api/v1/providers", provider, 422);
  assert.deepEqual(twice.errors, [
    { path: "email_domains.0", message: "must have at most 253 characters" },
    { path: "email_domains.0", message: "expected a domain such as example.org" },
  ]);
  const key = await client.json("POST", "/api/v1/api-keys", { name: "k", scopes: "read" }, 422);
  assert.deepEqual(key.errors, [{ path: "scopes", message: "must be a list" }]);
});

Deno.test("an upload that could never be finished is refused when it is created", async () => {
  const client = await server.client();
  for (const [length, status] of [["9007199254740991", 413], ["99999999999999999999", 422]] as const) {
    const response = await client.fetch("/api/v1/uploads", {
      method: "POST",
      headers: {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": length,
        "Upload-Metadata": `filename ${btoa("a")}`,
      },
    });
    assert.equal(response.status, status);
    await response.body?.cancel();
  }
});

Deno.test("a member who names another tenant is refused by every kind of request", async () => {
  await server.addPerson({ tenant: "not-theirs" });
  const client = await server.client();
  for (const path of ["/assets", "/jobs", "/auth/me", `/assets/${crypto.randomUUID()}`]) {
    await client.json("GET", `/api/v1${path}?tenant_code=not-theirs`, undefined, 403);
  }
  const { id }: AssetDetail = await client.json("POST", "/api/v1/assets", {
    title: "mine",
    asset_type: "video",
  }, 201);
  const long = await client.json("PATCH", `/api/v1/assets/${id}`, { tenant_code: "x".repeat(51) }, 422);
  assert.deepEqual(long.errors.map(({ path }) => path), ["tenant_code"]);
  for (const [method, path] of [["PATCH", `/assets/${id}`], ["PATCH", "/auth/me"], ["POST", "/api-keys"]]) {
    await client.json(method!, `/api/v1${path}`, { name: "x", tenant_code: "not-theirs" }, 403);
  }
  const form = previewFor("not-theirs");
  const upload = await client.fetch(`/api/v1/assets/${id}/upload`, { method: "POST", body: form });
  assert.equal(upload.status, 403, await upload.text());
});

Deno.test("a superuser who names another tenant reads and writes there", async () => {
  await server.addPerson({ tenant: "elsewhere" });
  const superuser = await server.client(await server.addPerson({ tenant: "operators", superuser: true }));
  const body = previewFor("elsewhere");
  const ingested = await superuser.fetch("/api/v1/ingest", { method: "POST", body });
  const { asset_id }: Ingested = await ingested.json();
  await superuser.json("GET", `/api/v1/assets/${asset_id}`, undefined, 404);
  const asset = await superuser.json("GET", `/api/v1/assets/${asset_id}?tenant_code=elsewhere`);
  assert.match(asset.primary_storage_path!, /^elsewhere\//);
  assert.equal((await superuser.json("GET", "/api/v1/jobs?tenant_code=elsewhere")).length, 3);
  await superuser.json("POST", "/api/v1/groups", { name: "Theirs", tenant_code: "elsewhere" }, 201);
  assert.deepEqual(await superuser.json("GET", "/api/v1/groups"), []);
  await superuser.json("POST", "/api/v1/groups", { name: "Lost", tenant_code: "nowhere" }, 404);
});

Deno.test("a superuser who names another tenant keeps their own account", async () => {
  await server.addPerson({ tenant: "abroad" });
  const superuser = await server.client(await server.addPerson({ superuser: true }));
  const me: { tenant_code: string } = await superuser.json("GET", "/api/v1/auth/me");
  assert.deepEqual(await superuser.json("GET", "/api/v1/auth/me?tenant_code=abroad"), me);
  const named = { name: "Still me", tenant_code: "abroad" };
  const renamed: { tenant_code: string } = await superuser.json("PATCH", "/api/v1/auth/me", named);
  assert.equal(renamed.tenant_code, me.tenant_code);
  const wrong = { current_password: "wrong", new_password: "another horse battery" };
  await superuser.json("POST", "/api/v1/auth/me/change-password?tenant_code=abroad", wrong, 422);
  await superuser.json("GET", "/api/v1/auth/me?tenant_code=nowhere", undefined, 404);
  const { errors } = await superuser.json("POST", "/api/v1/api-keys", named, 422);
  assert.equal(errors[0]!.path, "tenant_code");
  assert.deepEqual(await superuser.json("GET", "/api/v1/api-keys?tenant_code=abroad"), []);
});

Deno.test("an ingest is answered 500 and leaves no reservation when storage throws", async () => {
  const client = await server.client();
  const { storage } = server.platform;
  const put = storage.put;
  storage.put = () => Promise.reject(new Error("on purpose"));
  const body = new FormData();
  body.set("file", new File([new Uint8Array(8_000_000)], "a.bin"));
  const signal = AbortSignal.timeout(15_000);
  const response = await client.fetch("/api/v1/ingest", { method: "POST", body, signal })
    .finally(() => storage.put = put);
  assert.equal(response.status, 500);
  await response.body?.cancel();
  const [pending] = await server.platform.db.asSystem((sql) =>
    sql<{ count: number }[]>`select count(*) from pending_objects`
  );
  assert.equal(pending!.count, 0);
});

Deno.test("a rendition that is uploaded takes precedence over one that a worker makes", async () => {
  const working = await openTestServer({ worker: true });
  const client = await working.client();
  const input = { title: "by hand", asset_type: "image" };
  const { id }: AssetDetail = await client.json("POST", "/api/v1/assets", input, 201);
  const send = async (purpose: string, bytes: Uint8Array<ArrayBuffer>) => {
    const body = new FormData();
    body.set("purpose", purpose);
    body.set("file", new File([bytes], `${purpose}.png`, { type: "image/png" }));
    const response = await client.fetch(`/api/v1/assets/${id}/upload`, { method: "POST", body });
    assert.equal(response.status, 200, await response.text());
  };
  const [older, newer] = [tinyPng(), tinyPng()];
  await send("thumbnail", older);
  await send("thumbnail", newer);
  await send("original", tinyPng());
  await until("the asset is available", async () => {
    const { status } = await client.json("GET", `/api/v1/assets/${id}`);
    assert.notEqual(status, "failed");
    return status === "available";
  });
  const shown = await client.fetch(`/media/assets/${id}/thumbnail`);
  assert.deepEqual(await shown.bytes(), newer);
  await working.close();
});

Deno.test("a failed job is retried when its asset is not in the trash", async () => {
  const client = await server.client();
  const ingested = await client.fetch("/api/v1/ingest/a.png", { method: "PUT", body: tinyPng() });
  const { asset_id, jobs }: Ingested = await ingested.json();
  const { id } = jobs[0]!;
  await server.platform.db.asSystem((sql) => sql`update jobs set status = 'failed' where id = ${id}`);
  await client.json("DELETE", `/api/v1/assets/${asset_id}`);
  const refused = await client.json("POST", `/api/v1/jobs/${id}/retry`, undefined, 409);
  assert.match(refused.detail, /trash/);
  await client.json("POST", `/api/v1/assets/${asset_id}/restore`);
  const retried: Job & { message: string } = await client.json("POST", `/api/v1/jobs/${id}/retry`);
  assert.deepEqual([retried.id, retried.status], [id, "pending"]);
  assert.ok(retried.message, "a retry says what it did beside the job");
});

function previewFor(tenantCode: string): FormData {
  const form = new FormData();
  form.set("tenant_code", tenantCode);
  form.set("purpose", "preview");
  form.set("file", new File([tinyPng()], "a.png"));
  return form;
}
