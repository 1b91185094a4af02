// Files to bring in: real ones recorded by cameras and phones where they are at hand, and made ones of the same kinds.
import { madeMedium, runFfmpeg } from "./made_media.ts";

const FOLDER = Deno.env.get("AKASHI_TEST_MEDIA") ??
  new URL("../../../shared/media/", import.meta.url).pathname;

/** In what a made file differs from the real one of its name. */
export interface Facts {
  durationMs?: number;
  frames?: number;
  /** Width and height of a picture as it is shown. */
  size?: [number, number];
}

export interface Medium {
  name: string;
  origin: "made" | "real";
  facts: Facts;
  /** Makes the file when it is missing. */
  path(): Promise<string>;
}

const FACTS: Record<string, { made: Facts; real: Facts }> = {
  "interview_webm_vp8.webm": {
    made: { durationMs: 6_003, frames: 180 },
    real: { durationMs: 44_652, frames: 1340 },
  },
  "people_h264.mp4": {
    made: { durationMs: 3_000, frames: 30 },
    real: { durationMs: 139_400, frames: 1394 },
  },
  "rotated_portrait.mp4": { made: { durationMs: 1_500 }, real: { durationMs: 2_005 } },
  "two_audio_tracks.mp4": { made: { durationMs: 2_000 }, real: { durationMs: 5_013 } },
  "music.wav": { made: { durationMs: 2_000 }, real: { durationMs: 9_637 } },
  "phone_photo.heic": { made: { size: [480, 640] }, real: { size: [2566, 3313] } },
};

/** The made file of this name and, where it is at hand, the real one. */
export function mediaNamed(name: string): Medium[] {
  const facts = FACTS[name] ?? { made: {}, real: {} };
  const made: Medium = { name, origin: "made", facts: facts.made, path: () => madeMedium(name) };
  const path = realPath(name);
  if (!isFile(path)) return [made];
  return [made, { name, origin: "real", facts: facts.real, path: () => Promise.resolve(path) }];
}

/** The path of a real file, or undefined where it is not at hand. */
export function realMedium(name: string): string | undefined {
  return isFile(realPath(name)) ? realPath(name) : undefined;
}

function realPath(name: string): string {
  return `${FOLDER.replace(/\/?$/, "/")}${name}`;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The smallest PNG: one grey pixel. `salt` makes its bytes differ from every other one's. */
export function tinyPng(salt: string = crypto.randomUUID()): Uint8Array<ArrayBuffer> {
  const png = Uint8Array.fromBase64(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==",
  );
  return new Uint8Array([...png, ...new TextEncoder().encode(salt)]);
}

/** A test picture with a tone, `seconds` long. */
export async function makeVideo(
  path: string,
  { seconds = 2, size = "320x180", extra = [] as string[] } = {},
): Promise<void> {
  const picture = ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=25:duration=${seconds}`];
  const tone = ["-f", "lavfi", "-i", `sine=frequency=440:duration=${seconds}`];
  const coding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"];
  await runFfmpeg([...picture, ...tone, ...coding, ...extra, path]);
}
