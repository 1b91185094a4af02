// How much a file really holds, whatever it claims about its length, rates and numbers.
import { inputArgs, runConfined } from "./ffmpeg.ts";
import type { MediaOptions } from "./schema.ts";

/** What one stream holds: coded packets, and the time in milliseconds from the file's first packet to its last one. */
export interface Held {
  packets: number;
  spanMs: number;
}

const WALL_MS = 60_000;
/** Slower than any disk or network that a worker reads from. */
const LEAST_BYTES_PER_MS = 10_000;
const MEMORY_BYTES = 2 * 2 ** 30;

/**
 * Counts the packets of each stream, by its index, without decoding them: a file of 100 kB may claim days and millions
 * of frames, but what it holds is bounded by its bytes. Throws media errors as `runFfprobe` does.
 */
export async function measureHeld(
  path: string,
  folder: string,
  { signal }: MediaOptions = {},
): Promise<Map<number, Held>> {
  const { size } = await Deno.stat(path);
  const seen = new Map<number, { packets: number; last: number }>();
  let first = Infinity;
  const onLine = (line: string) => {
    const [index, time] = line.split(",").map(Number);
    if (!Number.isInteger(index)) return;
    const stream = seen.get(index!) ?? { packets: 0, last: -Infinity };
    stream.packets += 1;
    // Some packets have no time of their own.
    if (Number.isFinite(time)) {
      first = Math.min(first, time!);
      stream.last = Math.max(stream.last, time!);
    }
    seen.set(index!, stream);
  };
  const show = ["-show_entries", "packet=stream_index,pts_time", "-of", "csv=p=0"];
  await runConfined("ffprobe", ["-hide_banner", "-v", "error", ...show, ...inputArgs(path)], [path], {
    folder,
    wallMs: WALL_MS + size / LEAST_BYTES_PER_MS,
    memoryBytes: MEMORY_BYTES,
    signal,
    onLine,
  });
  return new Map(
    [...seen].map(([index, { packets, last }]) => {
      return [index, { packets, spanMs: Number.isFinite(last - first) ? (last - first) * 1000 : 0 }];
    }),
  );
}
