// Lab pictures with 8 bits, which the picture library refuses, as ones with 16 bits, which it reads.
import { type Directory, directoryEntryAt, TAG } from "./tiff.ts";
import { writeTiff } from "./tiff_write.ts";

/** CIELab: a* and b* are signed; ICCLab: they are counted from the middle (TIFF 6.0 §23, Technical Note 4). */
export const LAB_PHOTOMETRICS = { signed: 8, centred: 9 } as const;
const RGB = 2;

/**
 * TIFF of 16-bit CIELab from interleaved 8-bit L*, a*, b*, the latter two signed or counted from 128. `extra` channels
 * of each pixel are left out.
 */
export function lab16(
  pixels: Uint8Array,
  size: { width: number; height: number },
  channels: number,
  isSigned: boolean,
) {
  const middle = isSigned ? 0 : 0x80;
  const wide = new Uint8Array(size.width * size.height * 6);
  for (let from = 0, to = 0; to < wide.length; from += channels, to += 6) {
    wide[to] = wide[to + 1] = pixels[from]!;
    wide[to + 2] = pixels[from + 1]! ^ middle;
    wide[to + 4] = pixels[from + 2]! ^ middle;
  }
  return writeTiff([
    [256, "long", [size.width]],
    [257, "long", [size.height]],
    [258, "short", [16, 16, 16]],
    [259, "short", [1]],
    [262, "short", [LAB_PHOTOMETRICS.signed]],
    [277, "short", [3]],
    [278, "long", [size.height]],
  ], [wide]);
}

/** A copy of a TIFF file in which this page claims to be RGB: the library then decodes its numbers as they are. */
export function asNumbers(file: Uint8Array, page: Directory): Uint8Array {
  const copy = file.slice();
  const entry = directoryEntryAt(copy, page, TAG.photometric);
  if (entry === undefined) throw new Error("a TIFF page without photometric interpretation");
  const isLittle = copy[0] === 0x49;
  const valueAt = entry + (new DataView(copy.buffer).getUint16(2, isLittle) === 43 ? 12 : 8);
  new DataView(copy.buffer).setUint16(valueAt, RGB, isLittle);
  return copy;
}
