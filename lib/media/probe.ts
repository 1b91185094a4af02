import { basename } from "node:path";
import { cameraFromTags, clockFact, recordedFromTags } from "./camera.ts";
import { containerFormat, describeStreams } from "./describe.ts";
import { findVideo } from "./streams.ts";
import { mediaError } from "./errors.ts";
import { MAX_DURATION_MS, runFfprobe, type ToolLimits } from "./ffmpeg.ts";
import { parseReport } from "./ffprobe.ts";
import { measureLength } from "./length.ts";
import { correctBitRates, measure } from "./measure.ts";
import { type AssetType, NOTHING_TECHNICAL, type Probe, type ProbeOptions, type Sniffed } from "./schema.ts";
import { hasDoubtfulDate } from "./movie_date.ts";
import { sniff, SNIFF_BYTES } from "./sniff.ts";
import { probeStill } from "./still.ts";
import { isCutOff } from "./truncation.ts";

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
  // Editors exchange timecode tracks alone.
  const isTimecode = report.streams.some((stream) => stream.codec_tag_string === "tmcd");
  if (!video && !hasAudio && !isTimecode) throw mediaError("no_streams");
  const length = await measureLength(path, report, limits);
  const { durationMs } = length;
  if (durationMs !== null && durationMs > MAX_DURATION_MS) {
    throw mediaError("too_long");
  }
  const measured = await measure(path, report, length, limits);
  const corrected = correctBitRates(report, length, (await Deno.stat(path)).size);
  const container = containerFormat(report, sniffed.extension);
  const assetType = video ? "video" : hasAudio ? "audio" : "document";
  const tags = Object.assign({}, ...report.streams.map((stream) => stream.tags), report.format.tags);
  if (await hasDoubtfulDate(path)) delete tags.creation_time;
  const recorded = recordedFromTags(tags);
  return {
    assetType,
    contentType: contentTypeOf(container, assetType, sniffed.contentType),
    durationMs,
    recordedAt: recorded?.at ?? null,
    technical: {
      ...describeStreams(corrected, container, measured, durationMs),
      camera: { ...cameraFromTags(tags), ...clockFact(recorded) },
    },
  };
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

/** A container may hold only audio, or video too; browsers need to know which. */
function contentTypeOf(container: string, assetType: AssetType, sniffed: string): string {
  const shared: Record<string, string> = {
    mp4: "mp4",
    "3gp": "3gpp",
    webm: "webm",
    matroska: "x-matroska",
    ogg: "ogg",
  };
  if (container === "mov") return "video/quicktime";
  const isMedia = assetType === "video" || assetType === "audio";
  return isMedia && shared[container] ? `${assetType}/${shared[container]}` : sniffed;
}

/** The first bytes of a file, for `sniff`. */
export async function readHead(path: string): Promise<Uint8Array> {
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
