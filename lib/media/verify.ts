import { findMediaFailure, mediaError } from "./errors.ts";
import { inputArgs, runFfmpeg } from "./ffmpeg.ts";
import type { MediaOptions, Rendition } from "./schema.ts";

const DEMUXERS: Record<string, string> = { webp: "webp_pipe", jpg: "jpeg_pipe", mp4: "mov" };
const LIMITS = { wallMs: 60_000, memoryBytes: 3 * 2 ** 30 };

/**
 * Decodes the beginning of a rendition: its first picture, or a second of sound. Tools may succeed and leave a file that
 * has nothing in it. Throws a media error when nothing decodes, or not without errors.
 */
export async function requireDecodable(
  { path, extension }: Rendition,
  folder: string,
  { signal }: MediaOptions,
): Promise<void> {
  const limits = { ...LIMITS, folder, signal };
  const input = inputArgs(path, DEMUXERS[extension]);
  const what = ["-map", "0:v?", "-map", "0:a?", "-t", "1", "-frames:v", "1", "-f", "framecrc", "-"];
  const { stdout } = await runFfmpeg(path, ["-xerror", ...input, ...what], limits).catch((error) => {
    throw findMediaFailure(error) ? mediaError("output_broken") : error;
  });
  // One line for each frame, below a head of comments.
  if (!/^\d/m.test(stdout)) throw mediaError("output_broken");
}
