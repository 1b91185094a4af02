// Opens a picture in the process for pictures: reads its headers and facts, and finds what of the file can be decoded.
import { Buffer } from "node:buffer";
import { parsePhoto, type PhotoFacts } from "./exif.ts";
import { asNumbers, lab16 } from "./lab.ts";
import { findPhotoBlocks } from "./photo_blocks.ts";
import { MAX_STILL_PIXELS } from "./picture.ts";
import { readPsd } from "./psd.ts";
import { findPreview, RAW_PHOTO_TYPES } from "./raw_photo.ts";
import { type Metadata, OPTIONS, sharp } from "./sharp.ts";
import { fixOf, type PixelFix } from "./still_pixels.ts";
import { type Directory, fileSource, readDirectories } from "./tiff.ts";
import { describeTiff, type TiffPicture } from "./tiff_picture.ts";

/** Which file to open. */
export interface StillInput {
  path: string;
  contentType: string;
  /** The original, when `path` is a picture that was made of it. */
  factsPath?: string;
}

export interface StillFacts {
  format: string;
  /** The type of a raw photograph that is built like TIFF. */
  rawType: string | null;
  /** As stored. */
  width: number;
  height: number;
  orientation: number;
  bitDepth: number;
  space: string;
  pages: number;
  camera: PhotoFacts["camera"];
  recordedAt: string | null;
  /** The file ends without the marker that closes a JPEG. */
  lacksEnd: boolean;
}

/** Decoding needs ten bytes per pixel. */
const MAX_LAB_PIXELS = 200e6;
const PSD = "image/vnd.adobe.photoshop";
const PNG_HEAD_BYTES = 1024 * 1024;
/** Cameras append previews and private data after the picture. */
const JPEG_TAIL_BYTES = 64 * 1024;
/** The marker that closes a JPEG. */
export const END_OF_IMAGE = [0xff, 0xd9];

/** Thrown for pictures beyond the limits. */
export class TooLarge extends Error {}

/** A picture that was opened: its facts, and how to decode it. */
export interface Still {
  facts: StillFacts;
  hasAlpha: boolean;
  icc?: Uint8Array;
  isHevc: boolean;
  source: string | Uint8Array;
  /** Which page of a TIFF file. */
  page?: number;
  failOn?: "warning";
  /** What must be done to pixels that the library passes on as they are stored. */
  fix?: PixelFix;
}

/** Reads only the headers. Sharp reports HEIF as rotated already, other pictures as stored. */
export async function openStill({ path, contentType, factsPath = path }: StillInput): Promise<Still> {
  using file = await Deno.open(path);
  const tiff = describeTiff(readDirectories(fileSource(file)));
  const isRaw = RAW_PHOTO_TYPES.includes(contentType) || tiff?.rawType !== undefined;
  const { source, bitDepth } = await openSource(path, contentType, isRaw, tiff);
  const page = source === path ? tiff?.page : undefined;
  const header = await sharp(source, { ...OPTIONS, page }).metadata();
  if (header.width * header.height > MAX_STILL_PIXELS) throw new TooLarge();
  const isHeif = header.format === "heif";
  const photo = await readPhoto(factsPath, contentType, header);
  return {
    source,
    page,
    icc: header.icc,
    isHevc: isHeif && header.compression === "hevc",
    hasAlpha: header.hasAlpha && !(page !== undefined && tiff?.hasUnknownExtra),
    fix: page === undefined ? undefined : fixOf(tiff!, header),
    facts: {
      format: isHeif ? (header.compression === "av1" ? "avif" : "heic") : header.format,
      rawType: tiff?.rawType ?? null,
      width: header.width,
      height: header.height,
      orientation: isHeif ? 1 : header.orientation ?? photo.orientation,
      bitDepth: bitDepth ?? header.bitsPerSample ?? (header.depth === "ushort" ? 16 : 8),
      space: header.space,
      pages: tiff && !isRaw ? tiff.pages : source === path ? countFrames(file, header) : 1,
      camera: photo.camera,
      recordedAt: photo.recordedAt,
      lacksEnd: header.format === "jpeg" && source === path && await lacksEnd(file),
    },
  };
}

interface Source {
  source: string | Uint8Array;
  /** Of the file, where the source has another. */
  bitDepth?: number;
}

/** What the library can decode: the file itself, the preview in a raw photograph, or a TIFF that was made of the file. */
async function openSource(
  path: string,
  contentType: string,
  isRaw: boolean,
  tiff: TiffPicture | undefined,
): Promise<Source> {
  if (isRaw) return { source: findPreview(await Deno.readFile(path)) ?? path };
  if (contentType === PSD) {
    const psd = readPsd(await Deno.readFile(path));
    return { source: psd.toTiff(), bitDepth: psd.depth };
  }
  return tiff?.lab ? { source: await openLab(path, tiff.main!, tiff.lab), bitDepth: 8 } : { source: path };
}

async function openLab(path: string, main: Directory, kind: "signed" | "centred"): Promise<Uint8Array> {
  const numbers = sharp(asNumbers(await Deno.readFile(path), main), { ...OPTIONS, page: main.page });
  const { width, height } = await numbers.metadata();
  if (width * height > MAX_LAB_PIXELS) throw new TooLarge();
  const { data, info } = await numbers.raw().toBuffer({ resolveWithObject: true });
  return lab16(data, info, info.channels, kind === "signed");
}

/** Facts stand in the original, also when another program made the picture that is shown. */
async function readPhoto(path: string, contentType: string, header: Metadata): Promise<PhotoFacts> {
  using file = await Deno.open(path);
  try {
    return parsePhoto(findPhotoBlocks(file, contentType) ?? header);
  } catch {
    return parsePhoto({});
  }
}

/** Frames of an animation; APNG states them before its pixels (PNG 3rd edition §11.3.6.1), which the library ignores. */
function countFrames(file: Deno.FsFile, { format, pages = 1 }: Metadata): number {
  if (format !== "png") return pages;
  const head = Buffer.from(fileSource(file).read(0, PNG_HEAD_BYTES));
  const control = head.indexOf("acTL", 0, "latin1");
  const pixels = head.indexOf("IDAT", 0, "latin1");
  return control > 0 && control < pixels && control + 8 <= head.length ? head.readUInt32BE(control + 4) : 1;
}

/** True for a JPEG without its end marker, as some writers and transfers leave it; its pixels may be complete. */
async function lacksEnd(file: Deno.FsFile): Promise<boolean> {
  const { size } = await file.stat();
  const tail = fileSource(file).read(Math.max(0, size - JPEG_TAIL_BYTES), JPEG_TAIL_BYTES);
  return Buffer.from(tail).lastIndexOf(Buffer.from(END_OF_IMAGE)) < 0;
}
