// Maps ffprobe's report to the columns of our tables. Pure.
import { countFrames, type Rate } from "../timecode/timecode.ts";
import { type Cadence } from "./cadence.ts";
import type { Report, Stream } from "./ffprobe.ts";
import {
  aspectRatio,
  orientationOfMatrix,
  parseRatio,
  resolutionCategory,
  shownSize,
  toQuarters,
} from "./picture.ts";
import { findVideo, isCover } from "./streams.ts";
import type { StartTimecode } from "./start_timecode.ts";
import { NOTHING_TECHNICAL, type StreamSummary, type TechnicalMetadata } from "./schema.ts";

/** Values that had to be measured, because containers omit them or declare them wrongly. */
export interface Measured {
  cadence: Cadence;
  frameCount: number | null;
  start: StartTimecode | null;
  /** From decoded frames, when the container does not declare it. */
  scanType: TechnicalMetadata["scan_type"];
}

const MAX_STREAMS = 64;

/** The complete `TechnicalMetadata` of a media file. `container` is one of our names (`mp4`). */
export function describeStreams(
  report: Report,
  container: string,
  measured: Measured,
  durationMs: number | null,
): Omit<TechnicalMetadata, "camera"> {
  const video = findVideo(report);
  const audio = report.streams.find((stream) => stream.codec_type === "audio");
  return {
    ...NOTHING_TECHNICAL,
    ...(video ? describeVideo(video, measured, durationMs) : {}),
    ...(audio ? describeAudio(audio) : {}),
    ...describeRate(video ? measured.cadence.rate : measured.start?.rate ?? null),
    start_timecode: measured.start?.text ?? null,
    drop_frame: measured.start?.dropFrame ?? null,
    bit_depth: video ? bitDepth(video) : audio?.bits_per_raw_sample || audio?.bits_per_sample || null,
    container_format: container,
    bit_rate: positive(report.format.bit_rate),
    streams: report.streams.slice(0, MAX_STREAMS).map((stream) => summarize(stream, report)),
  };
}

/**
 * Our name of the container. `extension` comes from sniffing the bytes: it distinguishes MOV from MP4 and WebM from
 * Matroska.
 */
export function containerFormat(report: Report, extension: string): string {
  const names = (report.format.format_name ?? "").split(",");
  if (names.includes("mov")) {
    const brand = report.format.tags.major_brand?.trim() ?? (extension === "mov" ? "qt" : "mp4");
    return brand === "qt" ? "mov" : brand.startsWith("3g") ? "3gp" : "mp4";
  }
  if (names.includes("matroska")) return extension === "webm" ? "webm" : "matroska";
  return names[0] || extension;
}

function describeVideo(video: Stream, measured: Measured, durationMs: number | null) {
  const { rate, isVariable } = measured.cadence;
  const pixelShape = parseRatio(video.sample_aspect_ratio);
  const shape = {
    width: positive(video.width),
    height: positive(video.height),
    ...orientationOf(video),
    sample_aspect_ratio: pixelShape ? pixelShape.join(":") : null,
  };
  const shown = shownSize(shape);
  const wholeLength = rate && durationMs !== null ? countFrames(durationMs, rate) : null;
  return {
    ...shape,
    aspect_ratio: shown ? aspectRatio(shown) : null,
    resolution_category: shown ? resolutionCategory(shown) : null,
    is_variable_frame_rate: isVariable,
    frame_count: isVariable ? wholeLength : measured.frameCount ?? wholeLength,
    scan_type: scanType(video.field_order) ?? measured.scanType,
    video_codec: known(video.codec_name),
    video_codec_profile: known(video.profile),
    video_bit_rate: positive(video.bit_rate),
    pixel_format: known(video.pix_fmt),
    color_space: known(video.color_space),
    color_primaries: known(video.color_primaries),
    color_transfer: known(video.color_transfer),
    hdr_format: hdrFormat(video),
  };
}

function describeRate(rate: Rate | null) {
  return {
    frame_rate: rate ? Number((rate.num / rate.den).toFixed(6)) : null,
    frame_rate_num: rate?.num ?? null,
    frame_rate_den: rate?.den ?? null,
  };
}

function describeAudio(audio: Stream) {
  return {
    audio_codec: known(audio.codec_name),
    audio_channels: positive(audio.channels),
    audio_channel_layout: channelLayout(audio),
    audio_sample_rate: positive(audio.sample_rate),
    audio_bit_rate: positive(audio.bit_rate),
  };
}

function summarize(stream: Stream, report: Report): StreamSummary {
  const types = ["video", "audio", "subtitle", "attachment"] as const;
  const type = isCover(stream, report) ? "cover" : types.find((one) => one === stream.codec_type) ?? "data";
  const language = stream.tags.language;
  return {
    index: stream.index,
    type,
    codec: known(stream.codec_name),
    language: language && language !== "und" ? language : null,
    title: stream.tags.title || null,
    ...(type === "audio"
      ? {
        channels: stream.channels,
        channel_layout: channelLayout(stream) ?? undefined,
        sample_rate: stream.sample_rate,
      }
      : {}),
    ...(type === "video" || type === "cover" ? { width: stream.width, height: stream.height } : {}),
  };
}

/** From the track's matrix, which ffprobe prints in three lines; old files have a clockwise `rotate` tag instead. */
function orientationOf(video: Stream): Pick<TechnicalMetadata, "rotation" | "is_mirrored"> {
  const printed = video.side_data_list.map(({ displaymatrix }) => displaymatrix).find(Boolean) ?? "";
  const [first, second] = [...printed.matchAll(/\d{8}:\s+(-?\d+)\s+(-?\d+)/g)];
  if (!first || !second) return { rotation: toQuarters(Number(video.tags.rotate) || 0), is_mirrored: false };
  return orientationOfMatrix([Number(first[1]), Number(first[2]), Number(second[1]), Number(second[2])]);
}

/** `tb` and `bt` are stored in one field order and displayed in the other: the displayed one counts. */
function scanType(order: string | undefined): TechnicalMetadata["scan_type"] {
  if (order === "progressive") return "progressive";
  if (order === "tt" || order === "bt") return "interlaced_tff";
  return order === "bb" || order === "tb" ? "interlaced_bff" : null;
}

function hdrFormat(video: Stream): TechnicalMetadata["hdr_format"] {
  const isDolby = video.side_data_list.some(({ side_data_type }) => side_data_type?.startsWith("DOVI")) ||
    ["dvh1", "dvhe", "dva1", "dvav", "dav1"].includes(video.codec_tag_string ?? "");
  if (isDolby) return "DolbyVision";
  if (video.color_transfer === "smpte2084") return "HDR10";
  return video.color_transfer === "arib-std-b67" ? "HLG" : null;
}

function bitDepth(video: Stream): number | null {
  const format = video.pix_fmt ?? "";
  const planar = /(?:p|gray|gbrp|gbrap)(9|10|12|14|16)(?:le|be)$/.exec(format) ??
    /^[py]0?2?(10|12|16)/.exec(format);
  if (planar) return Number(planar[1]);
  if (/^(?:rgb|bgr)(?:a)?(?:48|64)/.test(format)) return 16;
  return video.bits_per_raw_sample || (format ? 8 : null);
}

function channelLayout({ channels, channel_layout }: Stream): string | null {
  if (channel_layout && channel_layout !== "unknown") return channel_layout;
  return channels === 1 ? "mono" : channels === 2 ? "stereo" : null;
}

function known(text: string | undefined): string | null {
  return text && text !== "unknown" && text !== "none" ? text : null;
}

function positive(value: number | undefined): number | null {
  return value !== undefined && value > 0 ? Math.round(value) : null;
}
