// Which of a file's streams is what. Pure.
import type { Report, Stream } from "./ffprobe.ts";
import { parseRatio } from "./picture.ts";
import type { StreamSummary, TechnicalMetadata } from "./schema.ts";

const AUDIO_CONTAINERS = [
  "mp3",
  "flac",
  "wav",
  "aiff",
  "ogg",
  "asf",
  "w64",
  "caf",
  "ape",
  "wv",
  "tta",
  "mp4",
];
/** The main video stream: the largest one, never a cover. */
export function findVideo(report: Report): Stream | undefined {
  const area = (stream: Stream) => (stream.width ?? 0) * (stream.height ?? 0);
  const videos = report.streams.filter((stream) => stream.codec_type === "video" && !isCover(stream, report));
  return videos.sort((a, b) => area(b) - area(a))[0];
}

/** The index of the main video stream, from the stored probe result. */
export function findVideoIndex({ streams }: TechnicalMetadata): number {
  const area = ({ width = 0, height = 0 }: StreamSummary) => width * height;
  const videos = streams.filter(({ type }) => type === "video").sort((a, b) => area(b) - area(a));
  return videos[0]?.index ?? 0;
}

/** A cover picture of an audio file: marked as attached, or without a frame rate in an audio container. */
export function isCover(stream: Stream, report: Report): boolean {
  if (stream.codec_type !== "video") return false;
  if (stream.disposition.attached_pic || stream.disposition.timed_thumbnails) return true;
  const isPicture = ["mjpeg", "png", "bmp", "gif", "webp"].includes(stream.codec_name ?? "");
  const names = (report.format.format_name ?? "").split(",");
  return isPicture && !parseRatio(stream.avg_frame_rate) &&
    names.some((name) => AUDIO_CONTAINERS.includes(name));
}
