import { findMediaFailure, mediaError } from "./errors.ts";
import { looksFading } from "./frame_rating.ts";
import { takeFrame, type TakenFrame } from "./poster_frame.ts";
import { fitInside, shownSize, type Size } from "./picture.ts";
import { type MediaOptions, NOTHING_TECHNICAL, type Probe, type Rendition } from "./schema.ts";
import { findVideoIndex } from "./streams.ts";
import { renderStill } from "./still.ts";
import { requireDecodable } from "./verify.ts";

/** A poster fits into a square of this many pixels. */
export const POSTER_SIDE = 640;
const QUALITY = 78;
/** Positions to try, as fractions of the duration: past a slate or fade, then spread over the whole, then in between. */
const SPOTS = [0.1, 0.25, 0.5, 0.75, 0.9, 0.02, 0.37, 0.63, 0.17, 0.82, 0.44, 0.57, 0.31, 0.69, 0.05, 0.97];
/** Seconds to try of the first minute of a longer file. */
const FIRST_MINUTE = [6, 20, 40, 55, 13, 30, 48, 2, 25, 35, 10, 16];
/** Frames that the first look takes at most when none of them is good, and what the thorough one may take of time. */
const FIRST_LOOK = 3;
const SEARCH_MS = 15_000;
/** Shorter files may have a single key frame, and exact frames of them are decoded quickly. */
const SHORT_SECONDS = 30;

export interface PosterOptions extends MediaOptions {
  /** Search the whole file for the best frame, instead of taking one quickly. */
  isThorough?: boolean;
}

/** A poster, and whether a thorough look may find a better one. */
export interface Poster extends Rendition {
  isDoubtful: boolean;
}

/**
 * Makes the poster of a file in `folder`: for video a frame that is sharp and neither black, blank nor in a fade,
 * upright, with square pixels and in SDR; for an image the image; for audio its cover. `probe` may be a glance. Null when
 * there is no picture. At most 640 pixels each way. Throws media errors for a broken file and unavailable when a tool is
 * missing.
 */
export async function makePoster(
  path: string,
  folder: string,
  probe: Probe,
  options: PosterOptions = {},
): Promise<Poster | null> {
  if (probe.assetType === "video") return await posterOfVideo(path, folder, probe, options);
  if (probe.assetType === "audio") return await posterOfCover(path, folder, probe, options);
  if (probe.assetType === "image") return await posterOfImage(path, folder, probe, options);
  return null;
}

async function posterOfImage(
  path: string,
  folder: string,
  probe: Probe,
  { signal }: MediaOptions,
): Promise<Poster> {
  const target = { longest: POSTER_SIDE, format: "webp", quality: QUALITY, name: "poster" } as const;
  const { width, height, ...still } = await renderStill(path, folder, probe.contentType, target, signal);
  return { path: still.path, contentType: "image/webp", extension: "webp", width, height, isDoubtful: false };
}

async function posterOfCover(
  path: string,
  folder: string,
  { technical }: Probe,
  { signal }: MediaOptions,
): Promise<Poster | null> {
  const cover = technical.streams.find(({ type }) => type === "cover");
  if (!cover?.width || !cover.height) return null;
  const shape = { ...NOTHING_TECHNICAL, width: cover.width, height: cover.height };
  const spot = { stream: cover.index, seek: [], name: "poster", size: sizeOf(shape) };
  try {
    const frame = await takeFrame(path, shape, spot, { folder, signal });
    if (!frame) return null;
    await requireDecodable(frame.rendition, folder, { signal });
    return { ...frame.rendition, isDoubtful: false };
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
  { signal, isThorough = false }: PosterOptions,
): Promise<Poster> {
  const common = { stream: findVideoIndex(technical), size: sizeOf(technical) };
  const deadline = performance.now() + SEARCH_MS;
  let best: TakenFrame | undefined;
  let failure: unknown = mediaError("undecodable");
  let endsAt = Infinity;
  for (const [nth, { at, seek }] of listSpots(durationMs).entries()) {
    const isEnough = nth >= FIRST_LOOK && (!isThorough || performance.now() > deadline);
    if (best && (isGood(best) || isEnough)) break;
    if (at >= endsAt) continue;
    try {
      const spot = { ...common, seek, name: `poster-${nth}` };
      const frame = await takeCleanFrame(path, technical, spot, { folder, signal });
      // Pictures may end long before the sound.
      if (!frame) endsAt = Math.min(endsAt, at);
      else if (worthOf(frame) > (best ? worthOf(best) : -1)) best = frame;
    } catch (error) {
      if (findMediaFailure(error) === undefined) throw error;
      failure = error;
    }
  }
  if (!best) throw failure;
  await requireDecodable(best.rendition, folder, { signal });
  return { ...best.rendition, isDoubtful: !isThorough && !isGood(best) };
}

/** The frame at a position; when it does not decode without errors, the next key frame if that is better. */
async function takeCleanFrame(...[path, technical, spot, place]: Parameters<typeof takeFrame>) {
  const frame = await takeFrame(path, technical, spot, place);
  if (!frame || frame.isClean) return frame;
  const alone = { ...spot, isKeyFrame: true, name: `${spot.name}-key` };
  const key = await takeFrame(path, technical, alone, place);
  return key && worthOf(key) > worthOf(frame) ? key : frame;
}

function sizeOf(technical: Probe["technical"]): Size {
  const shown = shownSize(technical);
  if (!shown) throw mediaError("no_size");
  return fitInside(shown, POSTER_SIDE);
}

function isGood({ rating, later, isClean }: TakenFrame): boolean {
  return isClean && rating.isClear && !(later && looksFading(rating, later));
}

/** A frame that did not decode without errors comes after all that did; a clear one before one that is not. */
function worthOf({ rating, isClean }: TakenFrame): number {
  return rating.score + (isClean ? 2 : 0) + (rating.isClear ? 1 : 0);
}

interface Position {
  /** Seconds. */
  at: number;
  seek: string[];
}

/** Where to look, in this order: at key frames of longer files, which is fast, the start, then at exact frames. */
function listSpots(durationMs: number | null): Position[] {
  const seconds = (durationMs ?? 0) / 1000;
  const start: Position = { at: 0, seek: [] };
  const exact = (at: number): Position => ({ at, seek: ["-ss", at.toFixed(3)] });
  if (!seconds) return [start, ...[1, 4, 10, 30].map(exact)];
  const near = (at: number): Position => ({ at, seek: ["-noaccurate_seek", "-ss", at.toFixed(3)] });
  const spread = SPOTS.map((spot) => spot * seconds);
  const early = FIRST_MINUTE.filter((at) => at < seconds && seconds > 60);
  const quick = [spread[0]!, ...early.slice(0, 1), ...spread.slice(1, 4), ...early.slice(1, 4)]
    .map(seconds < SHORT_SECONDS ? exact : near);
  // The first frames of a short stretch of pictures before longer sound.
  const beginning = [0.5, 1, 2].filter((at) => at < seconds / 10);
  const rest = [...beginning, ...interleave(spread, early)];
  return [...quick.slice(0, FIRST_LOOK), start, ...quick.slice(FIRST_LOOK), ...rest.map(exact)];
}

function interleave(some: number[], others: number[]): number[] {
  return some.flatMap((one, nth) => nth < others.length ? [one, others[nth]!] : [one]);
}
