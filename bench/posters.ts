// How long a batch of files waits for its posters, from the drop: 30 films and 15 photographs at once.
import { makeVideo } from "../tests/support/media.ts";
import { runFfmpeg } from "../tests/support/made_media.ts";
import { type Client, openTestServer, type TestServer } from "../tests/support/server.ts";
import type { Row } from "./rows.ts";

const FILMS = 30;
const PHOTOS = 15;
const LIMIT_MS = 300_000;
const POLL_MS = 100;

/** Median and worst wait for a poster of a batch, against the time until all files are playable. */
export async function measurePosters(): Promise<Row[]> {
  const server = await openTestServer({ worker: true });
  try {
    const paths = await makeBatch(server.config.AKASHI_DATA_DIR);
    const client = await server.client();
    const began = performance.now();
    const waits = watchPosters(server, paths.length, began);
    await sendAll(client, paths);
    const sorted = (await waits).toSorted((a, b) => a - b);
    const whole = await untilAllAvailable(server, paths.length, began);
    const against = { what: "all of them playable", value: whole };
    const median = sorted[Math.floor(sorted.length / 2)]!;
    return [
      { measure: `${paths.length} files at once, drop → poster, median`, value: median, unit: "s", against },
      { measure: "  worst", value: sorted.at(-1)!, unit: "s", against },
    ];
  } finally {
    await server.close();
  }
}

/** Files that differ in their bytes, so that each is an asset of its own. */
async function makeBatch(folder: string): Promise<string[]> {
  const film = `${folder}/film.mp4`;
  const photo = `${folder}/photo.jpg`;
  await makeVideo(film, { seconds: 12, size: "1920x1080" });
  await runFfmpeg(["-f", "lavfi", "-i", "testsrc2=size=4000x3000,noise=alls=20", "-frames:v", "1", photo]);
  return [...await copies(film, FILMS), ...await copies(photo, PHOTOS)];
}

function copies(path: string, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, async (_, nth) => {
    const copy = path.replace(".", `-${nth}.`);
    await Deno.copyFile(path, copy);
    // A box that players skip, or bytes behind the end of the picture.
    const mark = new Uint8Array([0, 0, 0, 12, ...new TextEncoder().encode("free"), 0, 0, 0, nth]);
    await Deno.writeFile(copy, mark, { append: true });
    return copy;
  }));
}

/** As the page does: two at a time. */
async function sendAll(client: Client, paths: string[]): Promise<void> {
  const rest = paths.values();
  const send = async () => {
    for (const path of rest) await ingest(client, path);
  };
  await Promise.all([send(), send()]);
}

async function ingest(client: Client, path: string): Promise<void> {
  using file = await Deno.open(path);
  const name = path.slice(path.lastIndexOf("/") + 1);
  const response = await client.fetch(`/api/v1/ingest/${name}`, { method: "PUT", body: file.readable });
  if (response.status !== 201) throw new Error(`Ingest: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}

/** Seconds from `began` until each asset got its first poster. */
async function watchPosters(server: TestServer, count: number, began: number): Promise<number[]> {
  const waits = new Map<string, number>();
  await poll(began, async () => {
    const rows = await server.platform.db.asOwner((sql) =>
      sql<{ asset_id: string }[]>`select asset_id from storage_locations where purpose = 'thumbnail'`
    );
    const now = (performance.now() - began) / 1000;
    for (const { asset_id } of rows) if (!waits.has(asset_id)) waits.set(asset_id, now);
    return waits.size === count;
  });
  return [...waits.values()];
}

async function untilAllAvailable(server: TestServer, count: number, began: number): Promise<number> {
  await poll(began, async () => {
    const [row] = await server.platform.db.asOwner((sql) =>
      sql<{ count: number }[]>`select count(*) from assets where status = 'available'`
    );
    return row!.count === count;
  });
  return (performance.now() - began) / 1000;
}

async function poll(began: number, isDone: () => Promise<boolean>): Promise<void> {
  while (!await isDone()) {
    if (performance.now() - began > LIMIT_MS) throw new Error(`Not within ${LIMIT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
