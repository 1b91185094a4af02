// What every store demands of keys and types, so that code which works on one works on all of them.
import { AppError } from "../errors.ts";
import type { ByteRange, ObjectRef } from "./storage.ts";

/** S3 allows keys of 1024 bytes; a segment becomes a file name, and file systems stop at 255 bytes. */
const MAX_KEY_BYTES = 1024;
const MAX_SEGMENT_BYTES = 255;
/** Longest life of a signed URL, as AWS Signature Version 4 has it. */
const MAX_EXPIRES_SECONDS = 7 * 24 * 3600;

const encoder = new TextEncoder();

/** Throws `invalid` unless the key is made of ordinary segments: nothing empty, no `.` or `..`, no control character. */
export function checkKey({ key }: ObjectRef): void {
  // deno-lint-ignore no-control-regex
  const ordinary = key !== "" && key.isWellFormed() && !/[\\\x00-\x1f\x7f]/.test(key) &&
    encoder.encode(key).length <= MAX_KEY_BYTES && key.split("/").every(isOrdinarySegment);
  if (!ordinary) {
    throw new AppError("invalid", "An object key is empty, too long or has forbidden characters.");
  }
}

function isOrdinarySegment(segment: string): boolean {
  return segment !== "" && segment !== "." && segment !== ".." &&
    encoder.encode(segment).length <= MAX_SEGMENT_BYTES;
}

/** False for a prefix that no key can begin with; some servers take offence at it, and files must not follow it. */
export function canBegin(prefix: string): boolean {
  return prefix.isWellFormed() && !/[\\\0]/.test(prefix) &&
    prefix.split("/").slice(0, -1).every(isOrdinarySegment);
}

/** Throws `invalid` unless the text may stand in a `Content-Type` header. */
export function checkContentType(contentType: string): void {
  if (!/^[\x20-\x7e]{1,255}$/.test(contentType)) {
    throw new AppError("invalid", "A content type has forbidden characters or a wrong length.");
  }
}

/** The range within an object of `bytes`, inclusive on both ends. Throws `invalid` when nothing of it is inside. */
export function resolveRange(range: ByteRange | undefined, bytes: number): { start: number; end: number } {
  if (!range) return { start: 0, end: bytes - 1 };
  const { start, end = bytes - 1 } = range;
  const sound = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end >= start &&
    start < bytes;
  if (!sound) throw new AppError("invalid", `The range is outside of the object's ${bytes} bytes.`);
  return { start, end: Math.min(end, bytes - 1) };
}

/** Throws `invalid` unless a signed URL may live that long: a whole number of seconds, at most seven days. */
export function checkExpiry(seconds: number): void {
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_EXPIRES_SECONDS) {
    throw new AppError("invalid", `A signed URL lives 1 to ${MAX_EXPIRES_SECONDS} seconds.`);
  }
}

/** The key as a URL path, each segment percent-encoded as RFC 3986 has it. */
export function encodeKey(key: string): string {
  return key.split("/").map(encodeRfc3986).join("/");
}

/**
 * The `Content-Disposition` that saves under `filename` (RFC 6266 §4.3): a plain ASCII name for old clients beside the
 * exact one in UTF-8. Folders and control characters are taken out.
 */
export function attachment(filename: string): string {
  // deno-lint-ignore no-control-regex
  const name = filename.toWellFormed().replace(/[/\\\x00-\x1f\x7f]/g, "_") || "download";
  const ascii = name.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^\x20-\x7e]|["%]/gu, "_");
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encodeRfc3986(name)}`;
}

function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
