// Uploads of any length to S3 in constant memory: one request when small, multipart when large.
import { BLOCK_BYTES, borrowBlock, returnBlock } from "./block_pool.ts";
import { storageError } from "./reasons.ts";
import type { PutOptions, StoredObject } from "./storage.ts";
import { checkContentType } from "./names.ts";
import { isMissing, type S3Client } from "./s3_client.ts";
import { openSource, type Source } from "./source.ts";

const MAX_PARTS = 10_000;
/** The part size of a body of unknown length doubles at this interval: 10,000 parts then hold 4.9 TiB. */
const DOUBLE_EVERY = 1000;
const IN_FLIGHT = 2;
/** The slowest tolerated throughput, for timeouts. */
const BYTES_PER_MS = 100;
const BASE_TIMEOUT_MS = 30_000;
/** After a failure, how long parts in flight may take to arrive before they are cut off. */
const GRACE_MS = 3_000;
/** Some servers copy all of the bytes on completion. */
export const COMPLETE_TIMEOUT_MS = 10 * 60_000;

interface Target {
  Bucket: string;
  Key: string;
}

type Block = Uint8Array<ArrayBuffer>;

/**
 * Stores the body: up to one block in a single request, above that as multipart. Leaves nothing behind on any failure,
 * including one of the source.
 */
export async function putObject(
  client: S3Client,
  target: Target,
  body: ReadableStream<Uint8Array> | Uint8Array,
  options: PutOptions,
): Promise<StoredObject> {
  const source = openSource(body, options);
  try {
    checkContentType(options.contentType);
    if (options.onlyIfAbsent && await lengthOf(client, target) !== undefined) {
      throw storageError("exists");
    }
    const stored = await send(client, target, source, options);
    source.close();
    return stored;
  } catch (error) {
    source.close(error);
    throw error;
  }
}

async function lengthOf(client: S3Client, { Bucket, Key }: Target): Promise<number | undefined> {
  try {
    const head = await client.call((s3, limits) => s3.headObject({ Bucket, Key }, limits));
    return head.ContentLength ?? 0;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function send(
  client: S3Client,
  target: Target,
  source: Source,
  options: PutOptions,
): Promise<StoredObject> {
  const first = borrowBlock(Math.min(BLOCK_BYTES, options.contentLength ?? BLOCK_BYTES));
  const filled = await source.fill(first);
  const more = borrowBlock(filled < BLOCK_BYTES ? 1 : partBytes(2, options.contentLength));
  const next = await source.fill(more);
  if (next > 0) return await putInParts(client, target, source, [first, more.subarray(0, next)], options);
  const stored = await putWhole(client, target, first.subarray(0, filled), source.result(), options);
  returnBlock(first);
  returnBlock(more);
  return stored;
}

async function putWhole(
  client: S3Client,
  target: Target,
  body: Uint8Array,
  stored: StoredObject,
  { contentType, onlyIfAbsent, signal }: PutOptions,
): Promise<StoredObject> {
  const input = {
    ...target,
    Body: body,
    ContentLength: body.length,
    ContentType: contentType,
    // The server verifies this, so that it stores exactly the bytes that were hashed.
    ChecksumSHA256: Uint8Array.fromHex(stored.sha256).toBase64(),
    IfNoneMatch: onlyIfAbsent ? "*" : undefined,
  };
  await client.call((s3, limits) => s3.putObject(input, limits), {
    signal,
    timeoutMs: timeoutFor(body.length),
  });
  return stored;
}

/** One part: its number (from 1), its size and the etag that the store returned. */
export interface S3Part {
  number: number;
  etag: string;
  bytes: number;
}

/** Begins a multipart upload and returns its id. */
export async function startParts(client: S3Client, target: Target, contentType: string): Promise<string> {
  checkContentType(contentType);
  const input = { ...target, ContentType: contentType };
  const { UploadId } = await client.call((s3, limits) => s3.createMultipartUpload(input, limits));
  return UploadId!;
}

/** Stores one part of a multipart upload. */
export async function putPart(
  client: S3Client,
  target: Target & { UploadId: string },
  number: number,
  body: Uint8Array,
  signal?: AbortSignal,
): Promise<S3Part> {
  const input = { ...target, PartNumber: number, Body: body, ContentLength: body.length };
  const { ETag } = await client.call((s3, limits) => s3.uploadPart(input, limits), {
    signal,
    timeoutMs: timeoutFor(body.length),
  });
  return { number, etag: ETag!, bytes: body.length };
}

/**
 * Joins the parts into one object. Throws `invalid` for wrong parts, `not_found` for an aborted upload. Idempotent,
 * because a client that lost the response has to retry.
 */
export async function completeParts(
  client: S3Client,
  target: Target & { UploadId: string },
  parts: S3Part[],
  onlyIfAbsent = false,
): Promise<void> {
  if (parts.length === 0) throw storageError("no_parts");
  const sorted = parts.toSorted((a, b) => a.number - b.number);
  const input = {
    ...target,
    MultipartUpload: { Parts: sorted.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) },
    IfNoneMatch: onlyIfAbsent ? "*" : undefined,
  };
  try {
    // Not abortable from here on: an aborted request may still succeed and leave an orphaned object.
    await client.call((s3, limits) => s3.completeMultipartUpload(input, limits), {
      timeoutMs: COMPLETE_TIMEOUT_MS,
    });
  } catch (error) {
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    if (!isMissing(error) || await lengthOf(client, target) !== bytes) throw error;
  }
}

/** Discards the parts. Idempotent. */
export async function abortParts(client: S3Client, target: Target & { UploadId: string }): Promise<void> {
  try {
    await client.call((s3, limits) => s3.abortMultipartUpload(target, limits));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function putInParts(
  client: S3Client,
  target: Target,
  source: Source,
  ready: Block[],
  options: PutOptions,
): Promise<StoredObject> {
  const upload = { ...target, UploadId: await startParts(client, target, options.contentType) };
  const cut = new AbortController();
  const sent: Promise<S3Part>[] = [];
  try {
    await sendBlocks(source, ready, options, (block) => {
      const sending = putPart(client, upload, sent.length + 1, block, cut.signal);
      sent.push(sending);
      return sending;
    });
    const parts = await Promise.all(sent);
    options.signal?.throwIfAborted();
    await completeParts(client, upload, parts, options.onlyIfAbsent);
    return source.result();
  } catch (error) {
    // Versity keeps a multipart upload if a part is cut off during the abort, so wait for the parts in flight.
    const timer = setTimeout(() => cut.abort(error), GRACE_MS);
    await Promise.allSettled(sent);
    clearTimeout(timer);
    // If this fails because the store is down, the sweep finds the upload with `listMultipart`.
    await abortParts(client, upload).catch(() => {});
    throw error;
  }
}

/** Passes every block to `send`, with at most two in flight while the next one is filled. */
async function sendBlocks(
  source: Source,
  ready: Block[],
  { contentLength, signal }: PutOptions,
  send: (block: Block) => Promise<unknown>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => {});
  const stop = () => reject(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  let block = ready.shift()!;
  for (let number = 1; block.length > 0; number++) {
    const used = block;
    const sending: Promise<void> = send(used).then(() => {
      running.delete(sending);
      returnBlock(used);
    });
    sending.catch(() => {});
    running.add(sending);
    if (running.size >= IN_FLIGHT) await Promise.race([...running, aborted]);
    block = ready.shift() ?? await fillNext(source, partBytes(number + 1, contentLength));
  }
  returnBlock(block);
  await Promise.race([Promise.all(running), aborted]);
  signal?.removeEventListener("abort", stop);
}

async function fillNext(source: Source, bytes: number): Promise<Block> {
  const block = borrowBlock(bytes);
  return block.subarray(0, await source.fill(block));
}

/** Part size: 10,000 parts must hold the body, even when its length is unknown. */
function partBytes(number: number, contentLength?: number): number {
  if (contentLength === undefined) return BLOCK_BYTES * 2 ** Math.floor(number / DOUBLE_EVERY);
  return Math.max(BLOCK_BYTES, Math.ceil(contentLength / (MAX_PARTS - 1)));
}

function timeoutFor(bytes: number): number {
  return BASE_TIMEOUT_MS + bytes / BYTES_PER_MS;
}
