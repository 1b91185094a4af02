// The timecode at which a file starts: of its timecode track, its picture, its container, or its sound.
import { canDropFrames, framesToTimecode, type Rate } from "../timecode/timecode.ts";
import { toRate } from "./cadence.ts";
import { findVideo } from "./streams.ts";
import { runFfprobe, type ToolLimits } from "./ffmpeg.ts";
import { parseFrameNumber, type Report, type Stream } from "./ffprobe.ts";

export interface StartTimecode {
  text: string;
  dropFrame: boolean;
  /** Frames per second that it counts; null when the file does not say, and hundredths of a second are counted. */
  rate: Rate | null;
}

const HUNDREDTHS: Rate = { num: 100, den: 1 };

/**
 * The start timecode of a file whose picture has the given rate. Null when it has none. Throws as `runFfprobe` does.
 */
export async function findStartTimecode(
  path: string,
  report: Report,
  pictureRate: Rate | null,
  limits: ToolLimits,
): Promise<StartTimecode | null> {
  const tracks = report.streams.filter((stream) => stream.codec_tag_string === "tmcd");
  const rate = pictureRate ?? toRate(tracks[0]?.avg_frame_rate);
  const sources = [...tracks, findVideo(report), report.format];
  for (const source of sources) {
    const written = parseWritten(source?.tags.timecode, rate);
    if (written) return written;
  }
  return await countedByTrack(path, tracks[0], limits) ?? countedBySamples(report);
}

function parseWritten(text: string | undefined, rate: Rate | null): StartTimecode | undefined {
  const match = /^(\d{2}:\d{2}:\d{2})([:;.,])(\d{2,3})$/.exec(text ?? "");
  if (!match) return undefined;
  const dropFrame = match[2] !== ":" && rate !== null && canDropFrames(rate);
  return { text: `${match[1]}${dropFrame ? ";" : ":"}${match[3]}`, dropFrame, rate };
}

/**
 * From the number in a timecode track. ffprobe writes no timecode for a track that claims drop frame at a rate without
 * it, such as 24 or 25; the claim is wrong, the number is right.
 */
async function countedByTrack(
  path: string,
  track: Stream | undefined,
  limits: ToolLimits,
): Promise<StartTimecode | undefined> {
  const rate = toRate(track?.avg_frame_rate);
  if (!track || !rate) return undefined;
  const which = ["-select_streams", String(track.index), "-read_intervals", "%+#1"];
  const packet = await runFfprobe(path, [...which, "-show_data", "-show_entries", "packet=data"], limits);
  const frame = parseFrameNumber(packet);
  if (frame === undefined) return undefined;
  return { text: framesToTimecode(frame, rate), dropFrame: false, rate };
}

/** Broadcast Wave counts samples since midnight (EBU Tech 3285, TimeReference); zero is left by recorders without a clock. */
function countedBySamples({ format, streams }: Report): StartTimecode | null {
  const samples = Number(format.tags.time_reference);
  const perSecond = streams.find(({ codec_type }) => codec_type === "audio")?.sample_rate;
  if (!samples || !perSecond) return null;
  const hundredths = Math.floor(samples * 100 / perSecond);
  return { text: framesToTimecode(hundredths, HUNDREDTHS), dropFrame: false, rate: null };
}
