// A separate process for pictures: reads one request from its arguments and prints one line of JSON. Parsers of
// untrusted pictures are native code, so they run confined and without secrets (started by still.ts).
import { crc32, deflateSync } from "node:zlib";
import { Buffer } from "node:buffer";
import sharp, { type ResizeOptions, type Sharp } from "sharp";
import { parseExif, type PhotoFacts } from "./exif.ts";
import { MAX_STILL_PIXELS, rotationOfOrientation } from "./picture.ts";
import { findPreview, RAW_PHOTO_TYPES } from "./raw_photo.ts";

/**
 * `render` writes an upright sRGB picture inside a square of `longest`; `auto` is WebP for transparency, otherwise
 * JPEG.
 */
export type StillRequest =
  | { verb: "probe"; path: string; contentType: string }
  | {
    verb: "render";
    path: string;
    contentType: string;
    longest: number;
    format: "webp" | "auto";
    quality: number;
    /** Without extension. */
    output: string;
  };

export interface StillFacts {
  format: string;
  /** As stored. */
  width: number;
  height: number;
  orientation: number;
  bitDepth: number;
  space: string;
  pages: number;
  camera: PhotoFacts["camera"];
  recordedAt: string | null;
}

export interface StillRendition {
  path: string;
  format: "webp" | "jpeg";
  width: number;
  height: number;
  bytes: number;
}

export type StillAnswer =
  | { facts: StillFacts }
  | { rendition: StillRendition }
  | { failure: "unreadable" | "truncated" | "too_large_picture" };

const LOADERS = ["Jpeg", "Png", "Webp", "Tiff", "Nsgif", "Heif"].map((name) => `VipsForeignLoad${name}`);
const OPTIONS = { limitInputPixels: MAX_STILL_PIXELS, failOn: "truncated", sequentialRead: true } as const;
/** Decoding in WebAssembly needs several times four bytes per pixel; larger pictures do not fit its memory. */
const MAX_HEIC_PIXELS = 120e6;

class TooLarge extends Error {}

if (import.meta.main) {
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: LOADERS });
  sharp.cache(false);
  sharp.concurrency(2);
  console.log(JSON.stringify(await answer(JSON.parse(Deno.args[0]!))));
}

async function answer(request: StillRequest): Promise<StillAnswer> {
  try {
    const still = await open(request);
    return request.verb === "probe" ? { facts: still.facts } : { rendition: await render(still, request) };
  } catch (error) {
    console.error(error);
    return { failure: failureOf(error) };
  }
}

interface Still {
  facts: StillFacts;
  hasAlpha: boolean;
  icc?: Uint8Array;
  isHevc: boolean;
  source: string | Uint8Array;
}

/** Reads only the headers. Sharp reports HEIF as rotated already, other pictures as stored. */
async function open({ path, contentType }: StillRequest): Promise<Still> {
  const isRaw = RAW_PHOTO_TYPES.includes(contentType);
  const file = isRaw ? await Deno.readFile(path) : undefined;
  const source = file ? findPreview(file) ?? path : path;
  const header = await sharp(source, OPTIONS).metadata();
  if (header.width * header.height > MAX_STILL_PIXELS) throw new TooLarge();
  const isHeif = header.format === "heif";
  const photo = parseExif(file && startsAsTiff(file) ? file : header.exif);
  return {
    source,
    icc: header.icc,
    isHevc: isHeif && header.compression === "hevc",
    hasAlpha: header.hasAlpha,
    facts: {
      format: isHeif ? (header.compression === "av1" ? "avif" : "heic") : header.format,
      width: header.width,
      height: header.height,
      orientation: isHeif ? 1 : header.orientation ?? photo.orientation,
      bitDepth: header.bitsPerSample ?? (header.depth === "ushort" ? 16 : 8),
      space: header.space,
      pages: header.pages ?? 1,
      camera: photo.camera,
      recordedAt: photo.recordedAt,
    },
  };
}

async function render(still: Still, request: StillRequest & { verb: "render" }): Promise<StillRendition> {
  const { longest, quality } = request;
  const box = { width: longest, height: longest, fit: "inside", withoutEnlargement: true } as const;
  const picture = (await upright(still, box)).toColourspace("srgb");
  const format = request.format === "webp" || still.hasAlpha ? "webp" : "jpeg";
  const path = `${request.output}.${format === "webp" ? "webp" : "jpg"}`;
  const encoded = format === "webp" ? picture.webp({ quality, effort: 3 }) : picture.jpeg({ quality });
  const { width, height, size } = await encoded.toFile(path);
  return { path, format, width, height, bytes: size };
}

async function upright(still: Still, box: ResizeOptions): Promise<Sharp> {
  if (still.isHevc) return await openHevc(still, box);
  const { orientation } = still.facts;
  const picture = sharp(still.source, OPTIONS);
  const { orientation: own } = await picture.metadata();
  // The preview in a raw photograph may lack the orientation, which is stored outside of it.
  const turned = own ? picture.autoOrient() : picture.rotate(rotationOfOrientation(orientation));
  return turned.resize(box);
}

/**
 * Sharp's build detects HEVC pictures but cannot decode them. The decoder is loaded on demand, because that takes 0.1
 * s.
 */
async function openHevc(still: Still, box: ResizeOptions): Promise<Sharp> {
  if (still.facts.width * still.facts.height > MAX_HEIC_PIXELS) throw new TooLarge();
  const { decodeHeic } = await import("./heic.ts");
  const { data, width, height } = await decodeHeic(await Deno.readFile(still.source as string));
  const resized = sharp(data, { raw: { width, height, channels: 4 } }).resize(box);
  const png = await (still.hasAlpha ? resized : resized.removeAlpha()).png({ compressionLevel: 0 })
    .toBuffer();
  return sharp(still.icc ? withProfile(png, still.icc) : png);
}

/**
 * Inserts a colour profile after a PNG's header (iCCP, PNG §11.3.3.3), so that sharp interprets the colours correctly.
 */
function withProfile(png: Uint8Array, icc: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from("iCCPicc\0\0", "latin1"), deflateSync(icc)]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4);
  chunk.set(body, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  // 8 bytes of signature, 25 of IHDR.
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

function startsAsTiff(file: Uint8Array): boolean {
  return (file[0] === 0x49 && file[1] === 0x49) || (file[0] === 0x4d && file[1] === 0x4d);
}

function failureOf(error: unknown): "unreadable" | "truncated" | "too_large_picture" {
  const message = error instanceof Error ? error.message : "";
  if (error instanceof TooLarge || /exceeds pixel limit|too large|size limit|out of memory/i.test(message)) {
    return "too_large_picture";
  }
  const isCutOff = /premature|truncat|unexpected end|bad seek|not enough|end of (?:file|data|stream)/i.test(
    message,
  );
  return isCutOff ? "truncated" : "unreadable";
}
