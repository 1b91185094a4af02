/** Enough for any file that is not fragmented; fragmented files are not checked. */
const MAX_BOXES = 10_000;

/** Programs that write audio to a pipe put this size, or zero, in place of the length. */
const UNKNOWN_RIFF_BYTES = 0x7fff0000;
/** Many writers are off by a header or a padding byte. */
const RIFF_SLACK_BYTES = 64;
const TOP_LEVEL_BOXES =
  "ftyp styp moov mdat moof mfra sidx ssix free skip wide uuid meta udta pnot pdin prft emsg".split(" ");

export interface Mp4Layout {
  /** A box extends beyond the end of the file, or the index is missing. */
  isCutOff: boolean;
  /** The index precedes the media, so that playback can start at once (fast start). */
  isFastStart: boolean;
  isFragmented: boolean;
  /** Where the index (moov) begins; null without one. */
  indexAt: number | null;
}

/** Truncation checks of containers that declare their length, by sniffed extension. */
const CHECKS: [extensions: string, isCutOff: (file: Deno.FsFile, total: number) => Promise<boolean>][] = [
  ["mkv webm", isCutOffMatroska],
  ["avi wav webp", isCutOffRiff],
  ["aif", isCutOffAiff],
  ["mp3", isCutOffMp3],
  ["mxf", isCutOffMxf],
  ["png apng", isCutOffPng],
  ["tif", isCutOffTiff],
];
const MP4 = "mp4 mov m4v m4a 3gp 3g2 m4b".split(" ");

/** Whether a file is shorter than its container declares. False when the container declares no length. */
export async function isCutOff(path: string, extension: string): Promise<boolean> {
  if (MP4.includes(extension)) return (await readMp4Layout(path)).isCutOff;
  const check = CHECKS.find(([extensions]) => extensions.split(" ").includes(extension))?.[1];
  if (!check) return false;
  using file = await Deno.open(path);
  return await check(file, (await file.stat()).size);
}

/** Walks the top-level boxes of an MP4 or QuickTime file (ISO 14496-12 §4.2) without reading their contents. */
export async function readMp4Layout(path: string): Promise<Mp4Layout> {
  using file = await Deno.open(path);
  const { size: total } = await file.stat();
  const types: string[] = [];
  let indexAt: number | null = null;
  let isCutOff = false;
  let at = 0;
  while (at + 8 <= total && types.length < MAX_BOXES) {
    const head = await readAt(file, at, 16);
    const view = new DataView(head.buffer);
    const short = view.getUint32(0);
    const size = short === 1 ? Number(view.getBigUint64(8)) : short === 0 ? total - at : short;
    const type = new TextDecoder("latin1").decode(head.subarray(4, 8));
    // Cameras append padding and private data after the last box; it is ignored.
    if (size < 8 || !TOP_LEVEL_BOXES.includes(type)) break;
    types.push(type);
    if (type === "moov") indexAt ??= at;
    isCutOff = at + size > total;
    at += size;
  }
  const isFragmented = types.includes("moof");
  const media = types.indexOf("mdat");
  const index = types.indexOf("moov");
  const isFastStart = index >= 0 && (media < 0 || index < media);
  const lacksIndex = media >= 0 && index < 0;
  return { isCutOff: (isCutOff && !isFragmented) || lacksIndex, isFastStart, isFragmented, indexAt };
}

/** A segment that is longer than the file (RFC 8794 §4, RFC 9559 §5.1). */
async function isCutOffMatroska(file: Deno.FsFile, total: number): Promise<boolean> {
  const header = await readElement(file, 0);
  if (header?.id !== 0x1a45dfa3 || header.size === undefined) return false;
  const segment = await readElement(file, header.start + header.size);
  return segment?.id === 0x18538067 && segment.size !== undefined && segment.start + segment.size > total;
}

/** Long AVI files continue in further AVIX chunks. Placeholder sizes of unseekable output are ignored. */
async function isCutOffRiff(file: Deno.FsFile, total: number): Promise<boolean> {
  for (let at = 0; at < total;) {
    const head = new DataView((await readAt(file, at, 12)).buffer);
    const size = head.getUint32(4, true);
    const belongs = head.getUint32(0) === 0x52494646 && (at === 0 || head.getUint32(8) === 0x41564958);
    if (!belongs || size === 0 || size >= UNKNOWN_RIFF_BYTES) return false;
    at += 8 + size + size % 2;
    if (at > total + RIFF_SLACK_BYTES) return true;
  }
  return false;
}

/** One chunk that holds all others (Audio Interchange File Format 1.3, FORM). */
async function isCutOffAiff(file: Deno.FsFile, total: number): Promise<boolean> {
  const head = new DataView((await readAt(file, 0, 8)).buffer);
  return head.getUint32(0) === 0x464f524d && 8 + head.getUint32(4) > total + RIFF_SLACK_BYTES;
}

/**
 * The first frame may hold the length in bytes, after an ID3 tag: in the header of Xing, which LAME calls Info. Programs
 * that cut and join files leave an old one in place, so only half of it and less is taken for cut off.
 */
async function isCutOffMp3(file: Deno.FsFile, total: number): Promise<boolean> {
  const tag = await readAt(file, 0, 10);
  const hasTag = new TextDecoder("latin1").decode(tag.subarray(0, 3)) === "ID3";
  const start = hasTag ? 10 + tag.subarray(6).reduce((size, byte) => size * 128 + (byte & 0x7f), 0) : 0;
  const frame = await readAt(file, start, 64);
  const found = /Xing|Info/.exec(new TextDecoder("latin1").decode(frame));
  if (!found) return false;
  const view = new DataView(frame.buffer, found.index + 4, 12);
  const flags = view.getUint32(0);
  const bytes = flags & 2 ? view.getUint32(flags & 1 ? 8 : 4) : 0;
  return bytes > 2 * (total - start);
}

/**
 * The header partition declares where the footer begins (SMPTE 377-1 §7.1); zero in files that are still being written.
 */
async function isCutOffMxf(file: Deno.FsFile, total: number): Promise<boolean> {
  const head = await readAt(file, 0, 64);
  const view = new DataView(head.buffer);
  if (view.getUint32(0) !== 0x060e2b34) return false;
  const lengthBytes = head[16]! > 0x80 ? head[16]! - 0x80 : 0;
  if (lengthBytes > 8) return false;
  return Number(view.getBigUint64(17 + lengthBytes + 24)) > total;
}

/** Chunks up to IEND, each with its length (PNG §5.3). */
async function isCutOffPng(file: Deno.FsFile, total: number): Promise<boolean> {
  let at = 8;
  for (let nth = 0; nth < MAX_BOXES; nth++) {
    const head = new DataView((await readAt(file, at, 8)).buffer);
    at += 12 + head.getUint32(0);
    if (at > total) return true;
    if (head.getUint32(4) === 0x49454e44) return false;
  }
  return false;
}

/** The first directory is often written last (TIFF 6.0 §2). BigTIFF stores its offset elsewhere. */
async function isCutOffTiff(file: Deno.FsFile, total: number): Promise<boolean> {
  const head = new DataView((await readAt(file, 0, 8)).buffer);
  const isLittle = head.getUint16(0) === 0x4949;
  return head.getUint16(2, isLittle) === 42 && head.getUint32(4, isLittle) >= total;
}

/** Header of an EBML element; `size` is undefined for unknown length, as in live recordings. */
async function readElement(file: Deno.FsFile, at: number) {
  const head = await readAt(file, at, 12);
  const view = new DataView(head.buffer);
  const id = view.getUint32(0);
  const length = Math.clz32(head[4]!) - 23;
  if (length < 1 || length > 8) return undefined;
  let size = BigInt(head[4]! & (0xff >> length));
  for (let i = 1; i < length; i++) size = size << 8n | BigInt(head[4 + i]!);
  const isUnknown = size === (1n << BigInt(7 * length)) - 1n;
  return { id, start: at + 4 + length, size: isUnknown ? undefined : Number(size) };
}

/** Bytes at a position, padded with zeros beyond the end of the file. */
export async function readAt(
  file: Deno.FsFile,
  at: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  await file.seek(at, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < length) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes;
}
