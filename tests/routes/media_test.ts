import assert from "node:assert/strict";
import { tinyPng } from "../support/media.ts";
import { type Client, openTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("an original is served as a download in a sandbox", async () => {
  const { bytes, get } = await ingestBytes();
  const response = await get();
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);
  assert.match(
    response.headers.get("Content-Disposition")!,
    /^attachment; filename=".*"; filename\*=UTF-8''Ma%27le%C3%A7\.html$/,
  );
  assert.match(response.headers.get("Content-Security-Policy")!, /sandbox/);
  assert.equal(response.headers.get("X-Content-Type-Options"), "nosniff");
});

Deno.test("Range answers the parts that RFC 9110 names", async () => {
  const { bytes, get } = await ingestBytes();
  const cases: [string, number, number, number][] = [
    ["bytes=0-0", 206, 0, 1],
    ["bytes=100-199", 206, 100, 200],
    ["bytes=59990-", 206, 59_990, 60_000],
    ["bytes=59990-99999", 206, 59_990, 60_000],
    ["bytes=-10", 206, 59_990, 60_000],
    ["bytes=5-2", 200, 0, 60_000],
    ["bytes=0-1,5-6", 200, 0, 60_000],
    ["lines=1-2", 200, 0, 60_000],
    ["Bytes=0-0", 206, 0, 1],
  ];
  for (const [range, status, start, end] of cases) {
    const response = await get({ Range: range });
    assert.equal(response.status, status, range);
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes.slice(start, end), range);
    if (status === 206) {
      assert.equal(response.headers.get("Content-Range"), `bytes ${start}-${end - 1}/60000`);
    }
  }
  for (const range of ["bytes=60000-", "bytes=-0"]) {
    const response = await get({ Range: range });
    assert.equal(response.status, 416);
    assert.equal(response.headers.get("Content-Range"), "bytes */60000");
    await response.body?.cancel();
  }
});

Deno.test("If-None-Match and If-Range spare the bytes of an unchanged file", async () => {
  const { get } = await ingestBytes();
  const etag = (await get({}, "HEAD")).headers.get("ETag")!;
  // RFC 9110 §13.1.2: a list, compared weakly because a proxy that compresses weakens the tag; or any.
  for (const known of [etag, `W/${etag}`, `"other", W/${etag}`, "*"]) {
    assert.equal((await get({ "If-None-Match": known })).status, 304, known);
  }
  const changed = await get({ "If-None-Match": `"other", "${etag.slice(1, -2)}"` });
  assert.equal(changed.status, 200);
  await changed.body?.cancel();
  const fresh = await get({ Range: "bytes=0-1", "If-Range": etag });
  const stale = await get({ Range: "bytes=0-1", "If-Range": '"other"' });
  assert.deepEqual([fresh.status, stale.status], [206, 200]);
  await Promise.all([fresh.body?.cancel(), stale.body?.cancel()]);
  assert.equal((await get({}, "HEAD")).headers.get("Content-Length"), "60000");
});

Deno.test("preconditions are held in the order of RFC 9110 §13.2.2, also by signed links", async () => {
  const { client, id, get } = await ingestBytes();
  const head = await get({}, "HEAD");
  const [etag, modified] = [head.headers.get("ETag")!, head.headers.get("Last-Modified")!];
  const [location] = (await client.json("GET", `/api/v1/assets/${id}`)).storage_locations;
  const before = new Date(Date.parse(modified) - 60_000).toUTCString();
  const cases: [Record<string, string>, number][] = [
    [{ "If-Match": '"nope"' }, 412],
    [{ "If-Match": '"nope"', Range: "bytes=0-1" }, 412],
    [{ "If-Match": '"nope"', "If-Unmodified-Since": modified }, 412],
    [{ "If-Match": "*", "If-Unmodified-Since": before }, 200],
    [{ "If-Unmodified-Since": before }, 412],
    [{ "If-Unmodified-Since": modified }, 200],
    [{ "If-Unmodified-Since": "yesterday" }, 200],
    [{ "If-Modified-Since": modified }, 304],
    [{ "If-Modified-Since": before }, 200],
    [{ "If-None-Match": '"nope"', "If-Modified-Since": modified }, 200],
    [{ "If-Match": '"nope"', "If-None-Match": "*" }, 412],
  ];
  const signed = (headers: Record<string, string>, method: string) =>
    fetch(new URL(location!.url, server.url), { headers, method });
  for (const [headers, status] of cases) {
    for (const send of [get, signed]) {
      for (const method of ["GET", "HEAD"]) {
        const response = await send(headers, method);
        await response.body?.cancel();
        assert.equal(response.status, status, `${method} ${JSON.stringify(headers)}`);
      }
    }
  }
  assert.equal((await get({ "If-Match": `"other", ${etag}` }, "HEAD")).status, 200);
  assert.equal((await get({ "If-Match": `W/${etag}` }, "HEAD")).status, 412, "compared strongly");
  const problem = await (await get({ "If-Match": '"nope"' })).json();
  assert.equal(problem.reason, "delivery.changed");
});

Deno.test("a signed link works without signing in and not when changed", async () => {
  const { client, id, bytes } = await ingestBytes();
  const [location] = (await client.json("GET", `/api/v1/assets/${id}`)).storage_locations;
  const url = new URL(location!.url, server.url);
  const signed = await fetch(url, { headers: { Range: "bytes=0-9" } });
  assert.equal(signed.status, 206);
  assert.deepEqual(new Uint8Array(await signed.arrayBuffer()), bytes.slice(0, 10));
  url.pathname = url.pathname.replace(id, "0198c0de-0000-7000-8000-000000000000");
  const changed = await fetch(url);
  assert.ok([403, 404].includes(changed.status));
  await changed.body?.cancel();
});

Deno.test("a request without an account is refused, an unknown purpose is not found", async () => {
  const { client, id, path } = await ingestBytes();
  const stranger = await fetch(server.url + path);
  assert.equal(stranger.status, 401);
  await stranger.body?.cancel();
  for (const purpose of ["proxy", "thumbnail", "nonsense"]) {
    const response = await client.fetch(`/media/assets/${id}/${purpose}`);
    assert.equal(response.status, 404);
    await response.body?.cancel();
  }
});

Deno.test("events report changes of the own tenant only", async () => {
  const [mine, theirs] = [
    await server.client(await server.addPerson({ tenant: "listening" })),
    await server.client(await server.addPerson({ tenant: "other" })),
  ];
  const stream = await mine.fetch("/events");
  assert.match(stream.headers.get("Content-Type")!, /^text\/event-stream/);
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  await reader.read();
  await theirs.json("POST", "/api/v1/assets", { title: "theirs", asset_type: "video" }, 201);
  const { id }: { id: string } = await mine.json("POST", "/api/v1/assets", {
    title: "mine",
    asset_type: "video",
  }, 201);
  let seen = "";
  while (!seen.includes(id)) seen += (await reader.read()).value ?? "";
  assert.match(seen, /event: asset\ndata: \{"type":"asset"/);
  assert.equal(seen.match(/event: asset/g)!.length, 1);
  await reader.cancel().catch(() => {});
});

Deno.test("the name of a download carries no character that hides its extension", async () => {
  const client = await server.client();
  const id = await ingest(client, new File([tinyPng()], "invoice\u202egnp.exe"));
  const response = await client.fetch(`/media/assets/${id}/original`);
  await response.body?.cancel();
  const disposition = decodeURIComponent(response.headers.get("Content-Disposition")!);
  assert.match(disposition, /invoice_gnp\.exe/);
  assert.doesNotMatch(disposition, /\u202e/);
});

Deno.test({
  name: "with a public endpoint browsers are sent to the object store by a signed link",
  ignore: !Deno.env.get("S3_ENDPOINT"),
  fn: async () => {
    const published = await openTestServer({
      settings: { S3_PUBLIC_ENDPOINT: Deno.env.get("S3_ENDPOINT") ?? "" },
    });
    const client = await published.client();
    const bytes = crypto.getRandomValues(new Uint8Array(5_000));
    const ingested = await client.fetch("/api/v1/ingest/a%20b.bin", { method: "PUT", body: bytes });
    const { asset_id }: { asset_id: string } = await ingested.json();
    const redirect = await client.fetch(`/media/assets/${asset_id}/original`, { redirect: "manual" });
    assert.equal(redirect.status, 302);
    await redirect.body?.cancel();
    const link = redirect.headers.get("Location")!;
    assert.equal(new URL(link).origin, new URL(Deno.env.get("S3_ENDPOINT")!).origin);
    const part = await fetch(link, { headers: { Range: "bytes=10-19" } });
    assert.equal(part.status, 206);
    assert.match(part.headers.get("Content-Disposition")!, /^attachment/);
    assert.deepEqual(new Uint8Array(await part.arrayBuffer()), bytes.slice(10, 20));
    const forged = await fetch(link.replace(asset_id, crypto.randomUUID()));
    assert.equal(forged.status, 403);
    await forged.body?.cancel();
    const { storage_locations: [original] } = await client.json("GET", `/api/v1/assets/${asset_id}`);
    const granted = await fetch(published.url + original!.url, { redirect: "manual" });
    assert.equal(new URL(granted.headers.get("Location")!).origin, new URL(link).origin);
    await granted.body?.cancel();
    assert.deepEqual(await (await fetch(published.url + original!.url)).bytes(), bytes);
    const page = await fetch(`${published.url}/sign-in`);
    assert.match(
      page.headers.get("Content-Security-Policy")!,
      new RegExp(`media-src [^;]*${new URL(link).host}`),
    );
    await page.body?.cancel();
    await published.close();
  },
});

Deno.test("signed URLs of a suspended tenant stop, and work again once it is resumed", async () => {
  const operator = await server.client(await server.addPerson({ superuser: true }));
  const member = await server.addPerson({ tenant: "late-payer" });
  const client = await server.client(member);
  const id = await ingest(client, new File([tinyPng()], "a.png"));
  const { storage_locations: [original] } = await client.json("GET", `/api/v1/assets/${id}`);
  const statusOf = async (status: string) => {
    await operator.json("PATCH", `/api/v1/tenants/${member.tenantId}`, { status });
    const response = await fetch(server.url + original!.url);
    await response.body?.cancel();
    return response.status;
  };
  assert.deepEqual([await statusOf("suspended"), await statusOf("active")], [403, 200]);
});

/** An original of 60,000 random bytes whose name needs escaping, and how to fetch it. */
async function ingestBytes() {
  const client = await server.client();
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const id = await ingest(client, new File([bytes], `Ma'le\u00e7.html`, { type: "text/html" }));
  const path = `/media/assets/${id}/original`;
  const get = (headers: Record<string, string> = {}, method = "GET") =>
    client.fetch(path, { headers, method });
  return { client, id, bytes, path, get };
}

/** Answers the id of the new asset. */
async function ingest(client: Client, file: File): Promise<string> {
  const body = new FormData();
  body.set("file", file);
  const response = await client.fetch("/api/v1/ingest", { method: "POST", body });
  const { asset_id }: { asset_id: string } = await response.json();
  return asset_id;
}
