// What media code measures, and what it is given. The columns that it fills are named as in the database.
import { z } from "zod";

export const ASSET_TYPES = ["video", "audio", "image", "document", "sequence"] as const;
export type AssetType = typeof ASSET_TYPES[number];

export const streamSummarySchema = z.object({
  index: z.number(),
  type: z.enum(["video", "audio", "subtitle", "data", "attachment", "cover"]),
  codec: z.string().nullable(),
  language: z.string().nullable(),
  title: z.string().nullable(),
  channels: z.number().optional(),
  channel_layout: z.string().optional(),
  sample_rate: z.number().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
});
export type StreamSummary = z.infer<typeof streamSummarySchema>;

const number = z.number().nullable();
const whole = z.number().int().nullable();
const string = z.string().nullable();
const ROTATIONS = [0, 90, 180, 270] as const;

/** `missing_end`: the file lacks its end marker. `second_decoder`: the usual decoder failed, another one succeeded. */
export const PROBE_NOTES = ["missing_end", "second_decoder"] as const;
export type ProbeNote = typeof PROBE_NOTES[number];

/**
 * What probing measures: the columns of `technical_metadata`, from which the row, its JSON and its SQL derive. Unknown
 * facts are null.
 */
export const technicalSchema = z.object({
  width: whole,
  height: whole,
  /** Whether the stored picture is flipped from left to right before it is rotated. */
  is_mirrored: z.boolean(),
  /** Degrees clockwise that turn the stored picture upright. The OpenAPI generator writes only the first of several literals. */
  rotation: z.literal(ROTATIONS).meta({ type: "integer", enum: [...ROTATIONS] }),
  sample_aspect_ratio: string,
  /** As shown, after rotation and pixel shape: `16:9`. */
  aspect_ratio: string,
  resolution_category: string,
  /** Of the picture; of sound alone that of its timecode, null if that counts hundredths of a second. */
  frame_rate: number,
  frame_rate_num: whole,
  frame_rate_den: whole,
  is_variable_frame_rate: z.boolean(),
  /** Frames of the whole length at `frame_rate`. With a variable rate this is computed, not counted. */
  frame_count: number,
  start_timecode: string,
  drop_frame: z.boolean().nullable(),
  scan_type: z.enum(["progressive", "interlaced_tff", "interlaced_bff"]).nullable(),
  video_codec: string,
  video_codec_profile: string,
  video_bit_rate: number,
  bit_depth: number,
  pixel_format: string,
  color_space: string,
  color_primaries: string,
  color_transfer: string,
  hdr_format: z.enum(["HDR10", "HLG", "DolbyVision"]).nullable(),
  audio_codec: string,
  audio_channels: number,
  audio_channel_layout: string,
  audio_sample_rate: number,
  audio_bit_rate: number,
  container_format: string,
  bit_rate: number,
  streams: z.array(streamSummarySchema),
  camera: z.record(z.string(), z.union([z.string(), z.number()])),
  /** What is unusual about a file that can be used all the same. */
  notes: z.array(z.enum(PROBE_NOTES)),
});
export type TechnicalMetadata = z.infer<typeof technicalSchema>;

/** A record in which nothing is known; documents keep it so. */
export const NOTHING_TECHNICAL: Readonly<TechnicalMetadata> = Object.freeze(technicalSchema.parse({
  ...Object.fromEntries(Object.keys(technicalSchema.shape).map((column) => [column, null])),
  rotation: 0,
  is_mirrored: false,
  is_variable_frame_rate: false,
  streams: [],
  camera: {},
  notes: [],
}));

/** What probing a file finds out. */
export interface Probe {
  assetType: AssetType;
  /** As the content says, whatever the name claimed. */
  contentType: string;
  durationMs: number | null;
  recordedAt: string | null;
  technical: TechnicalMetadata;
}

/** What the first bytes of a file say it is. `null` when they say nothing. */
export interface Sniffed {
  contentType: string;
  /** Without the dot. */
  extension: string;
  assetType: AssetType;
}

/** A file that media code made in the job's private folder, ready to be stored. */
export interface Rendition {
  path: string;
  contentType: string;
  /** Without the dot. */
  extension: string;
  width: number | null;
  height: number | null;
}

/** What every media verb may be told. Paths are absolute; `folder` is the job's own, private and empty at first. */
export interface MediaOptions {
  /** Ends the work within a second; the verb then throws the signal's reason. */
  signal?: AbortSignal;
}

export interface ProbeOptions extends MediaOptions {
  /** What people call the file, when the path does not end with it. A hint where the bytes say nothing. */
  filename?: string;
}

export interface ProxyOptions extends MediaOptions {
  /** Whole percent, rising, at most 100. */
  onProgress?: (percent: number) => void;
  /** Milliseconds after which the work fails as `timed_out` (default in proportion to what is coded). */
  wallMs?: number;
}
