// Decides the target format of a proxy from the probe and the size of the file. Pure.
import { PADDING_SECONDS } from "./extents.ts";
import type { Held } from "./held.ts";
import { framesToMs, type Rate } from "../timecode/timecode.ts";
import { findVideoIndex } from "./streams.ts";
import { fitInside, shownSize, type Size } from "./picture.ts";
import type { Probe, StreamSummary, TechnicalMetadata } from "./schema.ts";

/** The longer side of a video proxy: 720p at 16:9. */
export const PROXY_SIDE = 1280;
/** The longer side of an image proxy. */
export const IMAGE_SIDE = 2048;
export const AUDIO_BITS = 128_000;
const MAX_AUDIO_TRACKS = 8;
const MAX_RATE = 60;
/** Upper bound for veryfast at CRF 23 in 720p. */
const MAX_VIDEO_BITS = 6_000_000;
const MIN_VIDEO_BITS = 40_000;
/** Per channel. */
const MIN_AUDIO_BITS = 10_000;
/** Above this bit rate of the source, a proxy saves space; CRF 23 needs less for moving pictures. */
const PLAIN_BITS_PER_PIXEL = 0.12;
/** Size of MP4 sample tables per second of audio and video. */
const INDEX_BITS = 6_000;

/** Milliseconds of full HD video, and of sound, that are encoded within some five seconds on two cores. */
const QUICK_VIDEO_MS = 20_000;
const QUICK_AUDIO_MS = 5 * 60_000;
/** A coded frame of full HD, and a packet of sound. */
const LIMIT = { leastMs: 180_000, frameMs: 400, soundMs: 20 };
const QUICK_BYTES = 64 * 2 ** 20;
const FULL_HD_PIXELS = 1920 * 1080;

/**
 * A constant rate repeats pictures where the source holds one, and sound is filled up with silence: at most so much of
 * either, for each coded packet and altogether (a minute of pictures, ten minutes of silence).
 */
const FILL = { framesEach: 4, frames: 1_500, soundMsEach: 4_000, soundMs: 600_000 };

export interface ProxyPlan {
  size: Size | null;
  rate: Rate | null;
  /** Pictures keep their times instead of being repeated at `rate`. */
  keepsTimes: boolean;
  /** By so much the padding of sound precedes the first picture; it is cut, so that frames keep their numbers. */
  leadMs: number;
  audio: StreamSummary[];
  audioBits: number;
  videoBits: number;
}

/** Facts about the source that the probe does not contain. */
export interface SourceFacts {
  bytes: number;
  /** By index of the stream; empty when it was not measured. */
  held: ReadonlyMap<number, Held>;
  /** For MP4 only: the index precedes the media. */
  isFastStart: boolean;
}

/**
 * Plans a proxy that is smaller than its source: bit rates are capped by those of the source, times `share` for a
 * second attempt after the first result was too large. What it costs follows from what the source holds: tracks of next
 * to no sound over a long time are left out, and pictures that are held for long are not repeated.
 */
export function planProxy(
  { technical, durationMs, assetType }: Probe,
  { bytes, held }: Pick<SourceFacts, "bytes" | "held">,
  share = 1,
): ProxyPlan {
  const audio = technical.streams.filter(({ type, codec }) => type === "audio" && codec)
    .filter(({ index }) => isDense(held.get(index))).slice(0, MAX_AUDIO_TRACKS);
  const rate = assetType === "video" ? proxyRate(technical) : null;
  const pictures = held.get(findVideoIndex(technical));
  const keepsTimes = rate !== null && wouldRepeatTooMany(pictures, rate);
  const codedMs = keepsTimes ? framesToMs(pictures!.packets, rate) : durationMs;
  const sourceBits = codedMs ? bytes * 8000 / codedMs : Infinity;
  const budget = Math.max(0, sourceBits * 0.95 * share - INDEX_BITS);
  const part = assetType === "video" ? 0.3 : 1;
  const leastAudioBits = MIN_AUDIO_BITS * Math.max(1, ...audio.map(proxyChannels));
  const audioBits = Math.round(clamp(budget * part / Math.max(1, audio.length), leastAudioBits, AUDIO_BITS));
  const videoBits = Math.round(clamp(budget - audioBits * audio.length, MIN_VIDEO_BITS, MAX_VIDEO_BITS));
  const shown = assetType === "video" ? shownSize(technical) : undefined;
  return {
    size: shown ? fitInside(shown, PROXY_SIDE, true) : null,
    rate,
    keepsTimes,
    leadMs: leadOf(pictures),
    audio,
    audioBits,
    videoBits,
  };
}

/**
 * Whether a proxy is made within seconds, by what the file claims. A claim that proves wrong costs a slot for short work
 * those few seconds.
 */
export function isQuickToEncode({ assetType, durationMs, technical }: Probe, bytes: number): boolean {
  if (assetType !== "video" && assetType !== "audio") return true;
  if (durationMs === null || bytes > QUICK_BYTES) return false;
  if (assetType === "audio") return durationMs <= QUICK_AUDIO_MS;
  const pixels = (technical.width ?? 0) * (technical.height ?? 0);
  return durationMs * Math.max(1, pixels / FULL_HD_PIXELS) <= QUICK_VIDEO_MS;
}

function leadOf(pictures: Held | undefined): number {
  const leadMs = pictures?.startMs ?? 0;
  return leadMs < PADDING_SECONDS * 1000 ? leadMs : 0;
}

function isDense(held: Held | undefined): boolean {
  return !held || held.spanMs <= FILL.soundMs + FILL.soundMsEach * held.packets;
}

function wouldRepeatTooMany(held: Held | undefined, { num, den }: Rate): boolean {
  return held !== undefined && held.spanMs * num / den / 1000 > FILL.frames + FILL.framesEach * held.packets;
}

/**
 * Milliseconds after which encoding has failed, in proportion to what is coded; some twenty times what it takes on one
 * core.
 */
export function encodingLimitMs({ technical }: Probe, { held }: Pick<SourceFacts, "held">): number {
  const pixels = (technical.width ?? 0) * (technical.height ?? 0);
  const frameMs = LIMIT.frameMs * Math.max(1, pixels / FULL_HD_PIXELS);
  const video = findVideoIndex(technical);
  const packets = [...held].map(([index, { packets }]) =>
    packets * (index === video && pixels > 0 ? frameMs : LIMIT.soundMs)
  );
  return LIMIT.leastMs + packets.reduce((sum, ms) => sum + ms, 0);
}

/** Mono stays mono; everything else becomes stereo. */
export function proxyChannels({ channels }: StreamSummary): 1 | 2 {
  return channels === 1 ? 1 : 2;
}

/** Whether browsers can play the file as it is, with a fast start. */
export function isPlayable(probe: Probe, { isFastStart }: SourceFacts): boolean {
  return probe.technical.container_format === "mp4" && isFastStart && hasPlayableStreams(probe);
}

/** Whether browsers can play the streams, upright, once they are in an MP4 with a fast start. */
export function hasPlayableStreams({ assetType, technical }: Probe): boolean {
  const sound = technical.streams.filter(({ type }) => type === "audio");
  if (!sound.every(({ codec }) => codec === "aac") || sound.length > MAX_AUDIO_TRACKS) return false;
  if (assetType === "audio") return true;
  const isPlain = technical.pixel_format === "yuv420p" || technical.pixel_format === "yuvj420p";
  const isUpright = technical.rotation === 0 && !technical.is_mirrored;
  return technical.video_codec === "h264" && isPlain && isUpright && technical.hdr_format === null;
}

/** Whether the file is as good as the proxy would be, so that it can serve as its own proxy. */
export function isGoodProxy(probe: Probe, source: SourceFacts): boolean {
  if (!isPlayable(probe, source) || !probe.durationMs) return false;
  const { technical, assetType } = probe;
  const plan = planProxy(probe, { bytes: Infinity, held: source.held });
  const soundBits = 1.25 * AUDIO_BITS * plan.audio.length;
  const bits = source.bytes * 8000 / probe.durationMs;
  if (assetType === "audio") return bits <= soundBits + INDEX_BITS;
  const shown = shownSize(technical);
  if (!shown || !plan.rate || !plan.size) return false;
  const isSameShape = plan.size.width === technical.width && plan.size.height === technical.height;
  const isSteady = !technical.is_variable_frame_rate && plan.rate.num === technical.frame_rate_num;
  if (technical.scan_type !== "progressive" || !isSameShape || !isSteady) {
    return false;
  }
  const pictureBits = PLAIN_BITS_PER_PIXEL * shown.width * shown.height * plan.rate.num / plan.rate.den;
  return bits <= pictureBits + soundBits + INDEX_BITS;
}

/** The frame rate of the source, halved until browsers can play it. */
function proxyRate({ frame_rate_num, frame_rate_den }: TechnicalMetadata): Rate {
  if (!frame_rate_num || !frame_rate_den) return { num: 25, den: 1 };
  const rate = { num: frame_rate_num, den: frame_rate_den };
  while (rate.num / rate.den > MAX_RATE) rate.den *= 2;
  return rate;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
