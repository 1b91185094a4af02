// The keys under which the files of assets are stored.
import type { BucketName, ObjectRef, Storage } from "../../platform/storage/storage.ts";
import type { Purpose } from "./schema.ts";

const BUCKET_OF: Partial<Record<Purpose, BucketName>> = { original: "originals", thumbnail: "thumbnails" };
const BUCKETS: readonly BucketName[] = ["originals", "proxies", "thumbnails"];
/** In UTF-8 bytes. File systems allow 255; prefixes and suffixes need some of them. */
const MOST_NAME_BYTES = 180;
const MOST_TITLE_CHARACTERS = 500;

interface Owner {
  tenantCode: string;
  assetId: string;
  /** When the asset was created, ISO 8601: year and month are part of the key. */
  createdAt: string;
}

/**
 * The key of a file: `{tenant}/{yyyy}/{mm}/{asset_id}/{purpose}/{filename}`. Deterministic, so that a job that runs
 * again overwrites its own output.
 */
export function objectRef(
  { tenantCode, assetId, createdAt }: Owner,
  purpose: Purpose,
  filename: string,
): ObjectRef {
  const [year, month] = createdAt.split("-");
  return {
    bucket: BUCKET_OF[purpose] ?? "proxies",
    key: `${tenantCode}/${year}/${month}/${assetId}/${purpose}/${safeFilename(filename)}`,
  };
}

/** The code of the tenant that owns an object. */
export function tenantCodeOf({ key }: ObjectRef): string {
  return key.split("/")[0]!;
}

/** The logical bucket behind a stored bucket name. Throws when the configuration has no such bucket. */
export function bucketNamed(storage: Storage, name: string): BucketName {
  const found = BUCKETS.find((bucket) => storage.bucketName(bucket) === name);
  if (!found) throw new Error(`No bucket is configured under the name ${name}.`);
  return found;
}

/** A file extension: short and without white space, so that the end of a sentence does not count as one. */
const EXTENSION = /(?<=.)\.[^.\s]{1,15}$/u;

/** A file name that is valid in every file system and URL. The original name is kept in the database. */
export function safeFilename(filename: string): string {
  const clean = cleanFilename(filename);
  const [extension] = EXTENSION.exec(clean) ?? [""];
  const stem = clean.slice(0, clean.length - extension.length);
  return shorten(stem, MOST_NAME_BYTES - encodedLength(extension)) + extension || "file";
}

/** The file name without its extension, cut to the length of a title. Empty when nothing printable remains. */
export function stemOf(filename: string): string {
  // Cut after normalizing, which makes some names longer.
  return [...cleanFilename(filename).replace(EXTENSION, "")].slice(0, MOST_TITLE_CHARACTERS).join("");
}

function cleanFilename(filename: string): string {
  // deno-lint-ignore no-control-regex -- control characters are to be removed
  return filename.normalize("NFC").replaceAll(/[\x00-\x1f\x7f/\\:*?"<>|]+/g, "_").replace(/^\.+/, "").trim();
}

/** Cuts text to at most this many UTF-8 bytes, never inside a surrogate pair. */
function shorten(text: string, bytes: number): string {
  let cut = text;
  while (encodedLength(cut) > bytes) cut = cut.slice(0, -1);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

function encodedLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
