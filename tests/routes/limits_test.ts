// Every limiting setting: a request just within it passes, one beyond it gets the documented status. A new setting fails
// this test until a case is added.
import assert from "node:assert/strict";
import { CONFIG_KEYS } from "../../lib/platform/config.ts";
import { tinyPng } from "../support/media.ts";
import { type Client, openTestServer, type TestServer } from "../support/server.ts";

interface Limit {
  /** Small, to keep the requests small. */
  value: string;
  within: Ask;
  beyond: Ask;
  /** What the request beyond it is answered. */
  status: number;
}

type Ask = (client: Client, server: TestServer) => Promise<Response>;

const JSON_TYPE = { "Content-Type": "application/json" };
const TUS = { "Tus-Resumable": "1.0.0" };
const create = (body: string): Ask => (client) =>
  client.fetch("/api/v1/assets", { method: "POST", headers: JSON_TYPE, body });
const json = (bytes: number) =>
  create(JSON.stringify({ title: "x".repeat(300), asset_type: "video", description: "y".repeat(bytes) }));
const deep = (levels: number) =>
  create(
    `{"title":"\\"[[[[","asset_type":"video","extra":{"a":${"[".repeat(levels - 2)}${
      "]".repeat(levels - 2)
    }}}`,
  );
const header = (bytes: number): Ask => (client) =>
  client.fetch("/api/v1/assets", { headers: { "X-Long": "x".repeat(bytes) } });
const list = (size: number): Ask => (client) => client.fetch(`/api/v1/assets?page_size=${size}`);
const page = (bytes: number): Ask => (client) => {
  const form = new URLSearchParams({ name: "Ana", language: "en", other: "x".repeat(bytes) });
  return client.fetch("/settings/profile", { method: "POST", body: form, redirect: "manual" });
};
const parts = (count: number, bytes = 1): Ask => (client) => {
  const form = new FormData();
  for (let at = 1; at < count; at++) form.set(`field${at}`, "x".repeat(bytes));
  form.set("file", new File([tinyPng()], "a.png"));
  return client.fetch("/api/v1/ingest", { method: "POST", body: form });
};
const raw = (bytes: number): Ask => (client) =>
  client.fetch("/api/v1/ingest/a.bin", { method: "PUT", body: new Uint8Array(bytes) });
const resumable = (bytes: number): Ask => (client) =>
  client.fetch("/api/v1/uploads", {
    method: "POST",
    headers: { ...TUS, "Upload-Length": String(bytes), "Upload-Metadata": `filename ${btoa("a.bin")}` },
  });
const quick: Ask = (client) => client.fetch("/api/v1/auth/me");
/** A cache that never answers. */
const stuck: Ask = async (client, { platform: { cache } }) => {
  const { take } = cache;
  cache.take = () => new Promise(() => {});
  return await client.fetch("/api/v1/auth/me").finally(() => cache.take = take);
};
/** Begins to send and never goes on. */
const stalled: Ask = (client) => {
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(20_000)) });
  return client.fetch("/api/v1/ingest/a.bin", { method: "PUT", body });
};

const LIMITS: Record<string, Limit> = {
  MAX_HEADER_BYTES: { value: "2048", within: header(1000), beyond: header(2048), status: 431 },
  MAX_JSON_BYTES: { value: "2048", within: json(1500), beyond: json(2048), status: 413 },
  MAX_JSON_DEPTH: { value: "6", within: deep(6), beyond: deep(7), status: 422 },
  MAX_FORM_BYTES: { value: "1024", within: page(900), beyond: page(1024), status: 413 },
  MAX_MULTIPART_PARTS: { value: "4", within: parts(3), beyond: parts(6), status: 400 },
  MAX_MULTIPART_FIELD_BYTES: { value: "256", within: parts(2, 200), beyond: parts(2, 300), status: 422 },
  MAX_PAGE_SIZE: { value: "30", within: list(30), beyond: list(31), status: 422 },
  REQUEST_TIMEOUT_SECONDS: { value: "5", within: quick, beyond: stuck, status: 503 },
  UPLOAD_MAX_BYTES: { value: "1000", within: raw(1000), beyond: raw(1001), status: 413 },
  UPLOAD_RESUMABLE_MAX_BYTES: {
    value: "1000",
    within: resumable(1000),
    beyond: resumable(1001),
    status: 413,
  },
  UPLOAD_IDLE_SECONDS: { value: "3", within: raw(20_000), beyond: stalled, status: 408 },
};

Deno.test("limits", async (t) => {
  await t.step("every setting that limits a request is tried", () => {
    const limiting = CONFIG_KEYS.filter((key) => /^(MAX|REQUEST|UPLOAD)_/.test(key));
    assert.deepEqual(limiting.toSorted(), Object.keys(LIMITS).toSorted());
  });

  // One server for all settings that do not affect each other.
  const isAlone = ([key]: [string, Limit]) => key === "UPLOAD_MAX_BYTES" || key === "UPLOAD_IDLE_SECONDS";
  const limits = Object.entries(LIMITS);
  const groups = [limits.filter((each) => !isAlone(each)), ...limits.filter(isAlone).map((each) => [each])];
  for (const group of groups) {
    const settings = Object.fromEntries(group.map(([key, { value }]) => [key, value]));
    const server = await openTestServer({ settings });
    const client = await server.client();
    for (const [key, { within, beyond, status }] of group) {
      await t.step(`${key}: ${status} beyond it`, async () => {
        const passed = await within(client, server);
        const answer = await passed.text();
        assert.ok(passed.status < 400, `${passed.status} ${answer}`);
        const refused = await beyond(client, server);
        const text = await refused.text();
        assert.equal(refused.status, status, text);
        if (key === "MAX_FORM_BYTES") return;
        const { detail, request_id } = JSON.parse(text);
        assert.ok(detail && request_id, text);
      });
    }
    await server.close();
  }
});

Deno.test("a body that trickles is ended however often a byte arrives", async () => {
  const server = await openTestServer({ settings: { UPLOAD_IDLE_SECONDS: "2" } });
  const client = await server.client();
  let timer: ReturnType<typeof setInterval> | undefined;
  const body = new ReadableStream({
    start: (controller) => void (timer = setInterval(() => controller.enqueue(new Uint8Array(100)), 200)),
    cancel: () => clearInterval(timer),
  });
  const began = performance.now();
  const response = await client.fetch("/api/v1/ingest/a.bin", { method: "PUT", body });
  assert.equal(response.status, 408, await response.text());
  assert.ok(performance.now() - began < 6_000);
  clearInterval(timer);
  assert.equal((await server.platform.storage.list("originals", "")).objects.length, 0);
  await server.close();
});

Deno.test("a resumable upload that falls silent keeps what arrived", async () => {
  const server = await openTestServer({ settings: { UPLOAD_IDLE_SECONDS: "3" } });
  const client = await server.client();
  const location = (await resumable(50_000)(client, server)).headers.get("Location")!;
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(20_000)) });
  const headers = { ...TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream" };
  const response = await client.fetch(location, { method: "PATCH", headers, body });
  assert.equal(response.status, 204, await response.text());
  assert.equal(response.headers.get("Upload-Offset"), "20000");
  const head = await client.fetch(location, { method: "HEAD", headers: TUS });
  assert.equal(head.headers.get("Upload-Offset"), "20000");
  await server.close();
});
