// Folder layout of the file store, and the atomic rename that turns a finished file into an object.
//   <root>/<bucket>/<key>        the bytes, a plain file        <root>/.temp/        files being written
//   <root>/.types/<bucket>/<key> its content type               <root>/.multipart/   uploads in parts
// Bucket names cannot begin with a dot, so the hidden folders are not reachable by any key.
import { dirname } from "node:path";
import type { Config } from "../config.ts";
import { storageError } from "./reasons.ts";
import type { BucketName, ObjectHead, ObjectRef } from "./storage.ts";
import { checkKey } from "./names.ts";
import { bucketNames } from "./signed.ts";

export const DEFAULT_TYPE = "application/octet-stream";
/** Files left half-written by a killed process are removed after a day. */
const ABANDONED_MS = 24 * 3600 * 1000;

export interface Disk {
  root: string;
  names: Record<BucketName, string>;
}

/** The location of the file store and the names of its buckets. */
export function openDisk(config: Config): Disk {
  return { root: `${config.AKASHI_DATA_DIR}/objects`, names: bucketNames(config) };
}

/** Creates the folders and removes half-written files of earlier processes. */
export async function prepareDisk(disk: Disk): Promise<void> {
  const folders = [...Object.values(disk.names), ".temp", ".types", ".multipart"];
  for (const name of folders) await Deno.mkdir(`${disk.root}/${name}`, { recursive: true });
  for await (const path of abandoned(`${disk.root}/.temp`)) await removeFile(path);
  for await (const folder of abandoned(`${disk.root}/.multipart`)) {
    // Without both files, the process was killed while it began or completed the upload.
    const whole = await statFile(`${folder}/data`) && await statFile(`${folder}/upload.json`);
    if (!whole) await orUndefined(Deno.remove(folder, { recursive: true }));
  }
}

async function* abandoned(folder: string): AsyncGenerator<string> {
  const before = Date.now() - ABANDONED_MS;
  for await (const { name } of Deno.readDir(folder)) {
    const info = await orUndefined(Deno.stat(`${folder}/${name}`));
    if (info?.mtime && info.mtime.getTime() < before) yield `${folder}/${name}`;
  }
}

/** The file of an object. Throws `invalid` for a bad key. */
export function objectPath(disk: Disk, ref: ObjectRef): string {
  checkKey(ref);
  return `${disk.root}/${disk.names[ref.bucket]}/${ref.key}`;
}

/** A path for a new file on the same file system, so that it can be renamed into place. */
export function tempPath(disk: Disk): string {
  return `${disk.root}/.temp/${crypto.randomUUID()}`;
}

/**
 * Publishes the finished and synced file `temp` as the object, atomically and durably. Throws `conflict` when the
 * object exists and `onlyIfAbsent` is set, or when a file is in the way of the key's folder.
 */
export async function moveIntoPlace(
  disk: Disk,
  temp: string,
  ref: ObjectRef,
  contentType: string,
  onlyIfAbsent = false,
): Promise<void> {
  if (onlyIfAbsent) {
    // Unlike rename, a hard link never replaces. The type is written after it, so that a lost race does not change the
    // winner's type.
    await moveInto(objectPath(disk, ref), (target) => Deno.link(temp, target));
    await Deno.remove(temp);
    await writeType(disk, ref, contentType);
  } else {
    await writeType(disk, ref, contentType);
    await moveInto(objectPath(disk, ref), (target) => Deno.rename(temp, target));
  }
}

async function writeType(disk: Disk, ref: ObjectRef, contentType: string): Promise<void> {
  const temp = tempPath(disk);
  try {
    await writeSynced(temp, new TextEncoder().encode(contentType));
    await moveInto(typePath(disk, ref), (target) => Deno.rename(temp, target));
  } finally {
    await removeFile(temp);
  }
}

/** Writes a small file and syncs it to disk. */
export async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  await writeAll(file, bytes);
  await file.syncData();
}

/** Writes all bytes at the current position. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}

/** Runs `move` into a folder that a concurrent delete may remove at any moment, then syncs the folder. */
async function moveInto(target: string, move: (target: string) => Promise<void>): Promise<void> {
  const folder = dirname(target);
  for (let attempt = 1;; attempt++) {
    try {
      await makeFolder(folder);
      await move(target);
      return await syncFolder(folder);
    } catch (error) {
      if (isNameTaken(error)) {
        throw storageError("path_taken", {}, { cause: error });
      }
      if (!(error instanceof Deno.errors.NotFound) || attempt === 5) throw error;
    }
  }
}

function isNameTaken(error: unknown): boolean {
  return error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.IsADirectory ||
    error instanceof Deno.errors.NotADirectory || (error as { code?: string }).code === "ENOTEMPTY";
}

/** Like `mkdir -p`, and syncs the new entries so that they survive a power failure. */
async function makeFolder(folder: string): Promise<void> {
  try {
    if ((await Deno.stat(folder)).isDirectory) return;
    throw new Deno.errors.NotADirectory(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await makeFolder(dirname(folder));
  try {
    await Deno.mkdir(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  await syncFolder(dirname(folder));
}

async function syncFolder(folder: string): Promise<void> {
  using handle = await Deno.open(folder);
  await handle.sync();
}

function typePath(disk: Disk, ref: ObjectRef): string {
  return `${disk.root}/.types/${disk.names[ref.bucket]}/${ref.key}`;
}

/** The object's metadata. The etag changes with every replacement, because each one is a new file (inode). */
export async function headOf(disk: Disk, ref: ObjectRef, info: Deno.FileInfo): Promise<ObjectHead> {
  const modifiedAt = info.mtime ?? new Date(0);
  const tag = [info.ino ?? 0, info.size, modifiedAt.getTime()].map((part) => part.toString(36)).join("-");
  return { bytes: info.size, contentType: await readType(disk, ref), etag: `"${tag}"`, modifiedAt };
}

async function readType(disk: Disk, ref: ObjectRef): Promise<string> {
  return await orUndefined(Deno.readTextFile(typePath(disk, ref))) || DEFAULT_TYPE;
}

/** Removes the object, its type, and the folders left empty. */
export async function removeObject(disk: Disk, ref: ObjectRef): Promise<void> {
  for (const path of [objectPath(disk, ref), typePath(disk, ref)]) {
    if (!await statFile(path)) continue;
    await removeFile(path);
    await pruneFolders(dirname(path), ref.key.split("/").length - 1);
  }
}

async function pruneFolders(folder: string, levels: number): Promise<void> {
  try {
    for (let level = 0; level < levels; level++, folder = dirname(folder)) await Deno.remove(folder);
  } catch {
    // Not empty, or removed concurrently.
  }
}

/** The file's metadata; undefined when there is none, or the path is not a regular file. */
export async function statFile(path: string): Promise<Deno.FileInfo | undefined> {
  const info = await orUndefined(Deno.stat(path));
  return info?.isFile ? info : undefined;
}

/** Deletes a file; a missing one is ignored. */
export async function removeFile(path: string): Promise<void> {
  await orUndefined(Deno.remove(path));
}

/** Undefined instead of an error when the path does not exist. */
export async function orUndefined<T>(running: Promise<T>): Promise<T | undefined> {
  try {
    return await running;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
