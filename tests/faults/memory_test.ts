// Server and worker under a limit of memory: a large upload streams through it, and a picture of 900 megapixels fails alone.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { startAkashi } from "../support/akashi.ts";
import { CAN_LIMIT_MEMORY, limitMemory } from "../support/memory.ts";
import { until } from "../support/until.ts";

const MIB = 1024 ** 2;
/** What both take at rest, the embedded database included, and what a large upload may add. */
const LIMIT_BYTES = 1_024 * MIB;
const UPLOAD_MIB = 2_048;
const BOMB_SIDE = 30_000;

Deno.test({
  name: "a memory limit of 1 GiB bears an upload of 2 GiB and a decompression bomb",
  ignore: !CAN_LIMIT_MEMORY,
  fn: async () => {
    await using akashi = await startAkashi({ settings: { RATE_LIMIT_PER_MINUTE: "100000" } });
    await using limit = await limitMemory(akashi.child.pid, LIMIT_BYTES);
    const client = await akashi.signIn();
    const response = await client.fetch("/api/v1/ingest/large.bin", {
      method: "PUT",
      body: zeros(UPLOAD_MIB),
    });
    assert.equal(response.status, 201, await response.clone().text());
    await response.body?.cancel();

    const body = new Uint8Array(await bomb());
    const sent = await client.fetch("/api/v1/ingest/bomb.png", { method: "PUT", body });
    const { asset_id } = await sent.json();
    await until("it has failed or is shown", async () => {
      return (await client.json("GET", `/api/v1/assets/${asset_id}`)).status !== "processing";
    }, 60_000);
    assert.equal((await client.json("GET", "/api/v1/assets")).total, 2);
    assert.equal(await limit.kills(), 0);
    assert.doesNotMatch(akashi.child.output(), /unhandled_/);
  },
});

function zeros(mebibytes: number): ReadableStream<Uint8Array> {
  const block = new Uint8Array(MIB);
  let left = mebibytes;
  return new ReadableStream({
    pull: (controller) => left-- > 0 ? controller.enqueue(block.slice()) : controller.close(),
  });
}

/** A black PNG of 1 bit a pixel: a hundred kilobytes that decode to gigabytes. */
async function bomb(): Promise<Buffer> {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(BOMB_SIDE, 0);
  head.writeUInt32BE(BOMB_SIDE, 4);
  head[8] = 1;
  const row = new Uint8Array(1 + Math.ceil(BOMB_SIDE / 8));
  let left = BOMB_SIDE;
  const rows = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => left-- > 0 ? controller.enqueue(row) : controller.close(),
  });
  const data = Buffer.from(
    await new Response(rows.pipeThrough(new CompressionStream("deflate"))).arrayBuffer(),
  );
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
