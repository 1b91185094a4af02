// Validation of keys and types that every store shares, so that code works the same on each of them.
import { storageError } from "./reasons.ts";
import type { ByteRange, ObjectRef } from "./storage.ts";

/** S3 allows keys of 1024 bytes; a segment becomes a file name, limited to 255 bytes by file systems. */
const MAX_KEY_BYTES = 1024;
const MAX_SEGMENT_BYTES = 255;
/** Longest lifetime of a signed URL in AWS Signature Version 4. */
const MAX_EXPIRES_SECONDS = 7 * 24 * 3600;

const encoder = new TextEncoder();

/** Throws `invalid` unless every segment of the key is ordinary: not empty, no `.` or `..`, no control character. */
export function checkKey({ key }: ObjectRef): void {
  // deno-lint-ignore no-control-regex
  const ordinary = key !== "" && key.isWellFormed() && !/[\\\x00-\x1f\x7f]/.test(key) &&
    encoder.encode(key).length <= MAX_KEY_BYTES && key.split("/").every(isOrdinarySegment);
  if (!ordinary) {
    throw storageError("invalid_key");
  }
}

function isOrdinarySegment(segment: string): boolean {
  return segment !== "" && segment !== "." && segment !== ".." &&
    encoder.encode(segment).length <= MAX_SEGMENT_BYTES;
}

/** False for a prefix that no valid key begins with: some servers reject it, and the file store must not follow it. */
export function canBegin(prefix: string): boolean {
  return prefix.isWellFormed() && !/[\\\0]/.test(prefix) &&
    prefix.split("/").slice(0, -1).every(isOrdinarySegment);
}

/** Throws `invalid` unless the text is safe in a `Content-Type` header. */
export function checkContentType(contentType: string): void {
  if (!/^[\x20-\x7e]{1,255}$/.test(contentType)) {
    throw storageError("invalid_content_type");
  }
}

/** Clips the range to an object of `bytes`, inclusive on both ends. Throws `invalid` when it lies outside. */
export function resolveRange(range: ByteRange | undefined, bytes: number): { start: number; end: number } {
  if (!range) return { start: 0, end: bytes - 1 };
  const { start, end = bytes - 1 } = range;
  const sound = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end >= start &&
    start < bytes;
  if (!sound) throw storageError("range_outside", { bytes });
  return { start, end: Math.min(end, bytes - 1) };
}

/** Throws `invalid` unless it is a whole number of seconds, at most seven days. */
export function checkExpiry(seconds: number): void {
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_EXPIRES_SECONDS) {
    throw storageError("invalid_expiry", { most: MAX_EXPIRES_SECONDS });
  }
}

/** The key as a URL path, each segment percent-encoded (RFC 3986). */
export function encodeKey(key: string): string {
  return key.split("/").map(encodeRfc3986).join("/");
}

/**
 * A `Content-Disposition` for saving as `filename` (RFC 6266 §4.3): an ASCII fallback beside the exact name in UTF-8.
 * Path separators and control characters are removed.
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
