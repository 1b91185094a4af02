import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProcessResult } from "../platform/process/process.ts";
import { mediaError } from "./errors.ts";
import { inputArgs, PICTURE_DEMUXERS, runConfined, runFfmpeg } from "./ffmpeg.ts";
import { aspectRatio, resolutionCategory, rotationOfOrientation, shownSize } from "./picture.ts";
import { type MediaOptions, NOTHING_TECHNICAL, type Probe, type Sniffed } from "./schema.ts";
import type { StillAnswer, StillFacts, StillRendition, StillRequest } from "./still_process.ts";

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

/** Probes a picture by its headers. Throws unreadable, truncated or too_large_picture. */
export async function probeStill(
  path: string,
  folder: string,
  sniffed: Sniffed,
  { signal }: MediaOptions,
): Promise<Probe> {
  const { contentType } = sniffed;
  const picture = await readable(path, folder, contentType, signal);
  const answer = await ask({ verb: "probe", ...picture }, folder, signal);
  if (!("facts" in answer)) throw mediaError("picture_damaged");
  const { facts } = answer;
  return {
    assetType: "image",
    contentType: facts.format === "avif" ? "image/avif" : contentType,
    durationMs: null,
    recordedAt: facts.recordedAt,
    technical: describePicture(facts, picture.path === path ? facts.format : sniffed.extension),
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
  const picture = await readable(path, folder, contentType, signal);
  const answer = await ask(
    { verb: "render", ...picture, ...rest, output: join(folder, name) },
    folder,
    signal,
  );
  if (!("rendition" in answer)) throw mediaError("picture_damaged");
  return answer.rendition;
}

function describePicture(facts: StillFacts, container: string): Probe["technical"] {
  const shape = {
    width: facts.width,
    height: facts.height,
    rotation: rotationOfOrientation(facts.orientation),
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

/** Converts what sharp cannot read to PNG with ffmpeg. */
async function readable(path: string, folder: string, contentType: string, signal?: AbortSignal) {
  const demuxer = PICTURE_DEMUXERS[contentType];
  if (!demuxer) return { path, contentType };
  const output = join(folder, "picture.png");
  const limits = { folder, wallMs: WALL_MS, memoryBytes: MEMORY_BYTES, signal };
  await runFfmpeg(path, [
    ...inputArgs(path, demuxer),
    "-frames:v",
    "1",
    "-f",
    "image2",
    "-update",
    "1",
    output,
  ], limits);
  return { path: output, contentType: "image/png" };
}

async function ask(request: StillRequest, folder: string, signal?: AbortSignal): Promise<StillAnswer> {
  const reads = [...PROGRAM, request.path];
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
