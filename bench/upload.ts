// One large file by each of the three ways in: speed against reading and hashing the same bytes alone, and what it takes
// of the server's memory. AKASHI_BENCH_UPLOAD_MB makes it smaller than 2048.
import { createHash } from "node:crypto";
import { openInstallation, type RunningServer, signIn, startServerProcess } from "./installation.ts";
import { forgetPeak, peakMegabytes, residentMegabytes } from "./memory.ts";
import { type Row, timed } from "./rows.ts";
import { type Answer, openSender, type Outgoing, repeat, type Sender } from "./sender.ts";

const MIB = 2 ** 20;
const BUFFER_BYTES = 4 * MIB;
const WARM_UP_BYTES = 32 * MIB;
/** Issue 3: growth below 64 MB at any size. */
const MEMORY_LIMIT_MB = 64;
/** What the browser's upload tray sends at once when the line is quick. */
const TUS_BYTES = 32 * MIB;
const BOUNDARY = "akashi-bench-boundary";

/** Sends `length` bytes of the source in one way and answers the asset's id. */
type Way = (sender: Sender, source: Uint8Array, length: number, token: string) => Promise<string>;

const WAYS: Record<string, Way> = { "multipart form": byForm, "raw PUT": byPut, "tus PATCH": byTus };

export async function measureUpload(): Promise<Row[]> {
  const length = Math.ceil(Number(Deno.env.get("AKASHI_BENCH_UPLOAD_MB") ?? 2048)) * MIB;
  const source = randomBytes(BUFFER_BYTES);
  const { sha256, ms } = await readAndHash(source, length);
  const alone = { what: "reading and hashing", value: speed(length, ms) };
  const rows: Row[] = [];
  for (const [name, way] of Object.entries(WAYS)) {
    const { taken, growth } = await measureWay(way, source, length, sha256);
    rows.push({
      measure: `upload ${Math.round(length / 1e6)} MB, ${name}`,
      value: speed(length, taken),
      unit: "MB/s",
      against: alone,
    });
    if (growth === undefined) continue;
    const against = { what: "limit", value: MEMORY_LIMIT_MB };
    rows.push({ measure: "  growth of the server's memory", value: growth, unit: "MB", against });
  }
  return rows;
}

/** A fresh server for each way, so that none profits from what another one left behind. */
async function measureWay(way: Way, source: Uint8Array, length: number, sha256: string) {
  const installation = await openInstallation();
  let server: RunningServer | undefined;
  try {
    server = await startServerProcess(installation);
    const token = await signIn(server);
    await withSender(server, (sender) => way(sender, source, WARM_UP_BYTES, token));
    const before = await residentMegabytes(server.pid);
    await forgetPeak(server.pid);
    let id = "";
    const taken = await timed(async () => {
      id = await withSender(server!, (sender) => way(sender, source, length, token));
    });
    const peak = await peakMegabytes(server.pid);
    await expectChecksum(server, token, id, sha256);
    return { taken, growth: before !== undefined && peak !== undefined ? peak - before : undefined };
  } finally {
    await server?.stop();
    await installation.close();
  }
}

async function byForm(sender: Sender, source: Uint8Array, length: number, token: string): Promise<string> {
  const head = new TextEncoder().encode(
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n` +
      "Content-Type: application/octet-stream\r\n\r\n",
  );
  const tail = new TextEncoder().encode(`\r\n--${BOUNDARY}--\r\n`);
  const answer = await send(sender, token, {
    method: "POST",
    path: "/api/v1/ingest",
    headers: { "Content-Type": `multipart/form-data; boundary=${BOUNDARY}` },
    pieces: [head, ...repeat(source, length), tail],
    length: head.length + length + tail.length,
  }, 201);
  return JSON.parse(answer.body).asset_id;
}

async function byPut(sender: Sender, source: Uint8Array, length: number, token: string): Promise<string> {
  const answer = await send(sender, token, {
    method: "PUT",
    path: "/api/v1/ingest/large.bin",
    headers: { "Content-Type": "application/octet-stream" },
    pieces: repeat(source, length),
    length,
  }, 201);
  return JSON.parse(answer.body).asset_id;
}

async function byTus(sender: Sender, source: Uint8Array, length: number, token: string): Promise<string> {
  const version = { "Tus-Resumable": "1.0.0" };
  const made = await send(sender, token, {
    method: "POST",
    path: "/api/v1/uploads",
    headers: {
      ...version,
      "Upload-Length": String(length),
      "Upload-Metadata": `filename ${btoa("large.bin")}`,
    },
    pieces: [],
    length: 0,
  }, 201);
  for (let offset = 0; offset < length;) {
    const bytes = Math.min(TUS_BYTES, length - offset);
    const answer = await send(sender, token, {
      method: "PATCH",
      path: made.headers.get("Location")!,
      headers: {
        ...version,
        "Upload-Offset": String(offset),
        "Content-Type": "application/offset+octet-stream",
      },
      pieces: repeat(source, bytes),
      length: bytes,
    }, 204);
    offset += bytes;
    if (offset === length) return answer.headers.get("Akashi-Asset-Id")!;
  }
  throw new Error("There is nothing to send.");
}

async function send(
  sender: Sender,
  token: string,
  request: Outgoing,
  status: number,
): Promise<Answer> {
  const headers = { Authorization: `Bearer ${token}`, ...request.headers };
  const answer = await sender.send({ ...request, headers });
  if (answer.status !== status) {
    throw new Error(`${request.method} ${request.path}: ${answer.status} ${answer.body}`);
  }
  return answer;
}

async function withSender<T>(server: RunningServer, work: (sender: Sender) => Promise<T>): Promise<T> {
  const sender = await openSender(server.url);
  try {
    return await work(sender);
  } finally {
    sender.close();
  }
}

async function expectChecksum({ url }: RunningServer, token: string, id: string, sha256: string) {
  const response = await fetch(`${url}/api/v1/assets/${id}`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  const asset = await response.json();
  if (asset.checksum_sha256 !== sha256) {
    throw new Error(`What arrived is not what was sent: ${JSON.stringify(asset)}`);
  }
}

async function readAndHash(source: Uint8Array, length: number): Promise<{ sha256: string; ms: number }> {
  const path = await Deno.makeTempFile({ prefix: "akashi-bench-" });
  try {
    await Deno.writeFile(path, ReadableStream.from(repeat(source, length)));
    const hash = createHash("sha256");
    const ms = await timed(async () => {
      using file = await Deno.open(path);
      const buffer = new Uint8Array(BUFFER_BYTES);
      for (let read; (read = await file.read(buffer)) !== null;) hash.update(buffer.subarray(0, read));
    });
    return { sha256: hash.digest("hex"), ms };
  } finally {
    await Deno.remove(path);
  }
}

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

function speed(bytes: number, ms: number): number {
  return bytes / 1e6 / (ms / 1000);
}
