// What holds for requests of every kind: origin, headers, limits, unknown paths and health.
import assert from "node:assert/strict";
import { createLog } from "../../lib/platform/observe/log.ts";
import type { Problem } from "../support/answers.ts";
import { openTestServer, PASSWORD, type TestServer } from "../support/server.ts";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("a request with the session cookie that changes something needs the same origin", async () => {
  const person = await server.addPerson();
  const signIn = (headers: Record<string, string>) =>
    fetch(`${server.url}/sign-in`, {
      method: "POST",
      redirect: "manual",
      headers,
      body: new URLSearchParams({ email: person.email, password: PASSWORD }),
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
      body: JSON.stringify({ title: "x", asset_type: "video" }),
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

Deno.test("every answer carries security headers and a request id", async () => {
  const response = await fetch(`${server.url}/sign-in`, {
    headers: { "X-Request-Id": "made-by-a-client" },
  });
  await response.body?.cancel();
  assert.match(
    response.headers.get("X-Request-Id")!,
    /^[0-9a-f-]{36}$/,
    "without a trusted proxy the server makes the id",
  );
  assert.match(
    response.headers.get("Content-Security-Policy")!,
    /default-src 'self'.*frame-ancestors 'none'/,
  );
  assert.equal(response.headers.get("X-Frame-Options"), "DENY");
});

Deno.test("the rate limit counts down, refuses with Retry-After, and passes requests while the cache is unavailable", async () => {
  const limited = await openTestServer({ settings: { RATE_LIMIT_PER_MINUTE: "30" } });
  const client = await limited.client();
  const ask = () => client.fetch("/api/v1/auth/me");
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
  const { code }: Problem = await refused.json();
  assert.equal(code, "rate_limited");
  const take = limited.platform.cache.take;
  limited.platform.cache.take = () => Promise.reject(new Error("unavailable"));
  const passed = await ask();
  assert.equal(passed.status, 200);
  await passed.body?.cancel();
  limited.platform.cache.take = take;
  await limited.close();
});

Deno.test("unknown endpoints and methods are answered by a problem, unknown pages by a page", async () => {
  const client = await server.client();
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

Deno.test("GET / is a page for browsers and a signpost for programs", async () => {
  const answer = await fetch(server.url, { headers: { Accept: "application/json" } });
  const signpost: { name: string; docs: string } = await answer.json();
  assert.deepEqual([signpost.name, signpost.docs], ["Akashi", "/api/v1/docs"]);
  const page = await fetch(server.url, { headers: { Accept: "text/html,*/*;q=0.8" }, redirect: "manual" });
  await page.body?.cancel();
  assert.equal(page.status, 303);
});

Deno.test("health is public, and degraded without a worker", async () => {
  const health: Record<string, string> = await (await fetch(`${server.url}/api/v1/health`)).json();
  const { status, database, storage, cache, queue, workers, version } = health;
  assert.deepEqual([status, database, storage, cache, queue], ["degraded", "ok", "ok", "ok", "ok"]);
  assert.match(workers!, /no live worker/);
  assert.ok(version);
  for (const path of ["/api/v1/health/live", "/api/v1/health/ready", "/livez", "/readyz", "/metrics"]) {
    const response = await fetch(server.url + path);
    assert.equal(response.status, 200, path);
    await response.body?.cancel();
  }
});

Deno.test("a malformed Host header is answered 400, with one line in the log", async () => {
  const lines: string[] = [];
  const { log } = server.platform;
  server.platform.log = createLog("info", {}, (line) => lines.push(line));
  try {
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
  } finally {
    server.platform.log = log;
  }
});

async function sendRaw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(request));
  return await new Response(connection.readable).text();
}
