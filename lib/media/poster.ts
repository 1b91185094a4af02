import { join } from "node:path";
import { findVideoIndex } from "./streams.ts";
import { findMediaFailure, mediaError } from "./errors.ts";
import { getCapabilities, inputArgs, runFfmpeg, type ToolLimits } from "./ffmpeg.ts";
import { pictureFilters } from "./filters.ts";
import { fitInside, shownSize } from "./picture.ts";
import {
  type MediaOptions,
  NOTHING_TECHNICAL,
  type Probe,
  type Rendition,
  type TechnicalMetadata,
} from "./schema.ts";
import { renderStill } from "./still.ts";

/** A poster fits into a square of this many pixels. */
export const POSTER_SIDE = 640;
const QUALITY = 78;
/**
 * Positions to try, as fractions of the duration: past a slate or fade, then spread over the whole, then in between.
 */
const SPOTS = [0.1, 0.25, 0.5, 0.75, 0.9, 0.02, 0.37, 0.63, 0.17, 0.82, 0.44, 0.57, 0.31, 0.69, 0.05, 0.97];
/**
 * Limits for luma in limited range (black 16, white 235). A frame whose mean is outside them, or with less contrast, is
 * rejected.
 */
const DARK = 36;
const BRIGHT = 228;
const FLAT = 40;

/**
 * Makes the poster of a file in `folder`: for video a frame that is neither black nor blank, upright, with square
 * pixels and in SDR; for an image the image; for audio its cover. Null when there is no picture. At most 640 pixels
 * each way. Throws media errors for a broken file and unavailable when a tool is missing.
 */
export async function makePoster(
  path: string,
  folder: string,
  probe: Probe,
  options: MediaOptions = {},
): Promise<Rendition | null> {
  if (probe.assetType === "video") return await posterOfVideo(path, folder, probe, options);
  if (probe.assetType === "audio") return await posterOfCover(path, folder, probe.technical, options);
  if (probe.assetType === "image") return await posterOfImage(path, folder, probe, options);
  return null;
}

async function posterOfImage(
  path: string,
  folder: string,
  probe: Probe,
  { signal }: MediaOptions,
): Promise<Rendition> {
  const target = { longest: POSTER_SIDE, format: "webp", quality: QUALITY, name: "poster" } as const;
  const still = await renderStill(path, folder, probe.contentType, target, signal);
  return {
    path: still.path,
    contentType: "image/webp",
    extension: "webp",
    width: still.width,
    height: still.height,
  };
}

async function posterOfCover(
  path: string,
  folder: string,
  technical: TechnicalMetadata,
  { signal }: MediaOptions,
): Promise<Rendition | null> {
  const cover = technical.streams.find(({ type }) => type === "cover");
  if (!cover?.width || !cover.height) return null;
  const shape = { ...NOTHING_TECHNICAL, width: cover.width, height: cover.height };
  try {
    const shot = await takeShot(path, shape, { stream: cover.index, seek: [], name: "poster" }, {
      folder,
      signal,
    });
    return shot?.rendition ?? null;
  } catch (error) {
    // A broken cover does not make the audio unusable.
    if (findMediaFailure(error)) return null;
    throw error;
  }
}

async function posterOfVideo(
  path: string,
  folder: string,
  { technical, durationMs }: Probe,
  { signal }: MediaOptions,
): Promise<Rendition> {
  const stream = findVideoIndex(technical);
  let best: Shot | undefined;
  let failure: unknown = mediaError("undecodable");
  for (const [nth, seek] of seeks(durationMs).entries()) {
    try {
      const shot = await takeShot(path, technical, { stream, seek, name: `poster-${nth}` }, {
        folder,
        signal,
      });
      if (shot && shot.score > (best?.score ?? -1)) best = shot;
      if (best?.isClear) break;
    } catch (error) {
      if (findMediaFailure(error) === undefined) throw error;
      failure = error;
    }
  }
  if (!best) throw failure;
  return best.rendition;
}

/** Seek arguments for each position: first to the preceding key frame, which is fast, then to exact frames. */
function seeks(durationMs: number | null): string[][] {
  if (!durationMs) return [[], ["-ss", "1"]];
  const at = (spot: number) => (durationMs * spot / 1000).toFixed(3);
  return [["-noaccurate_seek", "-ss", at(SPOTS[0]!)], ...SPOTS.map((spot) => ["-ss", at(spot)])];
}

interface Shot {
  rendition: Rendition;
  isClear: boolean;
  /** Higher is better. */
  score: number;
}

interface Spot {
  stream: number;
  seek: string[];
  name: string;
}

/** Decodes one frame; undefined when there is none at that position. */
async function takeShot(
  path: string,
  technical: TechnicalMetadata,
  { stream, seek, name }: Spot,
  { folder, signal }: { folder: string; signal?: AbortSignal },
): Promise<Shot | undefined> {
  const tools = await getCapabilities();
  const shown = shownSize(technical);
  if (!shown) throw mediaError("no_size");
  const size = fitInside(shown, POSTER_SIDE);
  const isWebp = tools.encoders.has("libwebp");
  const output = join(folder, `${name}.${isWebp ? "webp" : "jpg"}`);
  const filters = pictureFilters(technical, { size, matrix: "bt601" }, tools);
  const measure = ["signalstats", "metadata=mode=print:file=-"];
  const coder = isWebp
    ? ["-c:v", "libwebp", "-quality", String(QUALITY), "-compression_level", "3"]
    : ["-c:v", "mjpeg", "-q:v", "4", "-update", "1"];
  const args = [
    "-threads",
    "2",
    ...seek,
    ...inputArgs(path),
    "-map",
    `0:${stream}`,
    "-an",
    "-sn",
    "-dn",
    "-map_metadata",
    "-1",
    "-frames:v",
    "1",
    "-vf",
    [...filters, ...measure].join(","),
    ...coder,
    output,
  ];
  const limits: ToolLimits = {
    folder,
    wallMs: 90_000,
    memoryBytes: 4 * 2 ** 30,
    fileBytes: 64 * 2 ** 20,
    signal,
  };
  const { stdout } = await runFfmpeg(path, args, limits);
  const bytes = (await Deno.stat(output).catch(() => undefined))?.size;
  if (!bytes) return undefined;
  const [extension, contentType] = isWebp ? ["webp", "image/webp"] : ["jpg", "image/jpeg"];
  return { rendition: { path: output, contentType, extension, ...size }, ...rateFrame(stdout) };
}

/** Rates a frame by the output of `signalstats`. */
function rateFrame(printed: string): Pick<Shot, "isClear" | "score"> {
  const value = (name: string) =>
    Number(new RegExp(`signalstats\\.${name}=(\\d+(?:\\.\\d+)?)`).exec(printed)?.[1] ?? 0);
  const [mean, low, high] = [value("YAVG"), value("YLOW"), value("YHIGH")];
  const spread = high - low;
  return {
    isClear: mean >= DARK && mean <= BRIGHT && spread >= FLAT,
    score: spread + Math.min(mean, 110) / 2,
  };
}
