// The merged picture of a Photoshop file (Adobe Photoshop File Formats Specification, 2019), rewritten as TIFF: the
// picture library then applies depth, colour mode and profile as it does for TIFF.
import { Buffer } from "node:buffer";
import { inflateSync } from "node:zlib";
import { lab16 } from "./lab.ts";
import { MAX_STILL_PIXELS } from "./picture.ts";
import { type TiffField, writeTiff } from "./tiff_write.ts";

export interface Psd {
  width: number;
  height: number;
  /** Bits per channel: 1, 8, 16 or 32. */
  depth: number;
  icc?: Uint8Array;
  exif?: Uint8Array;
  xmp?: Uint8Array;
  iptc?: Uint8Array;
  /** The merged picture as TIFF. Throws when the file ends before it does, or stores it in a way that is unknown. */
  toTiff(): Uint8Array;
}

const RESOURCES = { iptc: 1028, icc: 1039, exif: 1058, xmp: 1060 } as const;
/** TIFF's photometric interpretation and number of colours for each colour mode: bitmap, grey, indexed, RGB, CMYK, Lab… */
const MODES: Record<number, { photometric: number; colours: number } | undefined> = {
  0: { photometric: 0, colours: 1 },
  1: { photometric: 1, colours: 1 },
  2: { photometric: 3, colours: 1 },
  3: { photometric: 2, colours: 3 },
  4: { photometric: 5, colours: 4 },
  8: { photometric: 1, colours: 1 },
  9: { photometric: 8, colours: 3 },
};
const INDEXED = 2;
const CMYK = 4;
const LAB = 9;

/** Reads the headers of a PSD or PSB. Throws `RangeError` when the file ends early, and errors for unknown layouts. */
export function readPsd(file: Uint8Array): Psd {
  const data = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const isLarge = data.readUInt16BE(4) === 2;
  const [channels, height, width] = [data.readUInt16BE(12), data.readUInt32BE(14), data.readUInt32BE(18)];
  const [depth, mode] = [data.readUInt16BE(22), data.readUInt16BE(24)];
  if (width * height > MAX_STILL_PIXELS) throw new Error("picture size limit");
  const palette = section(data, 26, 4);
  const resources = section(data, palette.end, 4);
  const layers = section(data, resources.end, isLarge ? 8 : 4);
  const header = { data, isLarge, channels, height, width, depth, mode };
  return {
    width,
    height,
    depth,
    ...readResources(data.subarray(resources.start, resources.end)),
    toTiff: () => {
      const alpha = hasTransparency(data, layers, isLarge);
      const profile = readResources(data.subarray(resources.start, resources.end)).icc;
      return toTiff(header, layers.end, data.subarray(palette.start, palette.end), alpha, profile);
    },
  };
}

interface Section {
  start: number;
  end: number;
}

function section(data: Buffer, at: number, lengthBytes: 4 | 8): Section {
  const length = lengthBytes === 8 ? Number(data.readBigUInt64BE(at)) : data.readUInt32BE(at);
  const start = at + lengthBytes;
  if (start + length > data.length) throw new RangeError("premature end of PSD file");
  return { start, end: start + length };
}

function readResources(block: Buffer): Pick<Psd, "icc" | "exif" | "xmp" | "iptc"> {
  const found: Record<string, Uint8Array> = {};
  for (let at = 0; at + 12 <= block.length && block.toString("latin1", at, at + 4) === "8BIM";) {
    const id = block.readUInt16BE(at + 4);
    const nameBytes = block[at + 6]! + 1;
    const sizeAt = at + 6 + nameBytes + nameBytes % 2;
    if (sizeAt + 4 > block.length) break;
    const size = block.readUInt32BE(sizeAt);
    const name = Object.entries(RESOURCES).find(([, known]) => known === id)?.[0];
    if (name) found[name] = block.subarray(sizeAt + 4, sizeAt + 4 + size);
    at = sizeAt + 4 + size + size % 2;
  }
  return found;
}

/** A negative number of layers says that the first channel beyond the colours is the transparency of the merged picture. */
function hasTransparency(data: Buffer, { start, end }: Section, isLarge: boolean): boolean {
  const lengthBytes = isLarge ? 8 : 4;
  if (end - start < lengthBytes + 2) return false;
  if (data.readUInt16BE(start + lengthBytes) !== 0) return data.readInt16BE(start + lengthBytes) < 0;
  // With 16 and 32 bits the layers stand in a block of their own.
  const block = Math.max(data.indexOf("8BIMLr16", start), data.indexOf("8BIMLr32", start));
  return block > 0 && block + 18 < end && data.readInt16BE(block + 8 + lengthBytes) < 0;
}

interface Header {
  data: Buffer;
  isLarge: boolean;
  channels: number;
  height: number;
  width: number;
  depth: number;
  mode: number;
}

function toTiff(
  header: Header,
  at: number,
  palette: Buffer,
  isTransparent: boolean,
  icc?: Uint8Array,
): Uint8Array {
  const { width, height, depth, mode, channels } = header;
  const layout = MODES[mode];
  if (!layout || channels < layout.colours) throw new Error(`unknown PSD colour mode ${mode}`);
  const hasAlpha = isTransparent && channels > layout.colours;
  const count = layout.colours + (hasAlpha ? 1 : 0);
  const planes = readPlanes(header, at, count);
  // Photoshop stores no ink as 255, TIFF as 0.
  if (mode === CMYK) { for (const plane of planes.slice(0, 4)) invert(plane); }
  if (mode === LAB) return lab16(interleaveHigh(planes, depth / 8), { width, height }, 3, false);
  const fields: TiffField[] = [
    [256, "long", [width]],
    [257, "long", [height]],
    [258, "short", planes.map(() => depth)],
    [259, "short", [1]],
    [262, "short", [layout.photometric]],
    [277, "short", [planes.length]],
    // The library misreads bitmaps of a single plane that claim to be planar.
    ...(planes.length > 1 ? [[284, "short", [2]] satisfies TiffField] : []),
    ...(hasAlpha ? [[338, "short", [2]] satisfies TiffField] : []),
    ...(depth === 32 ? [[339, "short", planes.map(() => 3)] satisfies TiffField] : []),
    ...(mode === INDEXED
      ? [[320, "short", [...palette].map((value) => value * 257)] satisfies TiffField]
      : []),
    ...(icc ? [[34675, "bytes", icc] satisfies TiffField] : []),
  ];
  return writeTiff(fields, planes);
}

function invert(plane: Uint8Array): void {
  for (let at = 0; at < plane.length; at++) plane[at] = 255 - plane[at]!;
}

/** The high bytes of the channels, pixel by pixel. */
function interleaveHigh(planes: Uint8Array[], bytes: number): Uint8Array {
  const pixels = new Uint8Array(3 * planes[0]!.length / bytes);
  for (let at = 0; at < pixels.length; at++) pixels[at] = planes[at % 3]![Math.floor(at / 3) * bytes]!;
  return pixels;
}

/** The first `count` channels, each as rows without padding (bitmaps: of whole bytes). */
function readPlanes(header: Header, at: number, count: number): Uint8Array[] {
  const { data, width, height, depth } = header;
  const rowBytes = Math.ceil(width * depth / 8);
  const planeBytes = rowBytes * height;
  const compression = data.readUInt16BE(at);
  const start = at + 2;
  if (compression === 1) return readPacked(header, start, rowBytes, count);
  const raw = compression === 0
    ? data.subarray(start)
    : compression === 2
    ? inflateSync(data.subarray(start))
    : undefined;
  if (!raw) throw new Error(`unknown PSD compression ${compression}`);
  if (raw.length < planeBytes * count) throw new RangeError("premature end of PSD file");
  return Array.from(
    { length: count },
    (_, nth) => raw.subarray(nth * planeBytes, (nth + 1) * planeBytes).slice(),
  );
}

/** PackBits (TIFF 6.0 §9), row by row, after a table of the packed length of every row of every channel. */
function readPacked(
  { data, isLarge, channels, height }: Header,
  at: number,
  rowBytes: number,
  count: number,
) {
  const lengthBytes = isLarge ? 4 : 2;
  let from = at + channels * height * lengthBytes;
  return Array.from({ length: count }, (_, channel) => {
    const plane = new Uint8Array(rowBytes * height);
    for (let row = 0; row < height; row++) {
      const lengthAt = at + (channel * height + row) * lengthBytes;
      const length = isLarge ? data.readUInt32BE(lengthAt) : data.readUInt16BE(lengthAt);
      if (from + length > data.length) throw new RangeError("premature end of PSD file");
      unpack(data.subarray(from, from + length), plane.subarray(row * rowBytes, (row + 1) * rowBytes));
      from += length;
    }
    return plane;
  });
}

/** A row that is too long is cut, one that is too short ends in zeros: writers differ about the last run of a row. */
function unpack(packed: Uint8Array, row: Uint8Array): void {
  let to = 0;
  for (let at = 0; at < packed.length && to < row.length;) {
    const head = packed[at++]!;
    if (head === 128) continue;
    if (head > 128) {
      const end = to + 257 - head;
      row.fill(packed[at++] ?? 0, to, end);
      to = end;
    } else {
      const run = packed.subarray(at, at + head + 1);
      row.set(run.subarray(0, row.length - to), to);
      to += run.length;
      at += head + 1;
    }
  }
}
