// Connections: those that send nothing end, protocols that are offered are passed over, and a client that leaves is no
// fault of the server.
import assert from "node:assert/strict";
import { createLog } from "../../lib/platform/observe/log.ts";
import { startServer } from "../../routes/server.ts";
import { sendBytes } from "../support/raw_request.ts";
import { openTestServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("half-open and idle connections are closed after the time for a head, or between requests", async () => {
  const patient = await startServer(server.platform, { head: 1, idle: 1 });
  const url = `http://127.0.0.1:${patient.port}`;
  const head = "GET /livez HTTP/1.1\r\nHost: a\r\n";
  const ways = ["", "GET /li", head, `${head}\r\n`];
  try {
    const connections = await Promise.all(
      Array.from({ length: 40 }, (_, nth) => sendBytes(url, ways[nth % 4]!)),
    );
    const ends = connections.map(async (connection) => {
      let text = "";
      for await (const bytes of connection.readable) text += new TextDecoder().decode(bytes);
      return text;
    });
    const began = performance.now();
    const answers = await Promise.all(ends);
    assert.ok(performance.now() - began < 4_000);
    const statuses = answers.map((answer) => answer.slice(9, 12));
    assert.deepEqual(new Set(statuses), new Set(["408", "200"]));
    assert.match(answers.find((answer) => answer.includes(" 408 "))!, /did not arrive in time/);
  } finally {
    await patient.stop();
  }
});

Deno.test("Upgrade beside a body is passed over, as curl --http2 and Java's client send it", async () => {
  const { token } = await server.client();
  const body = JSON.stringify({ title: "a", asset_type: "video" });
  for (const upgrade of ["h2c", "websocket", "TLS/1.0"]) {
    const connection = await sendBytes(
      server.url,
      `POST /api/v1/assets HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: ${upgrade}\r\n` +
        `HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nAuthorization: Bearer ${token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const answer = await new Response(connection.readable).text();
    assert.match(answer, /^HTTP\/1\.1 201 /, upgrade);
  }
});

Deno.test("a body that is refused while it is sent leaves a connection that works, or none", async () => {
  const client = await server.client();
  for (const size of [300_000, 3_000_000]) {
    for (let turn = 0; turn < 3; turn++) {
      let left = 20;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          if (left-- > 0) controller.enqueue(new Uint8Array(size / 20));
          else controller.close();
        },
      });
      const headers = { "Content-Type": "application/json" };
      const refused = await client.fetch("/api/v1/assets", { method: "POST", headers, body });
      assert.ok([413, 422, 400].includes(refused.status), String(refused.status));
      await refused.body?.cancel();
      const signal = AbortSignal.timeout(5_000);
      const response = await client.fetch("/api/v1/assets", { signal });
      assert.equal(response.status, 200);
      await response.body?.cancel();
    }
  }
});

Deno.test("what is not HTTP is answered a problem with words", async () => {
  for (const bytes of ["nonsense\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"]) {
    const connection = await sendBytes(server.url, bytes);
    const answer = await new Response(connection.readable).text();
    assert.match(answer, /^HTTP\/1\.1 400 [^]*application\/problem\+json[^]*"detail":"This is not a request/);
  }
});

Deno.test("a client that cuts its body is told at info, and counts as no failure of the server", async () => {
  const { token } = await server.client();
  const lines: { event: string; level: string; status?: number }[] = [];
  const { log } = server.platform;
  server.platform.log = createLog("info", {}, (line) => lines.push(JSON.parse(line)));
  try {
    const ways = [
      "PUT /api/v1/ingest/a.bin HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
      "PUT /api/v1/ingest/a.bin HTTP/1.1\r\nContent-Length: 1000000\r\n",
      "POST /api/v1/assets HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
      "POST /sign-in HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n",
    ];
    for (const head of ways) {
      lines.length = 0;
      const connection = await sendBytes(
        server.url,
        `${head}Host: a\r\nAuthorization: Bearer ${token}\r\n\r\n`,
        head.includes("chunked") ? `2000\r\n${"a".repeat(0x2000)}\r\n` : "a".repeat(1000),
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      connection.close();
      const { status } = await until(
        `it is told: ${head}`,
        () => lines.find(({ event }) => event === "request"),
      );
      assert.ok(status! >= 400 && status! < 500, `${head}: ${status}`);
      assert.deepEqual(lines.filter(({ level }) => level !== "info"), []);
    }
  } finally {
    server.platform.log = log;
  }
});
