import { join } from "node:path";
import { getCapabilities, inputArgs, runFfmpeg, type ToolLimits } from "./ffmpeg.ts";
import { pictureFilters } from "./filters.ts";
import { type FrameRating, RATED, rateFrame } from "./frame_rating.ts";
import type { Size } from "./picture.ts";
import type { Rendition, TechnicalMetadata } from "./schema.ts";

const QUALITY = 78;
/** How much later the second frame is that tells a fade. */
const LATER_SECONDS = 0.4;
const WALL_MS = 30_000;
const MEMORY_BYTES = 4 * 2 ** 30;
const FILE_BYTES = 64 * 2 ** 20;

export interface TakenFrame {
  rendition: Rendition;
  rating: FrameRating;
  /** The rating of a frame shortly afterwards; undefined at the end. */
  later: FrameRating | undefined;
  /** It was decoded without errors. */
  isClean: boolean;
}

export interface Spot {
  stream: number;
  /** Arguments before the input. */
  seek: string[];
  /** Pass over frames that need others, which may be missing. */
  isKeyFrame?: boolean;
  size: Size;
  /** File name without extension. */
  name: string;
}

/**
 * Decodes the frame at a position into a picture of `size`, and rates it and one shortly afterwards. Undefined when
 * there is none. Throws as `runFfmpeg` does.
 */
export async function takeFrame(
  path: string,
  technical: TechnicalMetadata,
  { stream, seek, isKeyFrame = false, name, size }: Spot,
  { folder, signal }: { folder: string; signal?: AbortSignal },
): Promise<TakenFrame | undefined> {
  const tools = await getCapabilities();
  const isWebp = tools.encoders.has("libwebp");
  const [extension, contentType] = isWebp ? ["webp", "image/webp"] : ["jpg", "image/jpeg"];
  const output = join(folder, `${name}.${extension}`);
  const measured = join(folder, `${name}.grey`);
  const filters = pictureFilters(technical, { size, matrix: "bt601" }, tools);
  const coder = isWebp
    ? ["-c:v", "libwebp", "-quality", String(QUALITY), "-compression_level", "3"]
    : ["-c:v", "mjpeg", "-q:v", "4"];
  // Frames of a key frame before the position have negative times, which other modes drop.
  const asDecoded = ["-fps_mode", "passthrough"];
  const both = `select='eq(n,0)+gte(t-prev_selected_t,${LATER_SECONDS})'`;
  const graph = `[0:${stream}]${both},${filters.join(",")},split[picture][rated];` +
    `[rated]scale=${RATED.width}:${RATED.height}:flags=area:out_range=pc,format=gray[grey]`;
  const args = [
    ...[
      "-threads",
      "2",
      ...(isKeyFrame ? ["-skip_frame", "nokey"] : []),
      ...seek,
      ...inputArgs(path),
      "-an",
      "-sn",
      "-dn",
    ],
    ...["-filter_complex", graph, "-map_metadata", "-1"],
    ...[
      "-map",
      "[picture]",
      "-frames:v",
      "1",
      ...asDecoded,
      ...coder,
      "-f",
      "image2",
      "-update",
      "1",
      output,
    ],
    ...["-map", "[grey]", "-frames:v", isKeyFrame ? "1" : "2", ...asDecoded, "-f", "rawvideo", measured],
  ];
  const limits: ToolLimits = {
    folder,
    wallMs: WALL_MS,
    memoryBytes: MEMORY_BYTES,
    fileBytes: FILE_BYTES,
    signal,
  };
  const { stderr } = await runFfmpeg(path, args, limits);
  const [rating, later] = rateAll(await Deno.readFile(measured).catch(() => new Uint8Array()));
  const bytes = (await Deno.stat(output).catch(() => undefined))?.size;
  if (!rating || !bytes) return undefined;
  return {
    rendition: { path: output, contentType: contentType!, extension: extension!, ...size },
    rating,
    later,
    isClean: stderr === "",
  };
}

function rateAll(grey: Uint8Array): FrameRating[] {
  const bytes = RATED.width * RATED.height;
  return Array.from(
    { length: Math.floor(grey.length / bytes) },
    (_, nth) => rateFrame(grey.subarray(nth * bytes, (nth + 1) * bytes)),
  );
}
