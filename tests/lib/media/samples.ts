// Short media with one property each, made by ffmpeg once per run.
import { join } from "node:path";
import { run } from "../../../lib/platform/process/process.ts";

const folder = Deno.makeTempDirSync({ prefix: "akashi-samples-" });
const made = new Map<string, Promise<string>>();

globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

/** A file made by ffmpeg from `args` (inputs and encoding, without the output), once per run. */
export function sample(filename: string, ...args: string[]): Promise<string> {
  const known = made.get(filename);
  if (known) return known;
  const making = make(join(folder, filename), args);
  made.set(filename, making);
  return making;
}

/** A file with the given bytes. */
export async function bytesFile(filename: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, filename);
  await Deno.writeFile(path, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
  return path;
}

/** The bytes of several files after one another. */
export async function joined(filename: string, ...paths: string[]): Promise<string> {
  const parts = await Promise.all(paths.map((path) => Deno.readFile(path)));
  return await bytesFile(filename, new Uint8Array(parts.flatMap((part) => [...part])));
}

/** ffmpeg arguments for a moving test picture. */
export function picture(size: string, rate: string, seconds: number): string[] {
  return ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`];
}

/** ffmpeg arguments for a tone in the given channel layout. */
export function tone(layout: string, seconds: number): string[] {
  return ["-f", "lavfi", "-i", `sine=frequency=440:duration=${seconds},aformat=channel_layouts=${layout}`];
}

/** 10-bit, marked as wide gamut and HDR, in a codec that every ffmpeg has. */
export function hdrSample(transfer: string): Promise<string> {
  const marks = `setparams=color_primaries=bt2020:color_trc=${transfer}:colorspace=bt2020nc`;
  const coding = ["-c:v", "prores_ks", "-pix_fmt", "yuv422p10le", "-vf", marks];
  return sample(`${transfer}.mov`, ...picture("160x120", "25", 1), ...coding);
}

/** A DNG of a camera "Cam": a little-endian TIFF with make, orientation and DNG version, then the finished picture. */
export async function rawPhoto(filename: string, jpeg: Uint8Array, orientation: number): Promise<string> {
  const entry = (tag: number, type: number, count: number, value: number[]) =>
    [tag & 255, tag >> 8, type, 0, count, 0, 0, 0].concat(value);
  const directory = [
    ...entry(0x010f, 2, 4, [...new TextEncoder().encode("Cam\0")]),
    ...entry(0x0112, 3, 1, [orientation, 0, 0, 0]),
    ...entry(0xc612, 1, 4, [1, 4, 0, 0]),
  ];
  const header = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 3, 0, ...directory, 0, 0, 0, 0];
  return await bytesFile(filename, new Uint8Array([...header, ...jpeg]));
}

/** Runs `work` with an empty temporary folder that is removed afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const path = await Deno.makeTempDir({ prefix: "akashi-job-" });
  try {
    return await work(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** The first frame as `columns` × `rows` pixels of RGB, row by row. */
export async function pixels(path: string, columns: number, rows: number): Promise<number[][]> {
  return await inFolder(async (work) => {
    const output = join(work, "pixels.rgb");
    await ffmpeg(work, [
      "-i",
      path,
      "-frames:v",
      "1",
      "-vf",
      `scale=${columns}:${rows}:flags=area`,
      ...RGB,
      output,
    ]);
    const bytes = await Deno.readFile(output);
    return Array.from({ length: columns * rows }, (_, nth) => [...bytes.subarray(nth * 3, nth * 3 + 3)]);
  });
}

/** The brightness of each frame, of 255. */
export async function brightness(path: string): Promise<number[]> {
  return await inFolder(async (work) => {
    const output = join(work, "grey.raw");
    const grey = ["-vf", "scale=1:1:flags=area", "-pix_fmt", "gray", "-f", "rawvideo"];
    await ffmpeg(work, ["-i", path, "-fps_mode", "passthrough", ...grey, output]);
    return [...await Deno.readFile(output)];
  });
}

/** The loudest sample of a file's first sound, of 32,768. */
export async function peak(path: string): Promise<number> {
  return await inFolder(async (work) => {
    const output = join(work, "sound.raw");
    await ffmpeg(work, ["-i", path, "-map", "0:a:0", "-f", "s16le", output]);
    return new Int16Array((await Deno.readFile(output)).buffer).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  });
}

/** Presentation times in seconds of the key frames of the first video stream. */
export async function keyFrames(path: string): Promise<number[]> {
  const args = [
    "-v",
    "error",
    "-select_streams",
    "v:0",
    "-skip_frame",
    "nokey",
    "-show_entries",
    "frame=pts_time",
  ];
  const { stdout } = await run("ffprobe", [...args, "-of", "csv=p=0", path], {
    cwd: folder,
    wallMs: 30_000,
  });
  return stdout.split("\n").filter(Boolean).map((line) => Number.parseFloat(line));
}

const RGB = ["-f", "rawvideo", "-pix_fmt", "rgb24"];

async function make(path: string, args: string[]): Promise<string> {
  await ffmpeg(folder, [...args, path]);
  return path;
}

async function ffmpeg(cwd: string, options: string[]): Promise<void> {
  const args = ["-hide_banner", "-nostdin", "-v", "error", "-y", ...options];
  const { code, stderr } = await run("ffmpeg", args, { cwd, wallMs: 60_000 });
  if (code !== 0) throw new Error(`ffmpeg ${args.join(" ")}: ${stderr}`);
}
