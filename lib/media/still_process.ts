// A separate process for pictures: reads one request from its arguments and prints one line of JSON. Parsers of
// untrusted pictures are native code, so they run confined and without secrets (started by still.ts).
import { crc32, deflateSync } from "node:zlib";
import { Buffer } from "node:buffer";
import { isMirroredOrientation, rotationOfOrientation } from "./picture.ts";
import { OPTIONS, type ResizeOptions, type Sharp, sharp } from "./sharp.ts";
import {
  END_OF_IMAGE,
  openStill,
  type Still,
  type StillFacts,
  type StillInput,
  TooLarge,
} from "./still_open.ts";
import { fixPixels } from "./still_pixels.ts";

/**
 * `render` writes an upright sRGB picture inside a square of `longest`; `auto` is WebP for transparency, otherwise
 * JPEG.
 */
export type StillRequest =
  & StillInput
  & ({ verb: "probe" } | {
    verb: "render";
    longest: number;
    format: "webp" | "auto";
    quality: number;
    /** Without extension. */
    output: string;
  });

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

/** Decoding in WebAssembly needs several times four bytes per pixel; larger pictures do not fit its memory. */
const MAX_HEIC_PIXELS = 120e6;

if (import.meta.main) {
  const print = console.log;
  // Decoders in WebAssembly chat on standard output, which holds the answer alone.
  console.log = console.error;
  print(JSON.stringify(await answer(JSON.parse(Deno.args[0]!))));
}

async function answer(request: StillRequest): Promise<StillAnswer> {
  try {
    const still = await openStill(request);
    return request.verb === "probe" ? { facts: still.facts } : { rendition: await render(still, request) };
  } catch (error) {
    // A permission that is missing is a fault of ours, not of the picture.
    if (error instanceof Deno.errors.NotCapable) throw error;
    console.error(error);
    return { failure: failureOf(error) };
  }
}

async function render(still: Still, request: StillRequest & { verb: "render" }): Promise<StillRendition> {
  try {
    return await encode(still, request);
  } catch (error) {
    if (!still.facts.lacksEnd || failureOf(error) !== "truncated") throw error;
    const source = Buffer.concat([await Deno.readFile(request.path), Buffer.from(END_OF_IMAGE)]);
    // Strictly: when pixels are missing too, the marker comes too early, of which the decoder only warns.
    return await encode({ ...still, source, failOn: "warning" }, request);
  }
}

async function encode(still: Still, request: StillRequest & { verb: "render" }): Promise<StillRendition> {
  const { longest, quality } = request;
  const box = { width: longest, height: longest, fit: "inside", withoutEnlargement: true } as const;
  const picture = (await upright(still, box)).toColourspace("srgb");
  const format = request.format === "webp" || still.hasAlpha ? "webp" : "jpeg";
  const path = `${request.output}.${format === "webp" ? "webp" : "jpg"}`;
  const encoded = format === "webp" ? picture.webp({ quality, effort: 3 }) : picture.jpeg({ quality });
  const { width, height, size } = await encoded.toFile(path);
  // An encoder may succeed and leave a file that shows nothing.
  await sharp(path, { failOn: "warning" }).stats();
  return { path, format, width, height, bytes: size };
}

async function upright(still: Still, box: ResizeOptions): Promise<Sharp> {
  if (still.isHevc) return await openHevc(still, box);
  const { orientation } = still.facts;
  const options = { ...OPTIONS, ...(still.failOn && { failOn: still.failOn }), page: still.page };
  const picture = sharp(still.source, options);
  const { orientation: own } = await picture.metadata();
  // The preview in a raw photograph may lack the orientation, which is stored outside of it.
  const turned = own
    ? picture.autoOrient()
    : picture.flop(isMirroredOrientation(orientation)).rotate(rotationOfOrientation(orientation));
  return await fixPixels(turned.resize(box), still.fix, () => sharp(still.source, options));
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
