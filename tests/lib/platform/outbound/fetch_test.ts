import assert from "node:assert/strict";
import type { LookupFunction } from "node:net";
import { loadConfig } from "../../../../lib/platform/config.ts";
import { fetchOutside } from "../../../../lib/platform/outbound/fetch.ts";
import { makeCertificate, serveTls } from "../../../support/tls.ts";

const OPEN = loadConfig({ APP_ENV: "test" });
const GUARDED = loadConfig({ APP_ENV: "test", OIDC_ALLOW_PRIVATE_ISSUERS: "false" });
/** For documentation (RFC 5737): public, and without any host. */
const PUBLIC = "203.0.113.1";

let asked = 0;
let server: Deno.HttpServer<Deno.NetAddr>;
Deno.test.beforeAll(() => {
  server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
});
Deno.test.beforeEach(() => void (asked = 0));
Deno.test.afterAll(() => server.shutdown());

Deno.test("fetchOutside() asks the resolver once and connects to what it checked", async () => {
  for (const config of [OPEN, GUARDED]) {
    const { resolve, questions } = resolver(config === OPEN ? ["127.0.0.1"] : [PUBLIC], ["127.0.0.1"]);
    const call = fetchOutside(config, at("/"), {}, { resolve, timeoutMs: 500 });
    if (config === OPEN) {
      assert.equal(await (await call).text(), `GET / media.example.org:${server.addr.port}`);
    } else await assert.rejects(call, { reason: "outbound.unavailable" });
    assert.deepEqual(questions, ["media.example.org"]);
    assert.equal(asked, config === OPEN ? 1 : 0, "the second answer of the resolver is never used");
    asked = 0;
  }
});

Deno.test("fetchOutside() refuses a name when any of its addresses is private, and private addresses in URLs", async () => {
  const { resolve } = resolver([PUBLIC, "127.0.0.1"]);
  await assert.rejects(fetchOutside(GUARDED, at("/"), {}, { resolve }), /private network/);
  for (const host of ["127.0.0.1", "0x7f000001", "[::ffff:127.0.0.1]", "localhost"]) {
    await assert.rejects(
      fetchOutside(GUARDED, `http://${host}:${server.addr.port}/`),
      /private network/,
      host,
    );
  }
  assert.equal(asked, 0);
});

Deno.test("fetchOutside() does not follow redirects", async () => {
  const { resolve } = resolver(["127.0.0.1"]);
  const answered = await fetchOutside(OPEN, at("/moved"), {}, { resolve });
  assert.deepEqual([answered.status, answered.headers.get("Location"), asked], [302, "/", 1]);
});

Deno.test("fetchOutside() bounds the answer in size and in time", async () => {
  const { resolve } = resolver(["127.0.0.1"]);
  await assert.rejects(
    fetchOutside(OPEN, at("/long"), {}, { resolve, maxBytes: 1000 }),
    /more than 1000 bytes/,
  );
  await assert.rejects(fetchOutside(OPEN, at("/slow"), {}, { resolve, timeoutMs: 200 }), {
    reason: "outbound.unavailable",
  });
});

Deno.test("fetchOutside() sends body and headers", async () => {
  const { resolve } = resolver(["127.0.0.1"]);
  const init = {
    method: "POST",
    body: new URLSearchParams({ a: "é" }),
    headers: { Authorization: "Basic x" },
  };
  const answered = await fetchOutside(OPEN, at("/echo"), init, { resolve });
  const type = "application/x-www-form-urlencoded;charset=UTF-8";
  assert.deepEqual(await answered.json(), { body: "a=%C3%A9", authorization: "Basic x", type });
});

Deno.test("fetchOutside() verifies the certificate for the name in the URL", async () => {
  const tls = serveTls(await makeCertificate(1));
  const { resolve } = resolver(["127.0.0.1"]);
  const call = fetchOutside(OPEN, `https://media.example.org:${tls.port}/`, {}, { resolve });
  await assert.rejects(call, /certificate|altnames/i);
  await tls.stop();
});

function at(path: string): string {
  return `http://media.example.org:${server.addr.port}${path}`;
}

/** Answers each question with the next of these lists of addresses. */
function resolver(...answers: string[][]) {
  const questions: string[] = [];
  const resolve: LookupFunction = (name, _options, done) => {
    questions.push(name);
    const addresses = answers[Math.min(questions.length, answers.length) - 1]!;
    done(null, addresses.map((address) => ({ address, family: 4 })));
  };
  return { resolve, questions };
}

async function answer(request: Request): Promise<Response> {
  asked++;
  const { pathname } = new URL(request.url);
  if (pathname === "/moved") return new Response(null, { status: 302, headers: { Location: "/" } });
  if (pathname === "/long") return new Response("x".repeat(2000));
  if (pathname === "/slow") return new Response(dripping());
  if (pathname === "/echo") {
    const { headers } = request;
    return Response.json({
      body: await request.text(),
      authorization: headers.get("Authorization"),
      type: headers.get("Content-Type"),
    });
  }
  return new Response(`${request.method} ${pathname} ${request.headers.get("Host")}`);
}

/** A body that never ends. */
function dripping(): ReadableStream<Uint8Array> {
  let timer: ReturnType<typeof setInterval>;
  return new ReadableStream({
    start: (controller) => {
      timer = setInterval(() => controller.enqueue(new Uint8Array(1)), 50);
    },
    cancel: () => clearInterval(timer),
  });
}
