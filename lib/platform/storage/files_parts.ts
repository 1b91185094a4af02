// Multipart uploads of the file store. Parts that arrive in order are appended to one file, so that completing the
// upload is a rename; a part out of order is kept in its own file until then.
//   <root>/.multipart/<upload>/ holds upload.json, data and, per part, <number>.json (size, hash, offset) and, when it
//   arrived out of order, <number>.part
import { hasReason } from "../errors.ts";
import { storageError } from "./reasons.ts";
import {
  type BucketName,
  MIN_PART_BYTES,
  type ObjectRef,
  type OpenMultipart,
  type UploadedPart,
} from "./storage.ts";
import {
  type Disk,
  moveIntoPlace,
  objectPath,
  orUndefined,
  removeFile,
  statFile,
  tempPath,
  writeAll,
  writeSynced,
} from "./files_disk.ts";
import { checkContentType, checkKey } from "./names.ts";

const MAX_PARTS = 10_000;
const MAX_LISTED = 10_000;
const COPY_BYTES = 4 * 1024 * 1024;

interface Upload {
  ref: ObjectRef;
  contentType: string;
  startedAt: string;
}

/** Offset of the part in `data`; null when it has its own file. */
interface PartRecord extends UploadedPart {
  offset: number | null;
}

/** Begins a multipart upload and returns its id. */
export async function startUpload(disk: Disk, ref: ObjectRef, contentType: string): Promise<string> {
  checkKey(ref);
  checkContentType(contentType);
  const id = crypto.randomUUID();
  const folder = folderOf(disk, id);
  await Deno.mkdir(folder);
  await writeSynced(`${folder}/data`, new Uint8Array());
  await writeJson(`${folder}/upload.json`, { ref, contentType, startedAt: new Date().toISOString() });
  return id;
}

/** Stores one part durably. Idempotent for the same bytes. */
export async function storePart(
  disk: Disk,
  ref: ObjectRef,
  id: string,
  number: number,
  body: Uint8Array,
): Promise<UploadedPart> {
  if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
    throw storageError("invalid_part_number", { most: MAX_PARTS });
  }
  const hashing = hashOf(body);
  return await withUpload(disk, ref, id, async (folder, data) => {
    const part = { number, bytes: body.length, etag: `"${await hashing}"` };
    const known = await readRecord(folder, number);
    if (known?.etag === part.etag) return part;
    const offset = known ? null : await nextOffset(folder, number);
    if (offset === null) {
      await writeSynced(`${folder}/${number}.part`, body);
    } else {
      await data.seek(offset, Deno.SeekMode.Start);
      await writeAll(data, body);
      await data.syncData();
    }
    await writeJson(`${folder}/${number}.json`, { ...part, offset });
    return part;
  });
}

/** Hashes on a worker thread while the disk writes the same bytes; the part is in memory as a whole anyway. */
async function hashOf(body: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", body as Uint8Array<ArrayBuffer>)).toHex();
}

/** The offset of the part when it continues `data`, otherwise null. */
async function nextOffset(folder: string, number: number): Promise<number | null> {
  if (number === 1) return 0;
  const previous = await readRecord(folder, number - 1);
  return previous?.offset === undefined || previous.offset === null ? null : previous.offset + previous.bytes;
}

/**
 * Publishes the parts as one object, atomically. Throws `invalid` for parts that are missing, too small or differ from
 * what was stored, `not_found` for an aborted upload. Idempotent, because a client that lost the response has to retry.
 */
export async function completeUpload(
  disk: Disk,
  ref: ObjectRef,
  id: string,
  parts: UploadedPart[],
): Promise<void> {
  try {
    await complete(disk, ref, id, parts);
  } catch (error) {
    if (!hasReason(error, storageError, "upload_missing")) throw error;
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    if ((await statFile(objectPath(disk, ref)))?.size !== bytes) throw error;
  }
}

async function complete(disk: Disk, ref: ObjectRef, id: string, parts: UploadedPart[]): Promise<void> {
  await withUpload(disk, ref, id, async (folder, data, upload) => {
    const records = await checkedRecords(folder, parts);
    let bytes = 0;
    let inPlace = 0;
    while (records[inPlace]?.offset === bytes) bytes += records[inPlace++]!.bytes;
    const rest = records.slice(inPlace);
    if (rest.every((record) => record.offset === null)) {
      await data.truncate(bytes);
      await data.seek(bytes, Deno.SeekMode.Start);
      await append(data, folder, rest);
      await moveIntoPlace(disk, `${folder}/data`, ref, upload.contentType);
    } else {
      await assemble(disk, ref, folder, records, upload.contentType);
    }
    await Deno.remove(folder, { recursive: true });
  });
}

/** Parts were skipped or replaced after they had been appended, so they must be copied into order. */
async function assemble(
  disk: Disk,
  ref: ObjectRef,
  folder: string,
  records: PartRecord[],
  contentType: string,
) {
  const temp = tempPath(disk);
  try {
    using file = await Deno.open(temp, { write: true, createNew: true });
    await append(file, folder, records);
    await moveIntoPlace(disk, temp, ref, contentType);
  } finally {
    await removeFile(temp);
  }
}

async function append(target: Deno.FsFile, folder: string, records: PartRecord[]): Promise<void> {
  const block = new Uint8Array(COPY_BYTES);
  for (const { number, offset, bytes } of records) {
    using from = await Deno.open(`${folder}/${offset === null ? `${number}.part` : "data"}`);
    await from.seek(offset ?? 0, Deno.SeekMode.Start);
    for (let left = bytes; left > 0;) {
      const read = await from.read(block.subarray(0, Math.min(left, block.length)));
      if (read === null) throw storageError("part_incomplete", { number });
      await writeAll(target, block.subarray(0, read));
      left -= read;
    }
  }
  await target.sync();
}

async function checkedRecords(folder: string, parts: UploadedPart[]): Promise<PartRecord[]> {
  if (parts.length === 0) throw storageError("no_parts");
  const sorted = parts.toSorted((a, b) => a.number - b.number);
  const records: PartRecord[] = [];
  for (const [index, { number, etag }] of sorted.entries()) {
    const record = await readRecord(folder, number);
    if (!record || record.etag !== etag || sorted[index + 1]?.number === number) {
      throw storageError("part_differs", { number });
    }
    if (record.bytes < MIN_PART_BYTES && index < sorted.length - 1) {
      throw storageError("part_too_small", { number, least: MIN_PART_BYTES });
    }
    records.push(record);
  }
  return records;
}

/** Discards the parts. Idempotent. */
export async function abortUpload(disk: Disk, ref: ObjectRef, id: string): Promise<void> {
  try {
    await withUpload(disk, ref, id, (folder) => Deno.remove(folder, { recursive: true }));
  } catch (error) {
    if (!hasReason(error, storageError, "upload_missing")) throw error;
  }
}

/** Multipart uploads that were neither completed nor aborted. */
export async function listUploads(disk: Disk, bucket: BucketName, prefix: string): Promise<OpenMultipart[]> {
  const found: OpenMultipart[] = [];
  for await (const entry of Deno.readDir(`${disk.root}/.multipart`)) {
    const upload = await readJson<Upload>(`${disk.root}/.multipart/${entry.name}/upload.json`);
    if (upload?.ref.bucket !== bucket || !upload.ref.key.startsWith(prefix)) continue;
    if (!await statFile(`${disk.root}/.multipart/${entry.name}/data`)) continue;
    found.push({ key: upload.ref.key, uploadId: entry.name, startedAt: new Date(upload.startedAt) });
    if (found.length === MAX_LISTED) break;
  }
  return found;
}

/**
 * Runs `work` under an exclusive lock on the upload, across processes. Throws `not_found` when the upload has ended.
 */
async function withUpload<T>(
  disk: Disk,
  ref: ObjectRef,
  id: string,
  work: (folder: string, data: Deno.FsFile, upload: Upload) => Promise<T>,
): Promise<T> {
  const folder = folderOf(disk, id);
  using data = await orUndefined(Deno.open(`${folder}/data`, { read: true, write: true }));
  await data?.lock(true);
  // The previous lock holder may have completed the upload; then the locked file is an object by now.
  const upload = await readJson<Upload>(`${folder}/upload.json`);
  if (!data || upload?.ref.bucket !== ref.bucket || upload.ref.key !== ref.key) {
    throw storageError("upload_missing");
  }
  return await work(folder, data, upload);
}

function folderOf(disk: Disk, id: string): string {
  if (!/^[0-9a-f-]{36}$/.test(id)) throw storageError("upload_missing");
  return `${disk.root}/.multipart/${id}`;
}

function readRecord(folder: string, number: number): Promise<PartRecord | undefined> {
  return readJson<PartRecord>(`${folder}/${number}.json`);
}

async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await orUndefined(Deno.readTextFile(path));
  return text === undefined ? undefined : JSON.parse(text);
}

/** Replaces the file atomically, so that a killed process leaves no partial file. */
async function writeJson(path: string, value: unknown): Promise<void> {
  await writeSynced(`${path}.new`, new TextEncoder().encode(JSON.stringify(value)));
  await Deno.rename(`${path}.new`, path);
}
