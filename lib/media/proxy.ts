import { join } from "node:path";
import { framesToMs, type Rate } from "../timecode/timecode.ts";
import { findVideoIndex } from "./streams.ts";
import { mediaError, toolError } from "./errors.ts";
import {
  type Capabilities,
  getCapabilities,
  inputArgs,
  MAX_DURATION_MS,
  runFfmpeg,
  type ToolLimits,
} from "./ffmpeg.ts";
import { pictureFilters } from "./filters.ts";
import { measureHeld } from "./held.ts";
import {
  encodingLimitMs,
  hasPlayableStreams,
  IMAGE_SIDE,
  isGoodProxy,
  isPlayable,
  planProxy,
  type ProxyPlan,
  type SourceFacts,
} from "./proxy_plan.ts";
import { audioArgs } from "./proxy_sound.ts";
import type { MediaOptions, Probe, ProxyOptions, Rendition } from "./schema.ts";
import { renderStill } from "./still.ts";
import { readMp4Layout } from "./truncation.ts";
import { requireDecodable } from "./verify.ts";

const MEMORY_BYTES = 4 * 2 ** 30;
/** Behind posters and metadata, for which people wait. */
const NICENESS = 15;
const THREADS = "2";
const PROGRESS_ARGS = ["-progress", "pipe:1", "-stats_period", "0.5"];
const IMAGE_QUALITY = 82;
/** A lower quality for sources that are already strongly compressed. */
const SMALLER_IMAGE_QUALITY = 70;
/** Image types that browsers display, and which of them may be animated. */
const WEB_IMAGES = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/apng"];
const WEB_ANIMATIONS = ["image/webp", "image/gif", "image/apng", "image/avif"];

/**
 * Makes the proxy that browsers play instead of the original, in `folder`. Video: 720p H.264 with AAC, upright, square
 * pixels, constant frame rate unless pictures are held for long, a key frame every two seconds, fast start. Audio: AAC in MP4. Image: upright sRGB of at
 * most 2048 pixels. Returns `original` when the file itself serves as well, when nothing smaller can be made of a
 * playable file, and for animated images. Throws media errors for a broken file, unavailable when ffmpeg or its H.264
 * encoder is missing, and the signal's reason on abort.
 */
export async function makeProxy(
  path: string,
  folder: string,
  probe: Probe,
  options: ProxyOptions = {},
): Promise<Rendition | "original"> {
  if (probe.assetType === "image") return await proxyOfImage(path, folder, probe, options);
  if (probe.assetType !== "video" && probe.assetType !== "audio") return "original";
  const source = await readSource(path, folder, probe, options);
  if (isGoodProxy(probe, source)) return "original";
  const tools = await getCapabilities();
  if (probe.assetType === "video" && !tools.encoders.has("libx264")) {
    throw toolError("no_encoder");
  }
  const output = join(folder, "proxy.mp4");
  const plan = planProxy(probe, source);
  if (!plan.size && plan.audio.length === 0) throw mediaError("mostly_gaps");
  const wallMs = options.wallMs ?? encodingLimitMs(probe, source);
  const monotonicOptions = { ...options, onProgress: monotonic(options.onProgress) };
  const make = async (args: string[]) => {
    const reached = await encode(path, args, folder, probe, { ...monotonicOptions, wallMs });
    return { ...reached, bytes: (await Deno.stat(output)).size };
  };
  const { bytes, ...reached } = await make(proxyArgs(path, output, probe, plan, tools));
  requireMostDecoded(probe, reached, plan.rate);
  let { width, height } = plan.size ?? { width: null, height: null };
  if (bytes > source.bytes) {
    if (isPlayable(probe, source)) return "original";
    if (hasPlayableStreams(probe)) {
      await make(copyArgs(path, output, plan, probe));
      ({ width, height } = probe.technical);
    } else {
      const smaller = planProxy(probe, source, 0.9 * source.bytes / bytes);
      await make(proxyArgs(path, output, probe, smaller, tools));
    }
  }
  const contentType = probe.assetType === "video" ? "video/mp4" : "audio/mp4";
  const made = { path: output, contentType, extension: "mp4", width, height };
  await requireDecodable(made, folder, options);
  monotonicOptions.onProgress(100);
  return made;
}

async function proxyOfImage(
  path: string,
  folder: string,
  probe: Probe,
  { signal, onProgress }: ProxyOptions,
): Promise<Rendition | "original"> {
  const { contentType, technical: { width, height, rotation, is_mirrored, frame_count } } = probe;
  if (frame_count && WEB_ANIMATIONS.includes(contentType)) return "original";
  const target = { longest: IMAGE_SIDE, format: "auto", quality: IMAGE_QUALITY, name: "proxy" } as const;
  const { size: sourceBytes } = await Deno.stat(path);
  let still = await renderStill(path, folder, contentType, target, signal);
  const fits = rotation === 0 && !is_mirrored &&
    Math.max(width ?? Infinity, height ?? Infinity) <= IMAGE_SIDE;
  if (fits && WEB_IMAGES.includes(contentType) && still.bytes >= sourceBytes) return "original";
  if (still.bytes > sourceBytes) {
    const smaller = { ...target, format: "webp", quality: SMALLER_IMAGE_QUALITY } as const;
    still = await renderStill(path, folder, contentType, smaller, signal);
  }
  onProgress?.(100);
  const extension = still.format === "webp" ? "webp" : "jpg";
  return {
    path: still.path,
    contentType: `image/${still.format}`,
    extension,
    width: still.width,
    height: still.height,
  };
}

async function readSource(
  path: string,
  folder: string,
  { technical }: Probe,
  options: MediaOptions,
): Promise<SourceFacts> {
  const { size: bytes } = await Deno.stat(path);
  const isMp4 = technical.container_format === "mp4";
  return {
    bytes,
    held: await measureHeld(path, folder, { ...options, container: technical.container_format }),
    isFastStart: isMp4 && (await readMp4Layout(path)).isFastStart,
  };
}

/** Runs ffmpeg with `args`, and tells how far it came. */
async function encode(
  path: string,
  args: string[],
  folder: string,
  probe: Probe,
  { signal, onProgress, wallMs }: ProxyOptions & { wallMs: number },
): Promise<Reached> {
  const reached = { frames: 0, outMs: 0 };
  const { size: sourceBytes } = await Deno.stat(path);
  const limits: ToolLimits = {
    folder,
    wallMs,
    memoryBytes: MEMORY_BYTES,
    niceness: NICENESS,
    // Allows for a bit rate above the target and for small files. Fast start rewrites the file in place.
    fileBytes: 2 * sourceBytes + 256 * 2 ** 20,
    signal,
    onLine: watchProgress(reached, probe.durationMs, onProgress),
  };
  await runFfmpeg(path, args, limits);
  return reached;
}

/** All ffmpeg arguments for one proxy. */
export function proxyArgs(
  path: string,
  output: string,
  probe: Probe,
  plan: ProxyPlan,
  tools: Capabilities,
): string[] {
  return [
    ...PROGRESS_ARGS,
    "-threads",
    THREADS,
    "-filter_threads",
    THREADS,
    "-fflags",
    "+genpts",
    // A longer step between two packets is taken for an error and left out, which would shift all that follows.
    "-dts_error_threshold",
    String(MAX_DURATION_MS / 1000),
    ...(plan.leadMs > 0 ? ["-itsoffset", (-plan.leadMs / 1000).toFixed(6)] : []),
    ...inputArgs(path),
    ...(plan.size ? videoArgs(probe, plan, tools) : ["-vn"]),
    ...plan.audio.flatMap((stream, nth) => audioArgs(stream, nth, plan)),
    "-threads",
    THREADS,
    ...containerArgs(output),
  ];
}

/** Arguments that only remux the streams into another container. */
function copyArgs(path: string, output: string, plan: ProxyPlan, { technical }: Probe): string[] {
  const streams = [
    ...(plan.size ? [findVideoIndex(technical)] : []),
    ...plan.audio.map(({ index }) => index),
  ];
  return [
    ...PROGRESS_ARGS,
    ...inputArgs(path),
    ...streams.flatMap((index) => ["-map", `0:${index}`]),
    "-c",
    "copy",
    ...containerArgs(output),
  ];
}

function containerArgs(output: string): string[] {
  return [
    "-sn",
    "-dn",
    "-map_metadata",
    "-1",
    "-map_chapters",
    "-1",
    "-fflags",
    "+bitexact",
    "-max_muxing_queue_size",
    "4096",
    "-movflags",
    "+faststart",
    "-f",
    "mp4",
    output,
  ];
}

function videoArgs(
  { technical }: Probe,
  { size, rate, keepsTimes, videoBits }: ProxyPlan,
  tools: Capabilities,
): string[] {
  const filters = pictureFilters(technical, { size: size!, matrix: "bt709", rate: rate!, keepsTimes }, tools);
  // Two seconds in whole frames, so that key frames are evenly spaced.
  const group = String(Math.max(1, Math.round(2 * rate!.num / rate!.den)));
  const timecode = technical.start_timecode && rate!.den === technical.frame_rate_den &&
      !technical.is_variable_frame_rate
    ? ["-timecode", technical.start_timecode]
    : [];
  return [
    "-map",
    `0:${findVideoIndex(technical)}`,
    "-vf",
    filters.join(","),
    ...(keepsTimes ? ["-fps_mode", "vfr"] : []),
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-profile:v",
    "high",
    "-crf",
    "23",
    "-maxrate",
    String(videoBits),
    "-bufsize",
    String(videoBits),
    "-g",
    group,
    "-keyint_min",
    group,
    "-sc_threshold",
    "0",
    "-flags:v",
    "+bitexact",
    ...timecode,
  ];
}

interface Reached {
  frames: number;
  outMs: number;
}

/** Parses ffmpeg's progress output and updates `reached`. Percent stops at 99, because work remains afterwards. */
function watchProgress(reached: Reached, durationMs: number | null, onProgress?: (percent: number) => void) {
  return (line: string) => {
    const [name, value] = line.split("=");
    if (name === "frame") reached.frames = Number(value) || reached.frames;
    if (name !== "out_time_us") return;
    reached.outMs = Math.max(reached.outMs, Math.floor(Number(value) / 1000) || 0);
    if (durationMs) onProgress?.(Math.min(99, Math.floor(100 * reached.outMs / durationMs)));
  };
}

/** A second attempt starts at zero again, but reported progress must not go back. */
function monotonic(onProgress: ((percent: number) => void) | undefined): (percent: number) => void {
  let last = 0;
  return (percent) => {
    if (percent > last) onProgress?.(last = percent);
  };
}

/**
 * ffmpeg succeeds with whatever it could decode; less than half of the duration is not an acceptable proxy. Its clock
 * stands at the start of the last frame, so slow pictures are counted.
 */
function requireMostDecoded(
  { assetType, durationMs }: Probe,
  { frames, outMs }: Reached,
  rate: Rate | null,
): void {
  if (assetType === "video" && frames === 0) {
    throw mediaError("undecodable");
  }
  const reachedMs = Math.max(outMs, rate ? framesToMs(frames, rate) : 0);
  if (durationMs && durationMs > 2000 && reachedMs < durationMs / 2) {
    throw mediaError("mostly_undecodable");
  }
}
