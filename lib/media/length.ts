// How long a file is. Containers with an index know it; the headers of others guess, and then the packets tell.
import { findVideo } from "./streams.ts";
import { findMediaFailure, mediaError } from "./errors.ts";
import type { ToolLimits } from "./ffmpeg.ts";
import type { Report, Stream } from "./ffprobe.ts";
import { extentsOf, lengthOf, outline, PADDING_SECONDS, playedStreams } from "./extents.ts";
import { readPackets, type StreamPackets } from "./packets.ts";
import { readMp4Layout } from "./truncation.ts";

export interface Length {
  durationMs: number | null;
  /** By stream index; undefined when the container's own word was good enough. */
  packets?: Map<number, StreamPackets>;
}

/** Up to this size frames are counted when the container does not say, since that reads the whole file. */
export const COUNT_BYTES = 256 * 2 ** 20;
/** Containers whose length follows from their size, if the sound in them is uncompressed. */
const UNCOMPRESSED = ["wav", "w64", "aiff", "caf", "au"];
/** Containers that declare a length, which is right if packets are found up to there. */
const DECLARING = ["mov", "matroska", "mxf", "avi", "flv", "asf", "gxf"];
/** Containers that tell their length and not their size: much less than the one is a file that was cut off. */
const SIZELESS = ["flac", "wv", "ape", "tta", "tak", "flv", "asf"];
const LEAST_SHARE = 0.5;
/** The end of a file is looked for in its last seconds, and may differ by one: tracks end apart. */
const TAIL_SECONDS = 3;
const TAIL_TOLERANCE = 1;
/** Some containers store whole milliseconds, or hundredths. */
const ROUNDING_SECONDS = 0.01;

/**
 * The length of a file in whole milliseconds, from the first to the last moment of its picture and sound, whatever its
 * clock says at the start. Null when unknown. Throws media errors for a file whose packets cannot be read or are much
 * fewer than it declares.
 */
export async function measureLength(path: string, report: Report, limits: ToolLimits): Promise<Length> {
  const declared = declaredLength(report);
  try {
    if (await isTrusted(path, report, declared, limits)) return { durationMs: toMs(declared) };
    const packets = await readPackets(path, report.format.format_name ?? "", limits);
    const measured = lengthOf(extentsOf(report, packets)) ?? declared;
    if (measured && declared && measured < LEAST_SHARE * declared) await requireWhole(path, report, packets);
    return { durationMs: toMs(isOf(report, DECLARING) ? settle(declared, measured) : measured), packets };
  } catch (error) {
    // Too large to be read in time.
    if (findMediaFailure(error) !== "timed_out") throw error;
    return { durationMs: toMs(declared) };
  }
}

/**
 * Throws for a file of which most is gone: cut off, where its container does not tell its size, or damaged, so that most
 * of its bytes are in no packet. Otherwise its header is wrong.
 */
async function requireWhole(
  path: string,
  report: Report,
  packets: Map<number, StreamPackets>,
): Promise<void> {
  if (isOf(report, SIZELESS)) throw mediaError("shorter_than_declared");
  const bytes = [...packets.values()].reduce((sum, stream) => sum + stream.bytes, 0);
  const isRead = bytes >= LEAST_SHARE * (await Deno.stat(path)).size;
  if (isOf(report, DECLARING) && !isRead) throw mediaError("mostly_undecodable");
}

/** A container that is right is more exact than its packets, which end with padding. */
function settle(declared = 0, measured = declared): number {
  const late = declared - measured;
  return late > -ROUNDING_SECONDS && late < PADDING_SECONDS ? declared : measured;
}

/** QuickTime's own total may count tracks that are not played, such as timecode. */
function declaredLength(report: Report): number | undefined {
  const tracks = playedStreams(report).filter(({ duration }) => duration);
  if (!isOf(report, ["mov"]) || tracks.length === 0) return report.format.duration;
  const { start, end } = outline(
    tracks.map(({ start_time: start = 0, duration }) => ({ start, end: start + duration! })),
  );
  return end - start;
}

async function isTrusted(
  path: string,
  report: Report,
  declared: number | undefined,
  limits: ToolLimits,
): Promise<boolean> {
  if (!declared) return false;
  if (isOf(report, ["mov"])) {
    const total = report.format.duration ?? declared;
    return Math.abs(total - declared) <= TAIL_TOLERANCE && !(await readMp4Layout(path)).isFragmented;
  }
  const { size } = await Deno.stat(path);
  if (isOf(report, UNCOMPRESSED) && playedStreams(report).every(isPcm)) {
    return declared * bitsPerSecond(report) / 8 <= size;
  }
  const isShifted = Math.abs(report.format.start_time ?? 0) > PADDING_SECONDS;
  const video = findVideo(report);
  const isCounted = !video || video.nb_frames || size > COUNT_BYTES;
  return isOf(report, DECLARING) && !isShifted && Boolean(isCounted) &&
    await endsAt(declared, path, report, limits);
}

async function endsAt(
  declared: number,
  path: string,
  report: Report,
  limits: ToolLimits,
): Promise<boolean> {
  try {
    const packets = await readPackets(
      path,
      report.format.format_name ?? "",
      limits,
      Math.max(0, declared - TAIL_SECONDS),
    );
    const ends = extentsOf(report, packets).map(({ end }) => end);
    return Math.abs(Math.max(...ends) - declared) <= TAIL_TOLERANCE;
  } catch (error) {
    // Without an index a file may not be seekable.
    if (findMediaFailure(error) !== "unreadable") throw error;
    return false;
  }
}

function bitsPerSecond(report: Report): number {
  return playedStreams(report).reduce((sum, { bit_rate = 0 }) => sum + bit_rate, 0);
}

function isPcm({ codec_name }: Stream): boolean {
  return codec_name?.startsWith("pcm_") ?? false;
}

function isOf(report: Report, containers: string[]): boolean {
  return (report.format.format_name ?? "").split(",").some((name) => containers.includes(name));
}

function toMs(seconds: number | undefined): number | null {
  return seconds && seconds > 0 ? Math.round(seconds * 1000) : null;
}
