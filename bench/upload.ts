// One large file by each of the three upload ways: speed against only reading and hashing the same bytes, and memory of
// the server. AKASHI_BENCH_UPLOAD_MB overrides the size of 2048.
import { createHash } from "node:crypto";
import { openInstallation, type RunningServer, signIn, startServerProcess } from "./installation.ts";
import { peakMegabytes, resetPeak, residentMegabytes } from "./memory.ts";
import { type Row, timed } from "./rows.ts";
import { openSender, repeat, type Sender } from "./sender.ts";
import { byForm, byPut, byTus, type Way } from "./upload_ways.ts";

const MIB = 2 ** 20;
const BUFFER_BYTES = 4 * MIB;
/** Memory that a large upload may take beyond the server's idle memory. */
const MEMORY_LIMIT_MB = 64;

/** Each way and its share of the full size: the slowest gets one half, because it takes more than a minute. */
const WAYS: { name: string; way: Way; share: number }[] = [
  { name: "multipart form", way: byForm, share: 1 },
  { name: "raw PUT", way: byPut, share: 1 },
  { name: "tus PATCH", way: byTus, share: 0.5 },
];

/** Speed and memory of large uploads, each way. */
export async function measureUpload(): Promise<Row[]> {
  const whole = Math.ceil(Number(Deno.env.get("AKASHI_BENCH_UPLOAD_MB") ?? 2048));
  const source = randomBytes(BUFFER_BYTES);
  const rows: Row[] = [];
  for (const { name, way, share } of WAYS) {
    const length = Math.ceil(whole * share) * MIB;
    const { sha256, ms } = await readAndHash(source, length);
    const { taken, memory } = await measureWay(way, source, length, sha256);
    const alone = { what: "only reading and hashing", value: speed(length, ms) };
    rows.push({
      measure: `upload ${Math.round(length / 1e6)} MB, ${name}`,
      value: speed(length, taken),
      unit: "MB/s",
      against: alone,
    });
    if (memory) rows.push(...memoryRows(memory));
  }
  return rows;
}

interface MemoryUse {
  /** Resident megabytes before any upload, and the peak during it. */
  idle: number;
  peak: number;
}

function memoryRows({ idle, peak }: MemoryUse): Row[] {
  return [
    { measure: "  server's memory, peak", value: peak, unit: "MB", against: { what: "idle", value: idle } },
    {
      measure: "  added by the upload",
      value: peak - idle,
      unit: "MB",
      against: { what: "limit", value: MEMORY_LIMIT_MB },
    },
  ];
}

/** A fresh server for each way, so that none benefits from the previous one. */
async function measureWay(way: Way, source: Uint8Array, length: number, sha256: string) {
  const installation = await openInstallation();
  let server: RunningServer | undefined;
  try {
    server = await startServerProcess(installation);
    const token = await signIn(server);
    const idle = await residentMegabytes(server.pid);
    await resetPeak(server.pid);
    let id = "";
    const taken = await timed(async () => {
      id = await withSender(server!, (sender) => way(sender, source, length, token));
    });
    const peak = await peakMegabytes(server.pid);
    await expectChecksum(server, token, id, sha256);
    return { taken, memory: idle && peak ? { idle, peak } : undefined };
  } finally {
    await server?.stop();
    await installation.close();
  }
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
    throw new Error(`The stored file differs from the one sent: ${JSON.stringify(asset)}`);
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

/** Bytes that match no file type. */
function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

function speed(bytes: number, ms: number): number {
  return bytes / 1e6 / (ms / 1000);
}
