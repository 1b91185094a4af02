// Private folders of runs on the worker's disk, and the download of originals.
import type { AssetForWork } from "../../lib/library/assets/work.ts";
import { runError } from "./reasons.ts";
import { newId } from "../../lib/platform/ids.ts";
import type { Storage } from "../../lib/platform/storage/storage.ts";

/** A download without progress for this long is aborted. */
const STALL_MS = 60_000;

export interface WorkFolder {
  /** Makes the folder of a run, readable by this account alone. */
  make(runId: string): Promise<string>;
  remove(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens the folder in which one worker keeps those of its runs, and removes the folders of workers that died. */
export async function openWorkFolder(dataDir: string): Promise<WorkFolder> {
  const parent = await Deno.realPath(await makeFolder(`${dataDir}/work`));
  await removeStale(parent);
  const root = `${parent}/${newId()}`;
  // The kernel releases the lock however the process ends; a released lock marks the folder as stale.
  const lock = await Deno.open(`${root}.lock`, { create: true, write: true });
  await lock.lock(true);
  await makeFolder(root);
  return {
    make: (runId) => makeFolder(`${root}/${runId}`),
    remove: (path) => Deno.remove(path, { recursive: true }).catch(() => {}),
    close: async () => {
      await Deno.remove(root, { recursive: true }).catch(() => {});
      await Deno.remove(`${root}.lock`).catch(() => {});
      lock.close();
    },
  };
}

async function makeFolder(path: string): Promise<string> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

async function removeStale(parent: string): Promise<void> {
  for await (const { name } of Deno.readDir(parent)) {
    if (!name.endsWith(".lock")) continue;
    const path = `${parent}/${name}`;
    const lock = await Deno.open(path, { write: true }).catch(() => undefined);
    if (await lock?.tryLock(true)) {
      await Deno.remove(path.slice(0, -".lock".length), { recursive: true }).catch(() => {});
      await Deno.remove(path).catch(() => {});
    }
    lock?.close();
  }
}

/** A stored file, as much of it as downloading needs. */
type StoredFile = Pick<AssetForWork["original"], "bucket" | "path" | "filename" | "bytes">;

/** Downloads the original of an asset; see `fetchFile`. */
export function fetchOriginal(
  storage: Storage,
  { original }: AssetForWork,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  return fetchFile(storage, original, folder, signal);
}

/**
 * Downloads a file into `folder` and answers its path. Throws `not_found` when storage has no such object, and
 * `unavailable` when the download stalled or was incomplete.
 */
export async function fetchFile(
  storage: Storage,
  original: StoredFile,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const path = `${folder}/source${/\.[A-Za-z0-9]{1,10}$/.exec(original.filename)?.[0] ?? ""}`;
  const object = await storage.get({ bucket: original.bucket, key: original.path }, undefined, signal);
  if (!object) throw runError("original_missing");
  const file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  const watch = watchGrowth(path);
  try {
    await object.body.pipeTo(file.writable, { signal: AbortSignal.any([signal, watch.stalled]) });
  } finally {
    watch.end();
  }
  const { size } = await Deno.stat(path);
  if (size !== original.bytes) {
    throw runError("original_incomplete", { received: size, bytes: original.bytes });
  }
  return path;
}

/** Aborts `stalled` when the file at `path` has not grown for a while. */
function watchGrowth(path: string): { stalled: AbortSignal; end(): void } {
  const stalling = new AbortController();
  let before = -1;
  const timer = setInterval(() => {
    const { size } = Deno.statSync(path);
    if (size === before) stalling.abort(runError("original_stalled"));
    before = size;
  }, STALL_MS);
  return { stalled: stalling.signal, end: () => clearInterval(timer) };
}
