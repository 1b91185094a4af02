// When the streams of a file begin and end. Pure.
import type { Report, Stream } from "./ffprobe.ts";
import type { StreamPackets } from "./packets.ts";
import { findVideo } from "./streams.ts";

/** In seconds. */
export type Extent = Pick<StreamPackets, "start" | "end"> & { isVideo: boolean };

/** Encoders of sound write up to a packet or two of silence before its start and after its end. */
export const PADDING_SECONDS = 0.06;
/** From the first to the last moment of all streams, in seconds; the padding of sound is not counted. */
export function lengthOf(extents: Extent[]): number | undefined {
  if (extents.length === 0) return undefined;
  const outer = outline(extents);
  const picture = extents.filter(({ isVideo }) => isVideo);
  const inner = picture.length > 0 ? outline(picture) : { start: 0, end: outer.end };
  const isPadded = (seconds: number) => seconds > 0 && seconds < PADDING_SECONDS;
  const start = isPadded(inner.start - outer.start) ? inner.start : outer.start;
  const end = isPadded(outer.end - inner.end) ? inner.end : outer.end;
  return end > start ? end - start : undefined;
}

export function outline(extents: Pick<Extent, "start" | "end">[]) {
  return {
    start: Math.min(...extents.map(({ start }) => start)),
    end: Math.max(...extents.map(({ end }) => end)),
  };
}

/** A decoder drops what an encoder put before the start, so the declared start counts where it is near. */
export function extentsOf(report: Report, packets: Map<number, StreamPackets>): Extent[] {
  return playedStreams(report).flatMap((stream) => {
    const found = packets.get(stream.index);
    if (!found?.shown) return [];
    const late = (stream.start_time ?? found.start) - found.start;
    const start = late > 0 && late < PADDING_SECONDS ? stream.start_time! : found.start;
    return { start, end: found.end, isVideo: stream.codec_type === "video" };
  });
}

/** The main picture and all sound: what a proxy is made of. */
export function playedStreams(report: Report): Stream[] {
  const video = findVideo(report);
  return report.streams.filter((stream) => stream === video || stream.codec_type === "audio");
}
