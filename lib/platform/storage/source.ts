// Reads an upload body in blocks, counting, hashing and enforcing its limits.
import { createHash } from "node:crypto";
import type { AppError } from "../errors.ts";
import { storageError } from "./reasons.ts";
import type { PutOptions, StoredObject } from "./storage.ts";

export interface Source {
  /**
   * Fills `block` from its start and returns the number of bytes; fewer than fit only at the end of the body. Throws
   * `too_large`, `invalid` (other length than declared), the signal's reason, or the body's error.
   */
  fill(block: Uint8Array): Promise<number>;
  /** Length and hash of everything that was read. */
  result(): StoredObject;
  /** Releases the body; pass a reason when it was not read to its end. */
  close(reason?: unknown): void;
}

type Limits = Pick<PutOptions, "contentLength" | "maxBytes" | "signal">;

/** Opens a body for reading in blocks. The caller closes it. Throws at once when the limits already rule it out. */
export function openSource(body: ReadableStream<Uint8Array> | Uint8Array, limits: Limits): Source {
  const { signal } = limits;
  const reader = (body instanceof Uint8Array ? oneChunk(body) : body).getReader();
  const hash = createHash("sha256");
  let bytes = 0;
  let chunk: Uint8Array | undefined;
  let ended = false;

  // A pending read does not observe the signal; cancelling the body wakes it.
  const stop = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", stop, { once: true });

  async function next(): Promise<Uint8Array | undefined> {
    while (!ended && !chunk?.length) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) ended = true;
      else bytes = count(bytes, value.length, limits);
      chunk = value;
    }
    if (ended && bytes !== (limits.contentLength ?? bytes)) throw wrongLength(bytes, limits.contentLength!);
    return ended ? undefined : chunk;
  }

  return {
    async fill(block) {
      signal?.throwIfAborted();
      count(0, limits.contentLength ?? 0, { maxBytes: limits.maxBytes });
      let filled = 0;
      while (filled < block.length) {
        const from = await next();
        if (!from) break;
        const taken = from.subarray(0, block.length - filled);
        block.set(taken, filled);
        filled += taken.length;
        chunk = from.subarray(taken.length);
      }
      hash.update(block.subarray(0, filled));
      return filled;
    },
    result: () => ({ bytes, sha256: hash.digest("hex") }),
    close(reason) {
      signal?.removeEventListener("abort", stop);
      if (!ended) reader.cancel(reason).catch(() => {});
      reader.releaseLock();
    },
  };
}

function oneChunk(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

function count(bytes: number, more: number, { contentLength, maxBytes }: Limits): number {
  const total = bytes + more;
  if (maxBytes !== undefined && total > maxBytes) {
    throw storageError("too_large", { most: maxBytes });
  }
  if (contentLength !== undefined && total > contentLength) throw wrongLength(total, contentLength);
  return total;
}

function wrongLength(bytes: number, expected: number): AppError {
  const found = bytes > expected ? "more" : `${bytes}`;
  return storageError("length_mismatch", { expected, found });
}
