// Runs ffmpeg and ffprobe. Everything that reads untrusted bytes runs in a confined process.
import type { AppError } from "../platform/errors.ts";
import { type ProcessOptions, type ProcessResult, run } from "../platform/process/process.ts";
import { mediaError, toolError } from "./errors.ts";
import { MAX_PICTURE_PIXELS } from "./picture.ts";

/** A longer duration is a broken header, or a recording too long for one file. */
export const MAX_DURATION_MS = 48 * 3600 * 1000;

/**
 * Demuxers that open a single file: no concat, hls, dash, playlists or image sequences. A file can claim to be a
 * playlist in its content, whatever its name.
 */
const DEMUXERS = [
  "aac",
  "ac3",
  "aiff",
  "amr",
  "ape",
  "asf",
  "au",
  "avi",
  "caf",
  "dnxhd",
  "dsf",
  "dts",
  "dtshd",
  "dv",
  "eac3",
  "flac",
  "flv",
  "gxf",
  "h261",
  "h263",
  "h264",
  "hevc",
  "iff",
  "ivf",
  "loas",
  "lxf",
  "m4v",
  "matroska",
  "mjpeg",
  "mlp",
  "mov",
  "mp3",
  "mpc",
  "mpc8",
  "mpeg",
  "mpegts",
  "mpegvideo",
  "mxf",
  "nut",
  "obu",
  "ogg",
  "rm",
  "tak",
  "truehd",
  "tta",
  "vc1",
  "voc",
  "vvc",
  "w64",
  "wav",
  "wtv",
  "wv",
  "yuv4mpegpipe",
];

/** Demuxers for single pictures that sharp cannot read. */
export const PICTURE_DEMUXERS: Record<string, string> = {
  "image/bmp": "bmp_pipe",
  "image/jp2": "j2k_pipe",
  "image/jpx": "j2k_pipe",
  "image/j2c": "j2k_pipe",
  "image/jxl": "jpegxl_pipe",
  "image/x-exr": "exr_pipe",
  "image/x-dpx": "dpx_pipe",
};

/** A second decoder, for variants that the picture library cannot read: 12-bit TIFF, lossless JPEG… */
export const SECOND_DEMUXERS: Record<string, string> = {
  "image/tiff": "tiff_pipe",
  "image/jpeg": "jpeg_pipe",
  "image/png": "png_pipe",
  "image/webp": "webp_pipe",
  "image/gif": "gif_pipe",
  "image/vnd.adobe.photoshop": "psd_pipe",
  "image/avif": "mov",
};

/** Filters and encoders of the installed ffmpeg. */
export interface Capabilities {
  filters: Set<string>;
  encoders: Set<string>;
}

export interface ToolLimits {
  folder: string;
  wallMs: number;
  memoryBytes: number;
  env?: Record<string, string>;
  outputBytes?: number;
  /** 0–19 (default 5). */
  niceness?: number;
  fileBytes?: number;
  signal?: AbortSignal;
  onLine?: (line: string) => void;
}

const NICENESS = 5;

let capabilities: Promise<Capabilities> | undefined;

/** Input arguments for ffmpeg and ffprobe that open a local file and prevent it from opening any other. */
export function inputArgs(path: string, demuxer?: string): string[] {
  return [
    "-protocol_whitelist",
    "file,pipe",
    "-format_whitelist",
    demuxer ?? DEMUXERS.join(","),
    ...(demuxer ? ["-f", demuxer] : []),
    "-max_pixels",
    String(MAX_PICTURE_PIXELS),
    "-i",
    `file:${path}`,
  ];
}

/**
 * Runs ffprobe on a file and returns its parsed JSON. Throws media errors (unreadable, truncated, timed_out,
 * too_large_picture), and unavailable when ffprobe is missing or was interrupted.
 */
export async function runFfprobe(path: string, options: string[], limits: ToolLimits): Promise<unknown> {
  const args = ["-hide_banner", "-v", "error", "-print_format", "json", ...options, ...inputArgs(path)];
  const { stdout } = await runConfined("ffprobe", args, [path], limits);
  try {
    return JSON.parse(stdout);
  } catch {
    throw mediaError("description_not_text");
  }
}

/** Runs ffprobe and passes each line of its CSV to `limits.onLine`, for output without bound. Throws as `runFfprobe`. */
export async function runFfprobeLines(path: string, options: string[], limits: ToolLimits): Promise<void> {
  const args = ["-hide_banner", "-v", "error", "-print_format", "csv=p=0", ...options, ...inputArgs(path)];
  await runConfined("ffprobe", args, [path], limits);
}

/** Runs ffmpeg, with `path` as the only readable file. Throws as `runFfprobe` does. */
export function runFfmpeg(path: string, options: string[], limits: ToolLimits): Promise<ProcessResult> {
  return runConfined("ffmpeg", ["-hide_banner", "-nostdin", "-v", "error", "-y", ...options], [path], limits);
}

/**
 * Runs a tool without network and at low priority; it can read only the files of `read` and its folder. Throws on
 * failure: `explain` maps a bad exit that the file caused. Throws the signal's reason on abort.
 */
export async function runConfined(
  tool: string,
  args: string[],
  read: string[],
  limits: ToolLimits,
  explain: (result: ProcessResult) => Error = explainFfmpeg,
): Promise<ProcessResult> {
  const { folder, ...rest } = limits;
  const options: ProcessOptions = {
    ...rest,
    cwd: folder,
    niceness: limits.niceness ?? NICENESS,
    allowedFiles: { read, write: [folder] },
  };
  const result = await run(tool, args, options);
  const { code, stderr } = result;
  limits.signal?.throwIfAborted();
  if (result.timedOut) throw mediaError("timed_out");
  if (result.overflowed) {
    throw mediaError("description_endless");
  }
  if (code === 0) return result;
  // Killed from outside: by an operator or the out-of-memory killer.
  if (code === 137 || code === 143 || (code === 255 && /received signal/i.test(stderr))) {
    throw toolError("interrupted");
  }
  if (/no space left on device/i.test(stderr)) {
    throw toolError("disk_full");
  }
  // A fault of the sandbox rules, not of the file.
  if (/permission denied/i.test(stderr)) {
    throw new Error(`${tool} may not reach its files: ${stderr.slice(-1000)}`);
  }
  throw explain(result);
}

/** Detects the available filters and encoders once. Throws unavailable when ffmpeg is missing. */
export function getCapabilities(): Promise<Capabilities> {
  return capabilities ??= readCapabilities().catch((error) => {
    capabilities = undefined;
    throw error;
  });
}

/** Maps the end of ffmpeg's stderr to an error for people. */
function explainFfmpeg({ stderr }: ProcessResult): AppError {
  // A picture that needs more memory than a tool may have needs it at every attempt.
  if (/exceeds specified max pixel count|picture size .* is invalid|cannot allocate memory/i.test(stderr)) {
    return mediaError("picture_too_large");
  }
  if (/end of file/i.test(stderr)) return mediaError("ends_early");
  return mediaError("damaged");
}

async function readCapabilities(): Promise<Capabilities> {
  const list = async (what: string) => {
    const { stdout } = await run("ffmpeg", ["-hide_banner", what], { cwd: "/", wallMs: 15_000 });
    return new Set(stdout.split("\n").map((line) => line.trim().split(/\s+/)[1] ?? ""));
  };
  return { filters: await list("-filters"), encoders: await list("-encoders") };
}
