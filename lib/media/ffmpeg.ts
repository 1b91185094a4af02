// Media work: sniff, probe, poster, proxy. Everything that reads a stranger's bytes runs in a confined process.
import { AppError } from "../platform/errors.ts";
import { type ProcessOptions, type ProcessResult, run } from "../platform/process/process.ts";
import { mediaError } from "./errors.ts";
import { MAX_PICTURE_PIXELS } from "./picture.ts";

/** Beyond this a duration is a broken header or a recording that nobody wants as one file. */
export const MAX_DURATION_MS = 48 * 3600 * 1000;

/**
 * Demuxers that read one file and nothing else: never concat, hls, dash, playlists or patterns of picture names. A file
 * may say of itself that it is a playlist, whatever its name.
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

/** Demuxers of one picture, for what sharp does not read. */
export const PICTURE_DEMUXERS: Record<string, string> = {
  "image/bmp": "bmp_pipe",
  "image/vnd.adobe.photoshop": "psd_pipe",
  "image/jp2": "j2k_pipe",
  "image/jpx": "j2k_pipe",
  "image/j2c": "j2k_pipe",
  "image/jxl": "jpegxl_pipe",
  "image/x-exr": "exr_pipe",
  "image/x-dpx": "dpx_pipe",
};

/** What this installation's ffmpeg can do. */
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
  fileBytes?: number;
  signal?: AbortSignal;
  onLine?: (line: string) => void;
}

let capabilities: Promise<Capabilities> | undefined;

/** The words that open a local file and allow nothing else to be opened through it. For ffmpeg and ffprobe. */
export function inputWords(path: string, demuxer?: string): string[] {
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
 * Runs ffprobe on a file and answers its JSON. Throws unreadable, truncated, timed_out or too_large_picture as media
 * errors, unavailable when ffprobe is missing or was interrupted.
 */
export async function runFfprobe(path: string, words: string[], limits: ToolLimits): Promise<unknown> {
  const args = ["-hide_banner", "-v", "error", "-print_format", "json", ...words, ...inputWords(path)];
  const { stdout } = await runConfined("ffprobe", args, [path], limits);
  try {
    return JSON.parse(stdout);
  } catch {
    throw mediaError("unreadable", "The file cannot be read: its description is no text.");
  }
}

/** Runs ffmpeg with `path` as the one file that may be read. Throws as `runFfprobe` does. */
export function runFfmpeg(path: string, words: string[], limits: ToolLimits): Promise<ProcessResult> {
  return runConfined("ffmpeg", ["-hide_banner", "-nostdin", "-v", "error", "-y", ...words], [path], limits);
}

/**
 * Runs a tool that reads only the files of `read` and its folder, without network, at low priority. Throws what a bad end
 * means: `explain` says it of a bad exit that came from the file. The signal's reason when it was aborted.
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
    niceness: 10,
    allowedFiles: { read, write: [folder] },
  };
  const result = await run(tool, args, options);
  const { code, stderr } = result;
  limits.signal?.throwIfAborted();
  if (result.timedOut) throw mediaError("timed_out", "Working on the file took too long.");
  if (result.overflowed) {
    throw mediaError("unreadable", "The file cannot be read: it describes itself without end.");
  }
  if (code === 0) return result;
  // SIGKILL and SIGTERM came from outside: an operator, or a system out of memory.
  if (code === 137 || code === 143 || (code === 255 && /received signal/i.test(stderr))) {
    throw new AppError("unavailable", "The work on the file was interrupted.");
  }
  if (/no space left on device/i.test(stderr)) {
    throw new AppError("unavailable", "No space is left for temporary files.");
  }
  // Not the file's fault: what it needs lies where the process may not reach.
  if (/permission denied/i.test(stderr)) {
    throw new Error(`${tool} may not reach its files: ${stderr.slice(-1000)}`);
  }
  throw explain(result);
}

/** Finds out once what filters and encoders there are. Throws unavailable when ffmpeg is missing. */
export function getCapabilities(): Promise<Capabilities> {
  return capabilities ??= readCapabilities().catch((error) => {
    capabilities = undefined;
    throw error;
  });
}

/** What ffmpeg's last words mean for people. */
function explainFfmpeg({ stderr }: ProcessResult): AppError {
  if (/exceeds specified max pixel count|picture size .* is invalid/i.test(stderr)) {
    return mediaError("too_large_picture", "The picture is larger than can be worked on.");
  }
  if (/end of file/i.test(stderr)) return mediaError("truncated", "The file is cut off: it ends too early.");
  return mediaError("unreadable", "The file is damaged or not in a format that can be read.");
}

async function readCapabilities(): Promise<Capabilities> {
  const list = async (what: string) => {
    const { stdout } = await run("ffmpeg", ["-hide_banner", what], { cwd: "/", wallMs: 15_000 });
    return new Set(stdout.split("\n").map((line) => line.trim().split(/\s+/)[1] ?? ""));
  };
  return { filters: await list("-filters"), encoders: await list("-encoders") };
}
