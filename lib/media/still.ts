import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProcessResult } from "../platform/process/process.ts";
import { findMediaFailure, mediaError } from "./errors.ts";
import {
  inputArgs,
  PICTURE_DEMUXERS,
  runConfined,
  runFfmpeg,
  runFfprobe,
  SECOND_DEMUXERS,
} from "./ffmpeg.ts";
import { parseReport } from "./ffprobe.ts";
import {
  aspectRatio,
  isMirroredOrientation,
  resolutionCategory,
  rotationOfOrientation,
  shownSize,
} from "./picture.ts";
import { type MediaOptions, NOTHING_TECHNICAL, type Probe, type ProbeNote, type Sniffed } from "./schema.ts";
import type { StillFacts } from "./still_open.ts";
import type { StillAnswer, StillRendition, StillRequest } from "./still_process.ts";

/** Target of a rendered still: upright, in sRGB, inside a square of `longest`, never enlarged. */
export interface StillTarget {
  longest: number;
  /** `auto` is WebP for pictures with transparency, otherwise JPEG. */
  format: "webp" | "auto";
  quality: number;
  /** File name without extension. */
  name: string;
}

const ERRORS = {
  unreadable: () => mediaError("picture_damaged"),
  truncated: () => mediaError("picture_truncated"),
  too_large_picture: () => mediaError("picture_too_large"),
};

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SCRIPT = join(ROOT, "lib/media/still_process.ts");
const PROGRAM = ["lib", "node_modules"].map((name) => join(ROOT, name));
const WALL_MS = 120_000;
const MEMORY_BYTES = 3 * 2 ** 30;
/** Frames of an animation among which the picture is chosen. */
const SEQUENCE_FRAMES = 25;

/** Probes a picture by its headers. Throws unreadable, truncated or too_large_picture. */
export async function probeStill(
  path: string,
  folder: string,
  sniffed: Sniffed,
  { signal }: MediaOptions,
): Promise<Probe> {
  const { contentType } = sniffed;
  const frames = await countSequence(path, folder, contentType, signal);
  const { answer, isSame, isSecond } = await askLeniently(
    path,
    folder,
    contentType,
    { verb: "probe" },
    signal,
  );
  if (!("facts" in answer)) throw mediaError("picture_damaged");
  const { facts } = answer;
  const isNamed = isSame && !facts.rawType;
  const notes: ProbeNote[] = [
    ...(facts.lacksEnd ? ["missing_end" as const] : []),
    ...(isSecond ? ["second_decoder" as const] : []),
  ];
  return {
    assetType: "image",
    contentType: facts.rawType ?? (facts.format === "avif" ? "image/avif" : contentType),
    durationMs: null,
    recordedAt: facts.recordedAt,
    technical: {
      ...describePicture(
        { ...facts, pages: frames ?? facts.pages },
        isNamed ? facts.format : sniffed.extension,
      ),
      notes,
    },
  };
}

/** Renders a picture for display into `folder`. Throws as `probeStill` does. */
export async function renderStill(
  path: string,
  folder: string,
  contentType: string,
  target: StillTarget,
  signal?: AbortSignal,
): Promise<StillRendition> {
  const { name, ...rest } = target;
  const verb = { verb: "render", ...rest, output: join(folder, name) } as const;
  const { answer } = await askLeniently(path, folder, contentType, verb, signal);
  if (!("rendition" in answer)) throw mediaError("picture_damaged");
  return answer.rendition;
}

function describePicture(facts: StillFacts, container: string): Probe["technical"] {
  const shape = {
    width: facts.width,
    height: facts.height,
    rotation: rotationOfOrientation(facts.orientation),
    is_mirrored: isMirroredOrientation(facts.orientation),
    sample_aspect_ratio: null,
  };
  const shown = shownSize(shape)!;
  return {
    ...NOTHING_TECHNICAL,
    ...shape,
    aspect_ratio: aspectRatio(shown),
    resolution_category: resolutionCategory(shown),
    frame_count: facts.pages > 1 ? facts.pages : null,
    bit_depth: facts.bitDepth,
    color_space: facts.space,
    container_format: container,
    streams: [],
    camera: facts.camera,
  };
}

type Verb = DistributiveOmit<StillRequest, "path" | "contentType" | "factsPath">;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/**
 * Asks the process for pictures, for the types that it reads. Others, and what it cannot read, are converted to PNG by
 * ffmpeg, whose decoders differ. Throws the first failure when the second decoder fails too.
 */
async function askLeniently(
  path: string,
  folder: string,
  contentType: string,
  verb: Verb,
  signal?: AbortSignal,
) {
  const convert = async (demuxer: string) => {
    const png = await toPng(path, folder, demuxer, isMoving, signal);
    return await ask({ ...verb, path: png, contentType, factsPath: path }, folder, signal);
  };
  const isMoving = await isSequence(path, contentType);
  const only = isMoving ? SECOND_DEMUXERS[contentType] : PICTURE_DEMUXERS[contentType];
  if (only) return { answer: await convert(only), isSame: false, isSecond: false };
  try {
    return {
      answer: await ask({ ...verb, path, contentType }, folder, signal),
      isSame: true,
      isSecond: false,
    };
  } catch (error) {
    const second = SECOND_DEMUXERS[contentType];
    if (findMediaFailure(error) !== "unreadable" || !second) throw error;
    try {
      return { answer: await convert(second), isSame: false, isSecond: true };
    } catch (again) {
      throw findMediaFailure(again) ? error : again;
    }
  }
}

/** Decodes one picture; of a sequence the one that stands best for its beginning, which is often blank. */
async function toPng(
  path: string,
  folder: string,
  demuxer: string,
  isMoving: boolean,
  signal?: AbortSignal,
): Promise<string> {
  const output = join(folder, "picture.png");
  const limits = { folder, wallMs: WALL_MS, memoryBytes: MEMORY_BYTES, signal };
  const choice = isMoving ? ["-vf", `thumbnail=n=${SEQUENCE_FRAMES}`] : [];
  const frame = [...choice, "-frames:v", "1", "-f", "image2", "-update", "1"];
  await runFfmpeg(path, [...inputArgs(path, demuxer), ...frame, output], limits);
  return output;
}

/** AVIF whose pictures are the frames of a track: the library for stills reads none of them. */
async function isSequence(path: string, contentType: string): Promise<boolean> {
  if (contentType !== "image/avif") return false;
  using file = await Deno.open(path);
  const head = new Uint8Array(12);
  await file.read(head);
  return new TextDecoder("latin1").decode(head.subarray(8)) === "avis";
}

/** The number of frames of an AVIF sequence; undefined for other files. */
async function countSequence(path: string, folder: string, contentType: string, signal?: AbortSignal) {
  if (!await isSequence(path, contentType)) return undefined;
  const limits = { folder, wallMs: WALL_MS, memoryBytes: MEMORY_BYTES, outputBytes: 2 ** 20, signal };
  const { streams } = parseReport(await runFfprobe(path, ["-show_format", "-show_streams"], limits));
  const frames = streams.filter(({ codec_type }) => codec_type === "video").map(({ nb_frames }) =>
    nb_frames ?? 1
  );
  return Math.max(1, ...frames);
}

async function ask(asked: StillRequest, folder: string, signal?: AbortSignal): Promise<StillAnswer> {
  // Permissions are compared with the path behind symbolic links.
  const path = await Deno.realPath(asked.path);
  const factsPath = asked.factsPath && await Deno.realPath(asked.factsPath);
  const request = { ...asked, path, factsPath };
  const reads = [...PROGRAM, path, ...(factsPath ? [factsPath] : [])];
  const args = [
    // Packages are loaded from node_modules only: no resolution, lockfile, linking or download.
    ...[
      "run",
      "--quiet",
      "--no-prompt",
      "--no-remote",
      "--no-check",
      "--no-config",
      "--node-modules-dir=manual",
    ],
    `--allow-read=${[...reads, folder].join(",")}`,
    `--allow-write=${folder}`,
    "--allow-ffi",
    "--allow-env",
    "--allow-sys",
    SCRIPT,
    JSON.stringify(request),
  ];
  const limits = { folder, wallMs: WALL_MS, memoryBytes: MEMORY_BYTES, signal, env: { NO_COLOR: "1" } };
  const { stdout } = await runConfined(Deno.execPath(), args, reads, limits, explainExit);
  const answer = JSON.parse(stdout) as StillAnswer;
  if ("failure" in answer) throw ERRORS[answer.failure]();
  return answer;
}

/** Failures that it detects are in its output; a crash was caused by the picture, and any other exit is a bug. */
function explainExit({ code, stderr }: ProcessResult): Error {
  if (code > 128) return mediaError("picture_damaged");
  return new Error(`the process for pictures ended with ${code}: ${stderr.slice(-1000)}`);
}
