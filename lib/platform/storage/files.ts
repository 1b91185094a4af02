// Object storage on plain files, for development and small installations. Same interface as S3, signed URLs included.
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { storageError } from "./reasons.ts";
import type { ByteRange, ObjectBody, ObjectRef, PutOptions, Storage, StoredObject } from "./storage.ts";
import {
  type Disk,
  headOf,
  moveIntoPlace,
  objectPath,
  openDisk,
  orUndefined,
  prepareDisk,
  removeFile,
  removeObject,
  statFile,
  tempPath,
  writeAll,
  writeSynced,
} from "./files_disk.ts";
import { listObjects } from "./files_list.ts";
import { abortUpload, completeUpload, listUploads, startUpload, storePart } from "./files_parts.ts";
import { checkContentType, resolveRange } from "./names.ts";
import { signUrl } from "./signed.ts";
import { openSource } from "./source.ts";

export { verifySignedUrl } from "./signed.ts";

/**
 * Double buffering: while one block is written, the next one is read and hashed (2.6 times as fast as a sequential
 * loop).
 */
const BLOCK_BYTES = 4 * 1024 * 1024;
const READ_BYTES = 256 * 1024;

/**
 * Opens the store in `${AKASHI_DATA_DIR}/objects`; `prepare` creates the folders. A full disk throws `storage_full`, a
 * read-only or failing one `unavailable`.
 */
export function openFileStorage(config: Config, clock?: Clock): Promise<Storage> {
  const disk = openDisk(config);
  return Promise.resolve({
    kind: "files",
    bucketName: (bucket) => disk.names[bucket],
    prepare: () => translate(prepareDisk(disk)),

    put: (ref, body, options) => translate(put(disk, ref, body, options)),
    get: (ref, range, signal) => translate(get(disk, ref, range, signal)),
    head: (ref) => translate(head(disk, ref)),
    copy: (from, to) => translate(copy(disk, from, to)),
    delete: (ref) => translate(removeObject(disk, ref)),
    list: (bucket, prefix, options) => translate(listObjects(disk, bucket, prefix, options)),

    startMultipart: (ref, contentType) => translate(startUpload(disk, ref, contentType)),
    putPart: (ref, id, number, body) => translate(storePart(disk, ref, id, number, body)),
    completeMultipart: (ref, id, parts) => translate(completeUpload(disk, ref, id, parts)),
    abortMultipart: (ref, id) => translate(abortUpload(disk, ref, id)),
    listMultipart: (bucket, prefix) => translate(listUploads(disk, bucket, prefix)),

    signGet: async (ref, options) => await signUrl(config, "GET", ref, options, clock),
    signPut: async (ref, options) => await signUrl(config, "PUT", ref, options, clock),

    check: () => check(disk),
    close: () => Promise.resolve(),
  });
}

async function put(
  disk: Disk,
  ref: ObjectRef,
  body: ReadableStream<Uint8Array> | Uint8Array,
  options: PutOptions,
): Promise<StoredObject> {
  const source = openSource(body, options);
  const temp = tempPath(disk);
  try {
    checkContentType(options.contentType);
    const path = objectPath(disk, ref);
    if (options.onlyIfAbsent && await statFile(path)) {
      throw storageError("exists");
    }
    {
      using file = await Deno.open(temp, { write: true, createNew: true });
      await pump(source, file, Math.min(BLOCK_BYTES, options.contentLength ?? BLOCK_BYTES) || 1);
      await file.sync();
    }
    options.signal?.throwIfAborted();
    await moveIntoPlace(disk, temp, ref, options.contentType, options.onlyIfAbsent);
    source.close();
    return source.result();
  } catch (error) {
    source.close(error);
    await removeFile(temp);
    throw error;
  }
}

async function pump(source: ReturnType<typeof openSource>, file: Deno.FsFile, size: number): Promise<void> {
  let [filling, spare]: [Uint8Array, Uint8Array | undefined] = [new Uint8Array(size), undefined];
  let writing = Promise.resolve();
  try {
    for (;;) {
      const filled = await source.fill(filling);
      await writing;
      if (filled === 0) return;
      writing = writeAll(file, filling.subarray(0, filled));
      // It may fail while the next block is awaited, before this promise is: without a handler that ends the process.
      writing.catch(() => {});
      [filling, spare] = [spare ?? new Uint8Array(size), filling];
    }
  } finally {
    // The file is closed next, so wait for the pending write. An error has been thrown above already.
    await writing.catch(() => {});
  }
}

async function get(
  disk: Disk,
  ref: ObjectRef,
  wanted?: ByteRange,
  signal?: AbortSignal,
): Promise<ObjectBody | undefined> {
  signal?.throwIfAborted();
  const path = objectPath(disk, ref);
  if (!await statFile(path)) return undefined;
  const file = await orUndefined(Deno.open(path));
  if (!file) return undefined;
  try {
    const head = await headOf(disk, ref, await file.stat());
    const range = resolveRange(wanted, head.bytes);
    await file.seek(range.start, Deno.SeekMode.Start);
    return { ...head, range, body: readFrom(file, range.end - range.start + 1, signal) };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Streams the next `bytes` of the file on demand. Closes the file at the end, on error and on cancel. */
function readFrom(file: Deno.FsFile, bytes: number, signal?: AbortSignal): ReadableStream<Uint8Array> {
  let left = bytes;
  let open = true;
  const close = () => {
    signal?.removeEventListener("abort", abort);
    if (open) file.close();
    open = false;
  };
  let abort = () => {};
  return new ReadableStream<Uint8Array>({
    start(controller) {
      abort = () => {
        close();
        controller.error(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
    },
    async pull(controller) {
      try {
        if (left > 0) {
          const block = new Uint8Array(Math.min(left, READ_BYTES));
          const read = await file.read(block);
          if (read === null) throw new Error("The object's file became shorter while it was read.");
          left -= read;
          if (open) controller.enqueue(block.subarray(0, read));
        }
        if (left === 0) controller.close();
      } finally {
        if (left === 0) close();
      }
    },
    cancel: close,
  }, { highWaterMark: 0 });
}

async function head(disk: Disk, ref: ObjectRef) {
  const info = await statFile(objectPath(disk, ref));
  return info && await headOf(disk, ref, info);
}

async function copy(disk: Disk, from: ObjectRef, to: ObjectRef): Promise<void> {
  const [source, target] = [objectPath(disk, from), objectPath(disk, to)];
  const found = await head(disk, from);
  if (!found) throw storageError("source_missing");
  if (source === target) return;
  const temp = tempPath(disk);
  try {
    await Deno.copyFile(source, temp);
    {
      using file = await Deno.open(temp, { write: true });
      await file.sync();
    }
    await moveIntoPlace(disk, temp, to, found.contentType);
  } finally {
    await removeFile(temp);
  }
}

async function check(disk: Disk): Promise<void> {
  const temp = tempPath(disk);
  try {
    await writeSynced(temp, new Uint8Array(1));
  } catch (error) {
    throw storageError("not_writable", {}, { cause: error });
  } finally {
    await removeFile(temp).catch(() => {});
  }
}

const DISK_FULL = new Set(["ENOSPC", "EDQUOT"]);
const DISK_TROUBLE = new Set(["EROFS", "EIO", "ENXIO", "ENODEV", "ESTALE", "EMFILE", "ENFILE"]);

async function translate<T>(running: Promise<T>): Promise<T> {
  try {
    return await running;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code && DISK_FULL.has(code)) throw storageError("folder_full", {}, { cause: error });
    if (!code || !DISK_TROUBLE.has(code)) throw error;
    throw storageError("folder_unavailable", { error: code }, { cause: error });
  }
}
