// Measures what containers omit or declare wrongly: cadence, the number of frames, fields, the start timecode.
import { type Cadence, findCadence } from "./cadence.ts";
import type { Measured } from "./describe.ts";
import { findVideo } from "./streams.ts";
import { findMediaFailure } from "./errors.ts";
import { runFfprobe, type ToolLimits } from "./ffmpeg.ts";
import { parsePacketTimes, parseScanType, type Report } from "./ffprobe.ts";
import { COUNT_BYTES, type Length } from "./length.ts";
import { readPackets, type StreamPackets } from "./packets.ts";
import { findStartTimecode } from "./start_timecode.ts";

/**
 * Packets that are examined at the start and at each quarter, because some files have a constant rate only at first.
 */
const TIMED_PACKETS = 150;
const SCANNED_FRAMES = 12;

type Ask = (...options: string[]) => Promise<unknown>;

/** What has to be measured to describe a file: its main picture, if it has one, and its start. Throws as `runFfprobe`. */
export async function measure(
  path: string,
  report: Report,
  length: Length,
  limits: ToolLimits,
): Promise<Measured> {
  const picture = await measurePicture(path, report, length, limits);
  return { ...picture, start: await findStartTimecode(path, report, picture.cadence.rate, limits) };
}

async function measurePicture(
  path: string,
  report: Report,
  length: Length,
  limits: ToolLimits,
): Promise<Omit<Measured, "start">> {
  const video = findVideo(report);
  if (!video) return { cadence: { rate: null, isVariable: false }, frameCount: null, scanType: null };
  const ask: Ask = (...options) =>
    runFfprobe(path, ["-select_streams", String(video.index), ...options], limits);
  const times = await sampleTimes(ask, report.format.start_time ?? 0, length.durationMs);
  const cadence = findCadence({ avg: video.avg_frame_rate, real: video.r_frame_rate }, times);
  const isSilent = !video.field_order || video.field_order === "unknown";
  return {
    cadence,
    frameCount: cadence.isVariable ? null : await countFrames(path, report, length, cadence, limits),
    scanType: isSilent ? await findScanType(ask) : null,
  };
}

/** From the packets, where the container keeps no number or one that does not fit the length. */
async function countFrames(
  path: string,
  report: Report,
  length: Length,
  { rate }: Cadence,
  limits: ToolLimits,
): Promise<number | null> {
  const video = findVideo(report)!;
  const perSecond = rate ? rate.num / rate.den : 0;
  const expected = Math.round((video.duration ?? 0) * perSecond);
  // The index also counts frames that an edit list leaves out.
  const isFitting = video.nb_frames && (!expected || Math.abs(video.nb_frames - expected) <= 1);
  if (!length.packets && isFitting) return video.nb_frames!;
  const isSmall = (await Deno.stat(path)).size <= COUNT_BYTES;
  const packets = length.packets ??
    (isSmall ? await readPackets(path, report.format.format_name ?? "", limits) : undefined);
  const found = packets?.get(video.index);
  return found?.shown ? framesIn(found, perSecond) : expected || (video.nb_frames ?? null);
}

/** Each packet is a frame, or in some interlaced streams a field. */
function framesIn({ start, end, shown }: StreamPackets, perSecond: number): number {
  const perFrame = shown / ((end - start) * perSecond);
  return Math.abs(perFrame - 2) < 0.1 ? Math.round(shown / 2) : shown;
}

async function findScanType(ask: Ask): Promise<Measured["scanType"]> {
  const fields = ["-show_entries", "frame=interlaced_frame,top_field_first"];
  return parseScanType(await ask("-read_intervals", `%+#${SCANNED_FRAMES}`, ...fields));
}

async function sampleTimes(ask: Ask, start: number, durationMs: number | null): Promise<number[]> {
  const entries = ["-show_entries", "packet=pts_time,dts_time"];
  const quarter = (durationMs ?? 0) / 4000;
  const starts = quarter > 2 ? ["", ...[1, 2, 3].map((nth) => (start + nth * quarter).toFixed(3))] : [""];
  const intervals = starts.map((from) => `${from}%+#${TIMED_PACKETS}`).join(",");
  try {
    return parsePacketTimes(await ask("-read_intervals", intervals, ...entries));
  } catch (error) {
    if (starts.length === 1 || !findMediaFailure(error)) throw error;
    // A raw elementary stream without an index is not seekable.
    return parsePacketTimes(await ask("-read_intervals", `%+#${TIMED_PACKETS}`, ...entries));
  }
}

/** The report with bit rates over the measured length, where packets were read: ffprobe's follow from its guess. */
export function correctBitRates(report: Report, { durationMs, packets }: Length, fileBytes: number): Report {
  if (!packets || !durationMs) return report;
  const streams = report.streams.map((stream) => {
    const found = packets.get(stream.index);
    return found?.shown ? { ...stream, bit_rate: found.bytes * 8 / (found.end - found.start) } : stream;
  });
  return { streams, format: { ...report.format, bit_rate: fileBytes * 8000 / durationMs } };
}
