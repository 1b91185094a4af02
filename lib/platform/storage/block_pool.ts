// A pool of memory blocks for uploads. Buffers lie outside the V8 heap and are collected late: without reuse up to 64
// MB of garbage piles up.
import { MIN_PART_BYTES } from "./storage.ts";

/** Default block size: the smallest part that S3 accepts. */
export const BLOCK_BYTES = MIN_PART_BYTES;
const MAX_POOL_BYTES = 6 * BLOCK_BYTES;
const pool: Uint8Array<ArrayBuffer>[] = [];

/** Takes a block of `bytes` from the pool. It is not zeroed: use only the bytes that you filled. */
export function borrowBlock(bytes = BLOCK_BYTES): Uint8Array<ArrayBuffer> {
  const at = pool.findIndex((block) => block.length === bytes);
  return at < 0 ? new Uint8Array(bytes) : pool.splice(at, 1)[0]!;
}

/**
 * Returns a block, or a subarray of one, to the pool once nothing reads it. After a failed write a read may still be
 * pending: drop the block instead.
 */
export function returnBlock({ buffer }: Uint8Array<ArrayBuffer>): void {
  if (buffer.byteLength < BLOCK_BYTES || buffer.byteLength > MAX_POOL_BYTES) return;
  pool.push(new Uint8Array(buffer));
  while (pool.reduce((sum, { length }) => sum + length, 0) > MAX_POOL_BYTES) pool.shift();
}
