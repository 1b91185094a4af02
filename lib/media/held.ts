// How much a file really holds, whatever it claims about its length, rates and numbers.
import { readPackets } from "./packets.ts";
import type { MediaOptions } from "./schema.ts";

/** What one stream holds. Times are milliseconds from the file's first packet. */
export interface Held {
  /** Coded ones. */
  packets: number;
  /** When its first packet is shown. */
  startMs: number;
  /** The end of its last packet. */
  spanMs: number;
}

const MEMORY_BYTES = 2 * 2 ** 30;

/**
 * Counts the packets of each stream, by its index, without decoding them: a file of 100 kB may claim days and millions
 * of frames, but what it holds is bounded by its bytes. `container` is our name of its format. Throws media errors as
 * `runFfprobe` does.
 */
export async function measureHeld(
  path: string,
  folder: string,
  { signal, container }: MediaOptions & { container?: string | null } = {},
): Promise<Map<number, Held>> {
  const streams = await readPackets(path, container ?? "", { folder, memoryBytes: MEMORY_BYTES, signal });
  const first = Math.min(...[...streams.values()].map(({ start }) => start));
  return new Map(
    [...streams].map(([index, { packets, start, end, shown }]) => {
      if (!shown) return [index, { packets, startMs: 0, spanMs: 0 }];
      return [index, { packets, startMs: (start - first) * 1000, spanMs: (end - first) * 1000 }];
    }),
  );
}
