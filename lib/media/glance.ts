import { basename } from "node:path";
import { containerFormat, describeStreams, type Measured } from "./describe.ts";
import { findMediaFailure, mediaError } from "./errors.ts";
import { runFfprobe, type ToolLimits } from "./ffmpeg.ts";
import { parseReport } from "./ffprobe.ts";
import { readHead } from "./probe.ts";
import { NOTHING_TECHNICAL, type Probe, type ProbeOptions } from "./schema.ts";
import { sniff } from "./sniff.ts";
import { findVideo } from "./streams.ts";
import { isCutOff } from "./truncation.ts";

const LIMITS = { wallMs: 30_000, memoryBytes: 2 * 2 ** 30, outputBytes: 8 * 2 ** 20 };
const NOTHING_MEASURED: Measured = {
  cadence: { rate: null, isVariable: false },
  frameCount: null,
  start: null,
  scanType: null,
};

/**
 * What a poster needs to know of a file: its type, streams, shape, colours and the length that it claims, as its headers
 * say. Measures nothing and refuses nothing that can be read in part; `probe` does. Throws media errors as `runFfprobe`
 * does.
 */
export async function glance(path: string, folder: string, options: ProbeOptions = {}): Promise<Probe> {
  const sniffed = await sniff(await readHead(path), options.filename ?? basename(path));
  const known: Probe = {
    assetType: sniffed?.assetType ?? "document",
    contentType: sniffed?.contentType ?? "application/octet-stream",
    durationMs: null,
    recordedAt: null,
    technical: { ...NOTHING_TECHNICAL, streams: [], camera: {} },
  };
  if (known.assetType !== "video" && known.assetType !== "audio") return known;
  const limits = { ...LIMITS, folder, signal: options.signal };
  const report = parseReport(await readHeaders(path, sniffed!.extension, limits));
  const seconds = report.format.duration ?? 0;
  const durationMs = seconds > 0 ? Math.round(seconds * 1000) : null;
  const container = containerFormat(report, sniffed!.extension);
  const technical = describeStreams(report, container, NOTHING_MEASURED, durationMs);
  return {
    ...known,
    assetType: findVideo(report) ? "video" : "audio",
    durationMs,
    technical: { ...technical, camera: {} },
  };
}

/** Says of a file that cannot be read and is cut off what `probe` says of it. */
async function readHeaders(path: string, extension: string, limits: ToolLimits): Promise<unknown> {
  try {
    return await runFfprobe(path, ["-show_format", "-show_streams"], limits);
  } catch (error) {
    if (!findMediaFailure(error) || !await isCutOff(path, extension)) throw error;
    throw mediaError("shorter_than_declared", {}, { cause: error });
  }
}
