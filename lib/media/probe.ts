import { basename } from "node:path";
import { cameraFromTags, recordedAtFromTags } from "./camera.ts";
import { findCadence } from "./cadence.ts";
import { containerFormat, describeStreams, findVideo, type Measured } from "./describe.ts";
import { findMediaFailure, mediaError } from "./errors.ts";
import { MAX_DURATION_MS, runFfprobe, type ToolLimits } from "./ffmpeg.ts";
import {
  parsePacketCount,
  parsePacketTimes,
  parseReport,
  parseScanType,
  type Report,
  type Stream,
} from "./ffprobe.ts";
import { NOTHING_TECHNICAL, type Probe, type ProbeOptions, type Sniffed } from "./schema.ts";
import { sniff, SNIFF_BYTES } from "./sniff.ts";
import { probeStill } from "./still.ts";
import { isCutOff } from "./truncation.ts";

/** Up to this size packets are counted when the container does not say, since that reads the whole file. */
const COUNT_BYTES = 256 * 2 ** 20;
/**
 * Packets that are examined at the start and at each quarter, because some files have a constant rate only at first.
 */
const TIMED_PACKETS = 150;
const SCANNED_FRAMES = 12;

/**
 * Probes a file: detects its type by its bytes, then reads all technical metadata. Positions are milliseconds and
 * frames at a rational rate. A file that is neither media nor a known document is a document of unknown type. `path`
 * and `folder` are absolute. Throws media errors (unreadable, truncated, no_streams, too_long, timed_out,
 * too_large_picture) for a broken file and unavailable when ffprobe is missing.
 */
export async function probe(path: string, folder: string, options: ProbeOptions = {}): Promise<Probe> {
  const sniffed = await sniff(await readHead(path), options.filename ?? basename(path));
  if (!sniffed || sniffed.assetType === "document") return describeDocument(sniffed);
  if (await isCutOff(path, sniffed.extension)) {
    throw mediaError("shorter_than_declared");
  }
  if (sniffed.assetType === "image") return await probeStill(path, folder, sniffed, options);
  return await probeStreams(path, folder, sniffed, options);
}

async function probeStreams(
  path: string,
  folder: string,
  sniffed: Sniffed,
  options: ProbeOptions,
): Promise<Probe> {
  const limits: ToolLimits = {
    folder,
    wallMs: 60_000,
    memoryBytes: 2 * 2 ** 30,
    outputBytes: 8 * 2 ** 20,
    signal: options.signal,
  };
  const report = parseReport(await runFfprobe(path, ["-show_format", "-show_streams"], limits));
  const video = findVideo(report);
  const hasAudio = report.streams.some((stream) => stream.codec_type === "audio" && stream.codec_name);
  if (!video && !hasAudio) throw mediaError("no_streams");
  const durationMs = durationOf(report);
  if (durationMs !== null && durationMs > MAX_DURATION_MS) {
    throw mediaError("too_long");
  }
  const measured = await measure(path, video, durationMs, limits);
  const container = containerFormat(report, sniffed.extension);
  const assetType = video ? "video" : "audio";
  const tags = Object.assign({}, ...report.streams.map((stream) => stream.tags), report.format.tags);
  return {
    assetType,
    contentType: contentTypeOf(container, assetType, sniffed.contentType),
    durationMs,
    recordedAt: recordedAtFromTags(tags),
    technical: { ...describeStreams(report, container, measured, durationMs), camera: cameraFromTags(tags) },
  };
}

/** Measures what the container does not declare: cadence from packets, their number, scan type from a few frames. */
async function measure(
  path: string,
  video: Stream | undefined,
  durationMs: number | null,
  limits: ToolLimits,
): Promise<Measured> {
  if (!video) return { cadence: { rate: null, isVariable: false }, frameCount: null, scanType: null };
  const ask = (...options: string[]) =>
    runFfprobe(path, ["-select_streams", String(video.index), ...options], limits);
  const times = await sampleTimes(ask, durationMs);
  const cadence = findCadence({ avg: video.avg_frame_rate, real: video.r_frame_rate }, times);
  const needsCount = !video.nb_frames && !cadence.isVariable && (await Deno.stat(path)).size <= COUNT_BYTES;
  const count = ["-count_packets", "-show_entries", "stream=nb_read_packets"];
  const fields = [
    "-read_intervals",
    `%+#${SCANNED_FRAMES}`,
    "-show_entries",
    "frame=interlaced_frame,top_field_first",
  ];
  const isSilent = !video.field_order || video.field_order === "unknown";
  return {
    cadence,
    frameCount: video.nb_frames || (needsCount ? parsePacketCount(await ask(...count)) : null),
    scanType: isSilent ? parseScanType(await ask(...fields)) : null,
  };
}

async function sampleTimes(
  ask: (...options: string[]) => Promise<unknown>,
  durationMs: number | null,
): Promise<number[]> {
  const entries = ["-show_entries", "packet=pts_time"];
  const quarter = (durationMs ?? 0) / 4000;
  const starts = quarter > 2 ? ["", ...[1, 2, 3].map((nth) => (nth * quarter).toFixed(3))] : [""];
  const intervals = starts.map((start) => `${start}%+#${TIMED_PACKETS}`).join(",");
  try {
    return parsePacketTimes(await ask("-read_intervals", intervals, ...entries));
  } catch (error) {
    if (starts.length === 1 || !findMediaFailure(error)) throw error;
    // A raw elementary stream without an index is not seekable.
    return parsePacketTimes(await ask("-read_intervals", `%+#${TIMED_PACKETS}`, ...entries));
  }
}

function describeDocument(sniffed: Sniffed | null): Probe {
  return {
    assetType: "document",
    contentType: sniffed?.contentType ?? "application/octet-stream",
    durationMs: null,
    recordedAt: null,
    technical: { ...NOTHING_TECHNICAL, streams: [], camera: {} },
  };
}

function durationOf(report: Report): number | null {
  const seconds = report.format.duration ??
    Math.max(0, ...report.streams.map((stream) => stream.duration ?? 0));
  return seconds > 0 ? Math.round(seconds * 1000) : null;
}

/** A container may hold only audio, or video too; browsers need to know which. */
function contentTypeOf(container: string, assetType: "video" | "audio", sniffed: string): string {
  const shared: Record<string, string> = {
    mp4: "mp4",
    "3gp": "3gpp",
    webm: "webm",
    matroska: "x-matroska",
    ogg: "ogg",
  };
  if (container === "mov") return "video/quicktime";
  return shared[container] ? `${assetType}/${shared[container]}` : sniffed;
}

async function readHead(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const head = new Uint8Array(SNIFF_BYTES);
  let filled = 0;
  while (filled < head.byteLength) {
    const count = await file.read(head.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return head.subarray(0, filled);
}
