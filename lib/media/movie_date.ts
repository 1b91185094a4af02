import { readAt, readMp4Layout } from "./truncation.ts";

/** Seconds from 1904, from which QuickTime counts, to 1970. */
const EPOCH_SECONDS = 2_082_844_800;
const MAX_CHILDREN = 16;

/**
 * Whether the creation time in the movie header (ISO 14496-12 §8.2.2) reads as a date before 1970. Digitised film may
 * really be dated so, but some phones count from 1970 by mistake, which is what ffprobe supposes: the date is unknown.
 */
export async function hasDoubtfulDate(path: string): Promise<boolean> {
  const { indexAt } = await readMp4Layout(path);
  if (indexAt === null) return false;
  using file = await Deno.open(path);
  let at = indexAt + 8;
  for (let nth = 0; nth < MAX_CHILDREN; nth++) {
    const box = await readAt(file, at, 20);
    const view = new DataView(box.buffer);
    if (new TextDecoder("latin1").decode(box.subarray(4, 8)) === "mvhd") {
      const seconds = box[8] === 1 ? Number(view.getBigInt64(12)) : view.getUint32(12);
      return seconds !== 0 && seconds < EPOCH_SECONDS;
    }
    at += Math.max(8, view.getUint32(0));
  }
  return false;
}
