// Schemas for the parts of ffprobe's output that are used. Untrusted: a file can make it print anything.
import { z } from "zod";
import { mediaError } from "./errors.ts";

// NUL and lone surrogates cannot be stored as text, and titles of a megabyte are of no use.
const cleaned = (text: string) => text.slice(0, 500).replaceAll(/\p{Cc}/gu, " ").toWellFormed().trim();
const text = z.coerce.string().transform(cleaned).optional().catch(undefined);
const number = z.coerce.number().refine(Number.isFinite).optional().catch(undefined);
const tags = z.record(z.string(), z.coerce.string().transform(cleaned)).transform((given) =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [cleaned(name).toLowerCase(), value]))
).catch({});

const streamSchema = z.object({
  index: z.number().int(),
  codec_type: text,
  codec_name: text,
  codec_tag_string: text,
  profile: text,
  width: number,
  height: number,
  pix_fmt: text,
  field_order: text,
  sample_aspect_ratio: text,
  color_space: text,
  color_primaries: text,
  color_transfer: text,
  color_range: text,
  r_frame_rate: text,
  avg_frame_rate: text,
  start_time: number,
  duration: number,
  bit_rate: number,
  bits_per_raw_sample: number,
  bits_per_sample: number,
  nb_frames: number,
  channels: number,
  channel_layout: text,
  sample_rate: number,
  disposition: z.record(z.string(), z.coerce.number()).catch({}).default({}),
  tags: tags.default({}),
  side_data_list: z.array(z.looseObject({ side_data_type: text, displaymatrix: text })).catch([]).default([]),
});

const reportSchema = z.object({
  streams: z.array(streamSchema).catch([]).default([]),
  format: z.object({
    format_name: text,
    start_time: number,
    duration: number,
    bit_rate: number,
    tags: tags.default({}),
  }).default({ tags: {} }),
});

const timingSchema = z.object({
  packets: z.array(z.object({ pts_time: number, dts_time: number, data: text })).catch([]).default([]),
});

const framesSchema = z.object({
  frames: z.array(z.object({ interlaced_frame: number, top_field_first: number })).catch([]).default([]),
});

export type Stream = z.infer<typeof streamSchema>;
export type Report = z.infer<typeof reportSchema>;

/** Streams and container. Throws unreadable when the report is invalid. */
export function parseReport(json: unknown): Report {
  const parsed = reportSchema.safeParse(json);
  if (!parsed.success) {
    throw mediaError("description_invalid");
  }
  return parsed.data;
}

/**
 * Timestamps of packets in seconds, ascending: of presentation, or of decoding where a container leaves out some of
 * those, as program streams do.
 */
export function parsePacketTimes(json: unknown): number[] {
  const { packets } = timingSchema.parse(json);
  const isComplete = packets.every(({ pts_time, dts_time }) =>
    pts_time !== undefined || dts_time === undefined
  );
  const times = packets.flatMap(({ pts_time, dts_time }) => (isComplete ? pts_time : dts_time) ?? []);
  return times.sort((a, b) => a - b);
}

/** The number that the first packet of a timecode track begins with (QuickTime File Format, Timecode Sample Data). */
export function parseFrameNumber(json: unknown): number | undefined {
  const { packets } = timingSchema.parse(json);
  const dumped = /^0+: ([0-9a-f]{4}) ([0-9a-f]{4})\b/.exec(packets[0]?.data ?? "");
  return dumped ? Number.parseInt(dumped[1]! + dumped[2]!, 16) : undefined;
}

/** Scan type by majority over decoded frames. */
export function parseScanType(json: unknown): "progressive" | "interlaced_tff" | "interlaced_bff" | null {
  const { frames } = framesSchema.parse(json);
  if (frames.length === 0) return null;
  const interlaced = frames.filter((frame) => frame.interlaced_frame);
  if (interlaced.length * 2 <= frames.length) return "progressive";
  const top = interlaced.filter((frame) => frame.top_field_first).length;
  return top * 2 >= interlaced.length ? "interlaced_tff" : "interlaced_bff";
}
