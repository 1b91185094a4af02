// What media code measures, in the words of the tables it fills.

export const ASSET_TYPES = ["video", "audio", "image", "document", "sequence"] as const;
export type AssetType = typeof ASSET_TYPES[number];

/** Columns of `technical_metadata` without its keys; absent facts are null. */
export interface TechnicalMetadata {
  width: number | null;
  height: number | null;
  /** Degrees clockwise that turn the stored picture upright. */
  rotation: 0 | 90 | 180 | 270;
  sample_aspect_ratio: string | null;
  /** As shown, after rotation and pixel shape: `16:9`. */
  aspect_ratio: string | null;
  resolution_category: string | null;
  frame_rate: number | null;
  frame_rate_num: number | null;
  frame_rate_den: number | null;
  is_variable_frame_rate: boolean;
  /** Frames of the whole length at `frame_rate`; with a variable rate that is the length, not what is stored. */
  frame_count: number | null;
  start_timecode: string | null;
  drop_frame: boolean | null;
  scan_type: "progressive" | "interlaced_tff" | "interlaced_bff" | null;
  video_codec: string | null;
  video_codec_profile: string | null;
  video_bit_rate: number | null;
  bit_depth: number | null;
  pixel_format: string | null;
  color_space: string | null;
  color_primaries: string | null;
  color_transfer: string | null;
  hdr_format: "HDR10" | "HLG" | "DolbyVision" | null;
  audio_codec: string | null;
  audio_channels: number | null;
  audio_channel_layout: string | null;
  audio_sample_rate: number | null;
  audio_bit_rate: number | null;
  container_format: string | null;
  bit_rate: number | null;
  streams: StreamSummary[];
  camera: Record<string, string | number>;
}

export interface StreamSummary {
  index: number;
  type: "video" | "audio" | "subtitle" | "data" | "attachment" | "cover";
  codec: string | null;
  language: string | null;
  title: string | null;
  channels?: number;
  channel_layout?: string;
  sample_rate?: number;
  width?: number;
  height?: number;
}

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
  /** Milliseconds after which the work fails as `timed_out` (default four hours). */
  wallMs?: number;
}
