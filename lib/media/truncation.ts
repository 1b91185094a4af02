/** Enough for any file that is not in fragments; those are not judged. */
const MAX_BOXES = 10_000;

const OUTER_BOXES =
  "ftyp styp moov mdat moof mfra sidx ssix free skip wide uuid meta udta pnot pdin prft emsg".split(" ");

export interface Mp4Layout {
  /** A box reaches beyond the end of the file, or the index never came. */
  isCutOff: boolean;
  /** The index comes before the media, so that playing can start at once. */
  isFastStart: boolean;
  isFragmented: boolean;
}

/** Walks the outer boxes of an MP4 or QuickTime file (ISO 14496-12 §4.2) without reading what is in them. */
export async function readMp4Layout(path: string): Promise<Mp4Layout> {
  using file = await Deno.open(path);
  const { size: total } = await file.stat();
  const types: string[] = [];
  let isCutOff = false;
  let at = 0;
  while (at + 8 <= total && types.length < MAX_BOXES) {
    const head = await readAt(file, at, 16);
    const view = new DataView(head.buffer);
    const short = view.getUint32(0);
    const size = short === 1 ? Number(view.getBigUint64(8)) : short === 0 ? total - at : short;
    const type = new TextDecoder("latin1").decode(head.subarray(4, 8));
    // Cameras leave padding and notes of their own behind the last box; those say nothing.
    if (size < 8 || !OUTER_BOXES.includes(type)) break;
    types.push(type);
    isCutOff = at + size > total;
    at += size;
  }
  const isFragmented = types.includes("moof");
  const media = types.indexOf("mdat");
  const index = types.indexOf("moov");
  const isFastStart = index >= 0 && (media < 0 || index < media);
  const lacksIndex = media >= 0 && index < 0;
  return { isCutOff: (isCutOff && !isFragmented) || lacksIndex, isFastStart, isFragmented };
}

/** Whether a Matroska file says that its segment is longer than what is there (RFC 8794 §4, RFC 9559 §5.1). */
export async function isCutOffMatroska(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const { size: total } = await file.stat();
  const header = await readElement(file, 0);
  if (header?.id !== 0x1a45dfa3 || header.size === undefined) return false;
  const segment = await readElement(file, header.start + header.size);
  return segment?.id === 0x18538067 && segment.size !== undefined && segment.start + segment.size > total;
}

/** An EBML element's head; `size` is undefined for one of unknown length, as live recordings have. */
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

/** Zeros stand for what is beyond the end. */
async function readAt(file: Deno.FsFile, at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
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
