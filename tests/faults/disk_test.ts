// Full, read-only and failing disks under a whole Akashi on embedded parts, in a process of its own: it answers 507 or 503
// with words, keeps nothing of what it refused, and works again by itself.
import assert from "node:assert/strict";
import { loadConfig } from "../../lib/platform/config.ts";
import { openDatabase } from "../../lib/platform/db/database.ts";
import { startAkashi } from "../support/akashi.ts";
import { copyFolder, embeddedTemplate } from "../support/database_template.ts";
import { CAN_MOUNT, type Disk, makeDisk } from "../support/disks.ts";
import { makeVideo } from "../support/media.ts";
import type { Client } from "../support/server.ts";
import { UNLIMITED } from "../support/stack.ts";
import { until } from "../support/until.ts";

const MIB = 1024 ** 2;
/** Without root there are no disks to mount. */
const ignore = !CAN_MOUNT;

Deno.test({
  name: "a full disk refuses uploads and changes by 507, and all of it works again when there is room",
  ignore,
  fn: async () => {
    await using disks = await makeDisks();
    const { objects, database, work, folder } = disks;
    await using akashi = await startAkashi({ folder, settings: UNLIMITED });
    const client = await akashi.signIn();
    await objects.fill(2 * MIB);
    for (const send of [putSlowly, sendForm]) {
      assert.deepEqual(await refusal(await send(client)), { status: 507, reason: "storage.folder_full" });
    }
    assert.deepEqual([...Deno.readDirSync(`${folder}/objects/.temp`)], [], "nothing of them is kept");
    await objects.free();

    await database.fill();
    assert.deepEqual(await refusal(await createAsset(client)), { status: 507, reason: "database.full" });
    assert.equal((await client.json("GET", "/api/v1/assets")).total, 0, "reading goes on");
    await database.free();
    assert.equal((await createAsset(client)).status, 201);

    await work.fill();
    await makeVideo(`${folder}/a.mp4`, { seconds: 1, size: "320x180" });
    const body = await Deno.readFile(`${folder}/a.mp4`);
    const { asset_id } = await (await client.fetch("/api/v1/ingest/a.mp4", { method: "PUT", body })).json();
    const jobs = () => client.json("GET", `/api/v1/jobs?asset_id=${asset_id}`);
    await until("work fails for want of room", async () => (await jobs()).some((job) => job.error_code));
    assert.deepEqual(new Set((await jobs()).map((job) => job.error_code)), new Set(["unavailable", null]));
    await work.free();
    await until("it is done when there is room", async () => {
      const { status } = await client.json("GET", `/api/v1/assets/${asset_id}`);
      return status === "available";
    }, 60_000);
    assert.equal((await putSlowly(client)).status, 201);
    assert.doesNotMatch(akashi.child.output(), /unhandled_/);
  },
});

Deno.test({
  name: "a read-only or failing disk of objects refuses uploads by 503, and reading by 503 where it fails",
  ignore,
  fn: async () => {
    await using disks = await makeDisks();
    const { objects, folder } = disks;
    await using akashi = await startAkashi({ folder, settings: UNLIMITED });
    const client = await akashi.signIn();
    const kept = await (await putSlowly(client)).json();
    const unavailable = { status: 503, reason: "storage.folder_unavailable" };
    for (const [harm, read] of [["makeReadOnly", 200], ["fail", 503]] as const) {
      await objects[harm]();
      for (const send of [putSlowly, sendForm]) {
        assert.deepEqual(await refusal(await send(client)), unavailable);
      }
      const original = await client.fetch(`/media/assets/${kept.asset_id}/original`);
      assert.equal(original.status, read, harm);
      await original.body?.cancel();
      await objects.mend();
    }
    assert.equal((await putSlowly(client)).status, 201);
    assert.doesNotMatch(akashi.child.output(), /unhandled_/);
  },
});

Deno.test({
  name: "the embedded database restarts after a panic over its disk",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "akashi-test-" });
    const disk = await makeDatabaseDisk(folder);
    const db = await openDatabase(loadConfig({ AKASHI_DATA_DIR: folder }));
    const writeAhead = () => db.asOwner((sql) => sql`select pg_switch_wal(), txid_current()`);
    try {
      await writeAhead();
      await disk.fill();
      await assert.rejects(async () => {
        for (let tries = 0; tries < 20; tries++) await writeAhead();
      }, { code: "unavailable" });
      await disk.free();
      await until("it is back", () => db.check().then(() => true, () => false));
      await writeAhead();
    } finally {
      await db.close();
      await disk.remove();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a full disk behind the log loses lines and nothing else",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using akashi = await startAkashi({ logFile: "/dev/full" });
    assert.equal((await createAsset(await akashi.signIn())).status, 201);
    const metrics = await (await fetch(`${akashi.url}/metrics`)).text();
    assert.match(metrics, /^akashi_log_lines_lost_total [1-9]/m);
  },
});

interface Disks extends AsyncDisposable {
  folder: string;
  objects: Disk;
  database: Disk;
  work: Disk;
}

/** A data folder with objects, database and temporary files on a disk each. */
async function makeDisks(): Promise<Disks> {
  const folder = await Deno.makeTempDir({ prefix: "akashi-test-" });
  const disks = {
    objects: await makeDisk(`${folder}/objects`, 48),
    database: await makeDatabaseDisk(folder),
    work: await makeDisk(`${folder}/work`, 48),
  };
  return {
    ...disks,
    folder,
    async [Symbol.asyncDispose]() {
      for (const disk of Object.values(disks)) await disk.remove();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function makeDatabaseDisk(folder: string): Promise<Disk> {
  const disk = await makeDisk(`${folder}/db`, 96);
  await Deno.remove(`${folder}/db/lost+found`);
  await copyFolder(await embeddedTemplate(), `${folder}/db`);
  return disk;
}

/** 12 MiB at the pace of a network: the disk is faster than the client, and fails while the next bytes are awaited. */
function slowBytes(): ReadableStream<Uint8Array> {
  let left = 24;
  return new ReadableStream({
    async pull(controller) {
      if (left-- === 0) return controller.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.enqueue(new Uint8Array(MIB / 2).fill(left));
    },
  });
}

function putSlowly(client: Client): Promise<Response> {
  return client.fetch("/api/v1/ingest/a.bin", { method: "PUT", body: slowBytes() });
}

async function sendForm(client: Client): Promise<Response> {
  const boundary = "akashi-test-boundary";
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n`;
  const parts = [new Blob([head]).stream(), slowBytes(), new Blob([`\r\n--${boundary}--\r\n`]).stream()];
  const body = ReadableStream.from((async function* () {
    for (const part of parts) yield* part;
  })());
  const headers = { "Content-Type": `multipart/form-data; boundary=${boundary}` };
  return await client.fetch("/api/v1/ingest", { method: "POST", headers, body });
}

function createAsset(client: Client): Promise<Response> {
  const text = crypto.getRandomValues(new Uint8Array(3000)).toHex();
  return client.fetch("/api/v1/assets", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ title: "a", asset_type: "video", description: text }),
  });
}

/** Status and reason of a refused request; it has words, and says when to try again. */
async function refusal(response: Response): Promise<{ status: number; reason: string }> {
  const { detail, reason, title } = await response.json();
  assert.equal(response.headers.get("Content-Type"), "application/problem+json");
  assert.ok(Number(response.headers.get("Retry-After")) > 0);
  assert.ok(detail && title, detail);
  return { status: response.status, reason };
}
