// Blocks of memory for bytes on their way into a store, lent again and again. The garbage collector counts what lies
// outside of its heap late: thrown away after use they pile up to 64 MB before it looks.
import { MIN_PART_BYTES } from "./storage.ts";

/** How large a block is, unless a part must be larger: the least that S3 takes as a part. */
export const BLOCK_BYTES = MIN_PART_BYTES;
const MOST_KEPT_BYTES = 6 * BLOCK_BYTES;
const kept: Uint8Array<ArrayBuffer>[] = [];

/** A block of so many bytes. It holds whatever it held before: use no more of it than was filled. */
export function borrowBlock(bytes = BLOCK_BYTES): Uint8Array<ArrayBuffer> {
  const at = kept.findIndex((block) => block.length === bytes);
  return at < 0 ? new Uint8Array(bytes) : kept.splice(at, 1)[0]!;
}

/** Takes a block, or what is left of it, back once nobody reads it any more. After a failure nobody knows: drop it then. */
export function returnBlock({ buffer }: Uint8Array<ArrayBuffer>): void {
  if (buffer.byteLength < BLOCK_BYTES || buffer.byteLength > MOST_KEPT_BYTES) return;
  kept.push(new Uint8Array(buffer));
  while (kept.reduce((sum, { length }) => sum + length, 0) > MOST_KEPT_BYTES) kept.shift();
}
