// Lists objects in the byte order of their full keys, as S3 does.
import { Buffer } from "node:buffer";
import type { BucketName, ListedObject, ListPage } from "./storage.ts";
import { type Disk, orUndefined, statFile } from "./files_disk.ts";
import { canBegin } from "./names.ts";

const MAX_LIMIT = 1000;

/** One page of the objects whose keys begin with `prefix`, after the key `cursor`, in the order of their UTF-8 bytes. */
export async function listObjects(
  disk: Disk,
  bucket: BucketName,
  prefix: string,
  { cursor = "", limit = MAX_LIMIT }: { cursor?: string; limit?: number } = {},
): Promise<ListPage> {
  const wanted = Math.min(Math.max(1, limit), MAX_LIMIT);
  const objects: ListedObject[] = [];
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const root = `${disk.root}/${disk.names[bucket]}/`;
  for await (const key of canBegin(prefix) ? walk(root, folder, prefix, cursor) : []) {
    if (objects.length === wanted) return { objects, nextCursor: objects.at(-1)!.key };
    const info = await statFile(root + key);
    if (info) objects.push({ key, bytes: info.size, modifiedAt: info.mtime ?? new Date(0) });
  }
  return { objects, nextCursor: null };
}

/** Yields the keys below `folder` (`""` or with a trailing slash) that begin with `prefix` and sort after `after`. */
async function* walk(root: string, folder: string, prefix: string, after: string): AsyncGenerator<string> {
  const names = (await orUndefined(readNames(root + folder)) ?? [])
    .map((name) => folder + name)
    .filter((path) => path.startsWith(prefix) || (path.endsWith("/") && prefix.startsWith(path)))
    .sort(compareBytes);
  for (const path of names) {
    if (!path.endsWith("/")) {
      if (compareBytes(path, after) > 0) yield path;
    } else if (after.startsWith(path) || compareBytes(path, after) > 0) {
      yield* walk(root, path, prefix, after);
    }
  }
}

/** Folders get a trailing slash, because that is how their keys sort: `a-b` before `a/b`. */
async function readNames(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    names.push(entry.isDirectory ? `${entry.name}/` : entry.name);
  }
  return names;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
