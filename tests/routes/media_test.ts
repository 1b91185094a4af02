import assert from "node:assert/strict";
import { createLog } from "../../lib/platform/observe/log.ts";
import { tinyPng } from "../support/media.ts";
import { openTestServer } from "../support/server.ts";

Deno.test("media", async (t) => {
  const server = await openTestServer();
  const client = await server.client();
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const form = new FormData();
  form.set("file", new File([bytes], `Ma'le\u00e7.html`, { type: "text/html" }));
  const { asset_id } = await (await client.fetch("/api/v1/ingest", { method: "POST", body: form })).json();
  const path = `/media/assets/${asset_id}/original`;
  const get = (headers: Record<string, string> = {}, method = "GET") =>
    client.fetch(path, { headers, method });

  await t.step("an original is saved, never shown, and may run nothing", async () => {
    const response = await get();
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);
    assert.match(
      response.headers.get("Content-Disposition")!,
      /^attachment; filename=".*"; filename\*=UTF-8''Ma%27le%C3%A7\.html$/,
    );
    assert.match(response.headers.get("Content-Security-Policy")!, /sandbox/);
    assert.equal(response.headers.get("X-Content-Type-Options"), "nosniff");
  });

  await t.step("Range answers the parts that RFC 9110 names", async () => {
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

  await t.step("validators spare the bytes", async () => {
    const etag = (await get({}, "HEAD")).headers.get("ETag")!;
    // RFC 9110 §13.1.2: a list, compared weakly, as whoever compresses on the way makes it; or any.
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

  await t.step("a signed link works without signing in and not when changed", async () => {
    const [location] = (await client.json("GET", `/api/v1/assets/${asset_id}`)).storage_locations;
    const url = new URL(location!.url, server.url);
    const signed = await fetch(url, { headers: { Range: "bytes=0-9" } });
    assert.equal(signed.status, 206);
    assert.deepEqual(new Uint8Array(await signed.arrayBuffer()), bytes.slice(0, 10));
    url.pathname = url.pathname.replace(asset_id, "0198c0de-0000-7000-8000-000000000000");
    const changed = await fetch(url);
    assert.ok([403, 404].includes(changed.status));
    await changed.body?.cancel();
  });

  await t.step("strangers and unknown purposes get nothing", async () => {
    const stranger = await fetch(server.url + path);
    assert.equal(stranger.status, 401);
    await stranger.body?.cancel();
    for (const purpose of ["proxy", "thumbnail", "nonsense"]) {
      const response = await client.fetch(`/media/assets/${asset_id}/${purpose}`);
      assert.equal(response.status, 404);
      await response.body?.cancel();
    }
  });

  await server.close();
});

Deno.test("events tell a tenant of its own changes and nobody else's", async () => {
  const server = await openTestServer();
  const [mine, theirs] = [
    await server.client(),
    await server.client(await server.addPerson({ tenant: "other" })),
  ];
  const stream = await mine.fetch("/events");
  assert.match(stream.headers.get("Content-Type")!, /^text\/event-stream/);
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  await reader.read();
  await theirs.json("POST", "/api/v1/assets", { title: "theirs" }, 201);
  const { id } = await mine.json("POST", "/api/v1/assets", { title: "mine" }, 201);
  let seen = "";
  while (!seen.includes(id)) seen += (await reader.read()).value ?? "";
  assert.match(seen, /event: asset\ndata: \{"type":"asset"/);
  assert.equal(seen.match(/event: asset/g)!.length, 1);
  await reader.cancel().catch(() => {});
  await server.close();
});

Deno.test("the edge", async (t) => {
  const server = await openTestServer({ settings: { RATE_LIMIT_PER_MINUTE: "30" } });
  const person = await server.addPerson();
  const client = await server.client(person);

  await t.step("a cookie's unsafe request needs the same origin", async () => {
    const signIn = (headers: Record<string, string>) =>
      fetch(`${server.url}/sign-in`, {
        method: "POST",
        redirect: "manual",
        headers,
        body: new URLSearchParams({ email: person.email, password: "correct horse battery staple" }),
      });
    const cross = await signIn({ "Sec-Fetch-Site": "cross-site" });
    assert.equal(cross.status, 403);
    await cross.body?.cancel();
    const own = await signIn({ Origin: server.url });
    await own.body?.cancel();
    assert.equal(own.status, 303);
    const set = own.headers.get("Set-Cookie")!;
    assert.match(set, /HttpOnly/i);
    assert.match(set, /SameSite=Lax/i);
    const Cookie = set.split(";")[0]!;
    const post = async (headers: Record<string, string>) => {
      const response = await fetch(`${server.url}/api/v1/assets`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Cookie, ...headers },
        body: JSON.stringify({ title: "x" }),
      });
      await response.body?.cancel();
      return response.status;
    };
    assert.deepEqual(
      [
        await post({}),
        await post({ "Sec-Fetch-Site": "same-site" }),
        await post({ Origin: "http://evil.example" }),
        await post({ "Sec-Fetch-Site": "same-origin" }),
      ],
      [403, 403, 403, 201],
    );
  });

  await t.step("every answer carries its headers and a request id", async () => {
    const response = await fetch(`${server.url}/sign-in`, {
      headers: { "X-Request-Id": "made-by-a-client" },
    });
    await response.body?.cancel();
    assert.match(response.headers.get("X-Request-Id")!, /^[0-9a-f-]{36}$/, "without a proxy it is ours");
    assert.match(
      response.headers.get("Content-Security-Policy")!,
      /default-src 'self'.*frame-ancestors 'none'/,
    );
    assert.equal(response.headers.get("X-Frame-Options"), "DENY");
  });

  await t.step(
    "the rate limit counts down, refuses with Retry-After, and passes when the cache is away",
    async () => {
      const other = await server.client(await server.addPerson());
      const ask = () => other.fetch("/api/v1/auth/me");
      const first = await ask();
      await first.body?.cancel();
      assert.equal(first.headers.get("X-RateLimit-Limit"), "30");
      assert.equal(first.headers.get("X-RateLimit-Remaining"), "29");
      assert.ok(Number(first.headers.get("X-RateLimit-Reset")) >= 1);
      let refused: Response | undefined;
      for (let i = 0; i < 40 && !refused; i++) {
        const response = await ask();
        if (response.status === 429) refused = response;
        else await response.body?.cancel();
      }
      assert.ok(refused, "the 31st is refused");
      assert.ok(Number(refused.headers.get("Retry-After")) >= 1);
      assert.equal((await refused.json()).code, "rate_limited");
      const take = server.platform.cache.take;
      server.platform.cache.take = () => Promise.reject(new Error("away"));
      const passed = await ask();
      assert.equal(passed.status, 200);
      await passed.body?.cancel();
      server.platform.cache.take = take;
    },
  );

  await t.step("unknown endpoints and methods are problems, unknown pages are pages", async () => {
    assert.equal((await client.json("GET", "/api/v1/nothing", undefined, 404)).code, "not_found");
    for (const path of ["/api/v2/assets", "/media/nothing", "/objects", "/events/nothing"]) {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        const response = await client.fetch(path, { method });
        assert.equal(response.headers.get("Content-Type"), "application/problem+json", `${method} ${path}`);
        assert.ok([403, 404].includes(response.status));
        await response.body?.cancel();
      }
    }
    const page = await fetch(`${server.url}/nothing`, { redirect: "manual" });
    assert.equal(page.status, 303);
    await page.body?.cancel();
  });

  await t.step("GET / is a page for people and a signpost for programs", async () => {
    const signpost = await (await fetch(server.url, { headers: { Accept: "application/json" } })).json();
    assert.deepEqual([signpost.name, signpost.docs], ["Akashi", "/api/v1/docs"]);
    const page = await fetch(server.url, { headers: { Accept: "text/html,*/*;q=0.8" }, redirect: "manual" });
    await page.body?.cancel();
    assert.equal(page.status, 303);
  });

  await t.step("health is told to anybody", async () => {
    const { status, database, storage, cache, queue, workers, version } =
      await (await fetch(`${server.url}/api/v1/health`)).json();
    assert.deepEqual([status, database, storage, cache, queue], ["degraded", "ok", "ok", "ok", "ok"]);
    assert.match(workers, /no live worker/);
    assert.ok(version);
    for (const path of ["/api/v1/health/live", "/api/v1/health/ready", "/livez", "/readyz", "/metrics"]) {
      const response = await fetch(server.url + path);
      assert.equal(response.status, 200, path);
      await response.body?.cancel();
    }
  });

  await server.close();
});

Deno.test({
  name: "with a public endpoint browsers are sent to the object store by a signed link",
  ignore: !Deno.env.get("S3_ENDPOINT"),
  fn: async () => {
    const server = await openTestServer({
      settings: { S3_PUBLIC_ENDPOINT: Deno.env.get("S3_ENDPOINT") ?? "" },
    });
    const client = await server.client();
    const bytes = crypto.getRandomValues(new Uint8Array(5_000));
    const ingested = await client.fetch("/api/v1/ingest/a%20b.bin", { method: "PUT", body: bytes });
    const { asset_id } = await ingested.json();
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
    const page = await fetch(`${server.url}/sign-in`);
    assert.match(
      page.headers.get("Content-Security-Policy")!,
      new RegExp(`media-src [^;]*${new URL(link).host}`),
    );
    await page.body?.cancel();
    await server.close();
  },
});

Deno.test("a malformed Host header is 400, with one line in the log", async () => {
  const server = await openTestServer();
  const lines: string[] = [];
  server.platform.log = createLog("info", {}, (line) => lines.push(line));
  for (const host of ["a b", "[::1", "x:99999"]) {
    for (const path of ["/", "/api/v1/assets", "/objects/x", "/livez"]) {
      lines.length = 0;
      const answer = await sendRaw(
        server.url,
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 400 /, `${host} ${path}`);
      assert.match(answer, /The Host header is not the name of a host/);
      assert.ok(lines.length <= 1, lines.join("\n"));
    }
  }
  await server.close();
});

Deno.test("names of downloads carry no character that hides their ending", async () => {
  const server = await openTestServer();
  const client = await server.client();
  const form = new FormData();
  form.set("file", new File([tinyPng()], "invoice\u202egnp.exe"));
  const { asset_id } = await (await client.fetch("/api/v1/ingest", { method: "POST", body: form })).json();
  const response = await client.fetch(`/media/assets/${asset_id}/original`);
  await response.body?.cancel();
  const disposition = decodeURIComponent(response.headers.get("Content-Disposition")!);
  assert.match(disposition, /invoice_gnp\.exe/);
  assert.doesNotMatch(disposition, /\u202e/);
  await server.close();
});

async function sendRaw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(request));
  return await new Response(connection.readable).text();
}
