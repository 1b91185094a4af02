// Names of files mean the same by every way in: a form, a raw body, a resumable upload.
import assert from "node:assert/strict";
import { refused } from "../../../support/answers.ts";
import { type Client, openTestServer, type TestServer } from "../../../support/server.ts";

const TUS = { "Tus-Resumable": "1.0.0" };
const FORM = { "Content-Type": "multipart/form-data; boundary=X" };

let server: TestServer;
let client: Client;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  client = await server.client();
});
Deno.test.afterAll(() => server.close());

/** How each way writes a name, and the name that is meant. */
const NAMES: [meant: string, sent: string, inForm?: string][] = [
  ['a"b.mp4', 'a"b.mp4', "a%22b.mp4"],
  ['a"b.mp4', 'a"b.mp4', 'a\\"b.mp4'],
  ["clip.mp4", "C:\\fakepath\\clip.mp4"],
  ["clip.mp4", "\\\\server\\share\\clip.mp4"],
  ["clip.mp4", "/home/ana/clip.mp4"],
  ["AC\\DC.mp4", "AC\\DC.mp4"],
  ["ação 🎬.mp4", `=?utf-8?B?${base64("ação 🎬.mp4")}?=`],
  ["São João.mov", "=?ISO-8859-1?Q?S=E3o_Jo=E3o.mov?="],
  ["=?utf-8?B?!!?=", "=?utf-8?B?!!?="],
  ["São.mov", "Sa\u0303o.mov"],
  ["100%.mp4", "100%.mp4"],
];

for (const [meant, sent, inForm = sent] of NAMES) {
  Deno.test(`${inForm} is ${meant} by every way in`, async () => {
    const form = await post(
      `--X\r\nContent-Disposition: form-data; name="file"; filename="${inForm}"\r\n\r\n`,
      `${crypto.randomUUID()}\r\n--X--\r\n`,
    );
    const put = await client.fetch(`/api/v1/ingest/${encodeURIComponent(sent)}`, {
      method: "PUT",
      body: "a",
    });
    const names = await Promise.all([form, put, await upload(sent)].map(nameOf));
    assert.deepEqual(names, [meant, meant, meant]);
  });
}

Deno.test("text that is not UTF-8 is refused, never stored with replacement characters", async () => {
  const head = (name: string) => `--X\r\nContent-Disposition: form-data; name="${name}"`;
  const file = `${head("file")}; filename="m.txt"\r\n\r\nx\r\n--X--\r\n`;
  const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const cases = [
    [latin1(`${head("title")}\r\n\r\nA\xe7\xe3o\r\n`), file],
    [latin1(`${head("t\xedtulo")}\r\n\r\nx\r\n`), file],
    [latin1(`${head("file")}; filename="A\xe7\xe3o.mp4"\r\n\r\nx\r\n--X--\r\n`)],
    [file.replace("--X--\r\n", ""), latin1(`${head("title")}\r\n\r\nA\xe7\xe3o\r\n--X--\r\n`)],
  ];
  for (const parts of cases) {
    const { reason, detail } = await refused(await post(...parts), 400);
    assert.equal(reason, "form.not_utf8", detail);
  }
  for (const path of ["/api/v1/ingest/A%E7%E3o.mp4", "/api/v1/ingest/a.mp4?title=A%E7"]) {
    const { detail } = await refused(await client.fetch(path, { method: "PUT", body: "x" }), 400);
    assert.match(detail, /not UTF-8: %E7/);
  }
});

Deno.test("other parts of a form are passed over and told of; a second file is refused", async () => {
  const file = (name: string, filename: string, content: string) =>
    `--X\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\n` +
    `Content-Type: application/octet-stream\r\n\r\n${content}\r\n`;
  const json =
    '--X\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n{}\r\n';
  const own = file("file", "m.txt", "hi");
  for (const other of [file("poster", "", ""), file("file", "", ""), json]) {
    for (const parts of [[other, own], [own, other]]) {
      assert.equal((await told(await post(...parts, "--X--\r\n"))).message.split(";")[0], "File received");
    }
  }
  const extra = await told(await post(own, file("sidecar", "s.xml", "<x/>"), "--X--\r\n"));
  assert.match(extra.message, /the file sidecar was left out/);
  for (const second of [file("file", "n.txt", "ho"), file("sidecar", "s.xml", "x".repeat(70_000))]) {
    const { reason } = await refused(await post(own, second, "--X--\r\n"), 422);
    assert.equal(reason, "form.too_many_files");
  }
});

Deno.test("a raw body that is a form or compressed is refused", async () => {
  const put = (headers: Record<string, string>, body: BodyInit = "a=1") =>
    client.fetch("/api/v1/ingest/x.mp4", { method: "PUT", body, headers });
  for (
    const type of ["multipart/form-data; boundary=X", "application/x-www-form-urlencoded", "Multipart/Mixed"]
  ) {
    assert.equal((await refused(await put({ "Content-Type": type }), 415)).reason, "raw.is_form");
  }
  const gzip = { "Content-Encoding": "gzip" };
  assert.equal((await refused(await put(gzip), 415)).reason, "request.encoded_body");
  const json = { method: "POST", headers: { "Content-Type": "application/json", ...gzip }, body: "{}" };
  assert.equal(
    (await refused(await client.fetch("/api/v1/assets", json), 415)).reason,
    "request.encoded_body",
  );
  assert.equal(
    (await refused(await client.fetch("/api/v1/ingest", { ...json, headers: { ...FORM, ...gzip } }), 415))
      .reason,
    "request.encoded_body",
  );
  const plain = await put({ "Content-Encoding": "identity", "Content-Type": "VIDEO/MP4" });
  assert.equal(plain.status, 201, await plain.text());
});

function post(...parts: (string | Uint8Array<ArrayBuffer>)[]): Promise<Response> {
  return client.fetch("/api/v1/ingest", { method: "POST", headers: FORM, body: new Blob(parts) });
}

async function upload(filename: string): Promise<Response> {
  const headers = { ...TUS, "Upload-Length": "1", "Upload-Metadata": `filename ${base64(filename)}` };
  const made = await client.fetch("/api/v1/uploads", { method: "POST", headers });
  assert.equal(made.status, 201, await made.text());
  return client.fetch(made.headers.get("Location")!, {
    method: "PATCH",
    headers: { ...TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream" },
    body: "b",
  });
}

async function told(response: Response): Promise<{ asset_id: string; message: string }> {
  assert.equal(response.status, 201, await response.clone().text());
  return await response.json();
}

async function nameOf(response: Response): Promise<string | null> {
  const id = response.headers.get("Akashi-Asset-Id") ?? (await told(response)).asset_id;
  await response.body?.cancel().catch(() => {});
  return (await client.json("GET", `/api/v1/assets/${id}`)).original_filename;
}

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}
