// Directories of TIFF files (TIFF 6.0, BigTIFF) and of everything built like one: EXIF blocks and most raw photographs.

/** Random access to a file or a block in memory; reads beyond the end are shorter. */
export interface ByteSource {
  read(at: number, length: number): Uint8Array;
}

/** One directory: a page, a preview, or a group of tags. Values are numbers, or text where the type is ASCII. */
export interface Directory {
  tags: Map<number, number[] | string>;
  /** Where it stands in the file. */
  at: number;
  /** Position in the chain of pages; undefined for sub-directories. */
  page?: number;
}

export const TAG = {
  subfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  make: 271,
  model: 272,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  stripByteCounts: 279,
  software: 305,
  dateTime: 306,
  subDirectories: 330,
  extraSamples: 338,
  sampleFormat: 339,
  ycbcrSubsampling: 530,
  exif: 34665,
  gps: 34853,
  dngVersion: 50706,
} as const;

/** Bytes of one value of each field type; 0 for unknown types. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
const ASCII = 2;
/** Limits for hostile files: real ones have some 60 tags and a dozen directories; scans may have hundreds of pages. */
const MAX_DIRECTORIES = 1_000;
const MAX_TAGS = 1_000;
/** Longer values (tables of strips, maker notes) are read up to here. */
const MAX_VALUE_BYTES = 64 * 1024;

/**
 * All directories in file order, sub-directories after the page that names them; EXIF and GPS directories are not among
 * them (`readSubdirectory`). Empty when the block is no TIFF; broken parts are left out.
 */
export function readDirectories(source: ByteSource): Directory[] {
  const layout = readLayout(source);
  if (!layout) return [];
  const found: Directory[] = [];
  const seen = new Set<number>();
  let page = 0;
  for (let at = layout.first; at > 0 && !seen.has(at) && found.length < MAX_DIRECTORIES;) {
    seen.add(at);
    const { directory, next } = readDirectory(source, layout, at);
    if (!directory) break;
    found.push({ ...directory, page: page++ });
    for (const child of numbersOf(directory, TAG.subDirectories).slice(0, 20)) {
      if (seen.has(child)) continue;
      seen.add(child);
      const sub = readDirectory(source, layout, child).directory;
      if (sub) found.push(sub);
    }
    at = next;
  }
  return found;
}

/** The directory that a tag of `directory` points to, as EXIF and GPS. */
export function readSubdirectory(source: ByteSource, directory: Directory | undefined, tag: number) {
  const layout = readLayout(source);
  const [at] = directory ? numbersOf(directory, tag) : [];
  return layout && at ? readDirectory(source, layout, at).directory : undefined;
}

/** The numbers of a tag; empty when it is missing or text. */
export function numbersOf(directory: Directory, tag: number): number[] {
  const value = directory.tags.get(tag);
  return Array.isArray(value) ? value : [];
}

/** The text of a tag; undefined when it is missing or a number. */
export function textOf(directory: Directory | undefined, tag: number): string | undefined {
  const value = directory?.tags.get(tag);
  return typeof value === "string" ? value : undefined;
}

/** Where the entry of a tag stands in the bytes of a file; undefined when it is missing. */
export function directoryEntryAt(file: Uint8Array, { at }: Directory, tag: number): number | undefined {
  const layout = readLayout(bytesSource(file));
  if (!layout) return undefined;
  const [countBytes, entryBytes] = layout.isBig ? [8, 20] : [2, 12];
  const view = viewOf(file);
  const count = layout.isBig
    ? Number(view.getBigUint64(at, layout.isLittle))
    : view.getUint16(at, layout.isLittle);
  for (let nth = 0; nth < Math.min(count, MAX_TAGS); nth++) {
    const entry = at + countBytes + nth * entryBytes;
    if (view.getUint16(entry, layout.isLittle) === tag) return entry;
  }
}

/** Bytes in memory as a source. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { read: (at, length) => bytes.subarray(at, at + length) };
}

/** An open file as a source. */
export function fileSource(file: Deno.FsFile): ByteSource {
  return {
    read(at, length) {
      const bytes = new Uint8Array(length);
      file.seekSync(at, Deno.SeekMode.Start);
      let filled = 0;
      for (let count; filled < length && (count = file.readSync(bytes.subarray(filled)));) filled += count;
      return bytes.subarray(0, filled);
    },
  };
}

interface Layout {
  isLittle: boolean;
  isBig: boolean;
  first: number;
}

function readLayout(source: ByteSource): Layout | undefined {
  const head = source.read(0, 16);
  if (head.byteLength < 8) return undefined;
  const view = viewOf(head);
  const order = view.getUint16(0);
  const isLittle = order === 0x4949;
  if (!isLittle && order !== 0x4d4d) return undefined;
  const magic = view.getUint16(2, isLittle);
  if (magic === 43 && head.byteLength === 16) {
    return { isLittle, isBig: true, first: Number(view.getBigUint64(8, isLittle)) };
  }
  // 42, or what some makers of raw photographs put in its place: Panasonic 0x55, Olympus "RO" and "RS".
  if (![42, 0x55, 0x4f52, 0x5352].includes(magic)) return undefined;
  return { isLittle, isBig: false, first: view.getUint32(4, isLittle) };
}

function readDirectory(source: ByteSource, { isLittle, isBig }: Layout, at: number) {
  const [countBytes, entryBytes, offsetBytes] = isBig ? [8, 20, 8] : [2, 12, 4];
  const head = source.read(at, countBytes);
  if (head.byteLength < countBytes) return { directory: undefined, next: 0 };
  const count = isBig ? Number(viewOf(head).getBigUint64(0, isLittle)) : viewOf(head).getUint16(0, isLittle);
  if (count > MAX_TAGS) return { directory: undefined, next: 0 };
  const body = source.read(at + countBytes, count * entryBytes + offsetBytes);
  const view = viewOf(body);
  const tags: Directory["tags"] = new Map();
  for (
    let entry = 0;
    entry + entryBytes <= Math.min(body.byteLength, count * entryBytes);
    entry += entryBytes
  ) {
    const type = view.getUint16(entry + 2, isLittle);
    const total = isBig
      ? Number(view.getBigUint64(entry + 4, isLittle))
      : view.getUint32(entry + 4, isLittle);
    const valueAt = entry + entryBytes - offsetBytes;
    const bytes = Math.min(total * (TYPE_BYTES[type] ?? 0), MAX_VALUE_BYTES);
    const value = bytes <= offsetBytes
      ? body.subarray(valueAt, valueAt + bytes)
      : source.read(readOffset(view, valueAt, isLittle, isBig), bytes);
    tags.set(view.getUint16(entry, isLittle), readValue(value, type, isLittle));
  }
  const nextAt = count * entryBytes;
  const next = nextAt + offsetBytes <= body.byteLength ? readOffset(view, nextAt, isLittle, isBig) : 0;
  return { directory: { tags, at }, next };
}

function readOffset(view: DataView, at: number, isLittle: boolean, isBig: boolean): number {
  return isBig ? Number(view.getBigUint64(at, isLittle)) : view.getUint32(at, isLittle);
}

function readValue(bytes: Uint8Array, type: number, isLittle: boolean): number[] | string {
  if (type === ASCII) return new TextDecoder().decode(bytes).replace(/\0[\s\S]*$/, "");
  const size = TYPE_BYTES[type] ?? 0;
  const view = viewOf(bytes);
  const values: number[] = [];
  for (let at = 0; size > 0 && at + size <= bytes.byteLength; at += size) {
    values.push(readNumber(view, at, type, isLittle));
  }
  return values;
}

function readNumber(view: DataView, at: number, type: number, isLittle: boolean): number {
  switch (type) {
    case 3:
      return view.getUint16(at, isLittle);
    case 4:
    case 13:
      return view.getUint32(at, isLittle);
    case 5:
      return view.getUint32(at, isLittle) / view.getUint32(at + 4, isLittle);
    case 6:
      return view.getInt8(at);
    case 8:
      return view.getInt16(at, isLittle);
    case 9:
      return view.getInt32(at, isLittle);
    case 10:
      return view.getInt32(at, isLittle) / view.getInt32(at + 4, isLittle);
    case 11:
      return view.getFloat32(at, isLittle);
    case 12:
      return view.getFloat64(at, isLittle);
    case 16:
    case 18:
      return Number(view.getBigUint64(at, isLittle));
    case 17:
      return Number(view.getBigInt64(at, isLittle));
    default:
      return view.getUint8(at);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
