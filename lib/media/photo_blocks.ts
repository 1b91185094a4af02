// Finds the blocks of facts (EXIF, XMP, IPTC) in files whose library does not hand them over: TIFF and what is built like
// it, Photoshop, JPEG XL.
import { Buffer } from "node:buffer";
import { brotliDecompressSync } from "node:zlib";
import type { PhotoBlocks } from "./exif.ts";
import { readPsd } from "./psd.ts";
import { fileSource, numbersOf, readDirectories } from "./tiff.ts";

/** Tags of TIFF that hold whole blocks. */
const XMP = 700;
const IPTC = 33723;
/** Larger boxes are no facts of a photograph. */
const MAX_BOX_BYTES = 16 * 2 ** 20;
const MAX_BOXES = 1_000;

/** The blocks in an open file of this type; undefined for types whose blocks the picture library finds. */
export function findPhotoBlocks(file: Deno.FsFile, contentType: string): PhotoBlocks | undefined {
  const source = fileSource(file);
  const head = Buffer.from(source.read(0, 12));
  if (/^(II|MM)/.test(head.toString("latin1", 0, 2))) {
    const [main] = readDirectories(source);
    const block = (tag: number) => main && Uint8Array.from(numbersOf(main, tag));
    return { exif: source, xmp: block(XMP), iptc: block(IPTC) };
  }
  if (head.toString("latin1", 0, 4) === "8BPS") return readPsd(source.read(0, file.statSync().size));
  if (contentType === "image/jxl") return readBoxes(file);
}

/** The boxes of a JPEG XL container (ISO 18181-2 §9); `brob` is another box, compressed by Brotli. */
function readBoxes(file: Deno.FsFile): PhotoBlocks {
  const source = fileSource(file);
  const { size: total } = file.statSync();
  const blocks: PhotoBlocks = {};
  for (let at = 0, nth = 0; at + 8 <= total && nth < MAX_BOXES; nth++) {
    const head = Buffer.from(source.read(at, 16));
    const short = head.readUInt32BE(0);
    const size = short === 0 ? total - at : short === 1 ? Number(head.readBigUInt64BE(8)) : short;
    if (size < 8) break;
    const type = head.toString("latin1", 4, 8);
    if (["Exif", "xml ", "brob"].includes(type) && size <= MAX_BOX_BYTES) {
      keep(blocks, type, source.read(at + 8, size - 8));
    }
    at += size;
  }
  return blocks;
}

function keep(blocks: PhotoBlocks, type: string, body: Uint8Array): void {
  if (type === "brob") {
    const inner = new TextDecoder("latin1").decode(body.subarray(0, 4));
    if (inner !== "brob") {
      keep(blocks, inner, brotliDecompressSync(body.subarray(4), { maxOutputLength: MAX_BOX_BYTES }));
    }
  } else if (type === "Exif") blocks.exif = body.subarray(4 + Buffer.from(body).readUInt32BE(0));
  else if (type === "xml ") blocks.xmp = body;
}
