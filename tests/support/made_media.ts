// Makes a small file for each kind of medium that the tests bring in: what a camera, a phone or an encoder would write,
// a second or a few long. Each is made once a machine and kept in .akashi/test until this file changes.
import { createHash } from "node:crypto";
import sharp from "sharp";
import { writeHeic } from "./heic.ts";

const MAKERS: Record<string, (path: string) => Promise<void>> = {
  "interview_webm_vp8.webm": makeInterview,
  "people_h264.mp4": makePeople,
  "rotated_portrait.mp4": makePortraitVideo,
  "two_audio_tracks.mp4": makeTwoTracks,
  "music.wav": makeMusic,
  "exif_orientation_6.jpg": (path) => makePhoto(path, { width: 1200, height: 1800, orientation: 6 }),
  "exif_orientation_8.jpg": (path) => makePhoto(path, { width: 1800, height: 1200, orientation: 8 }),
  "gps_photo.jpg": makePhotoWithPlace,
  "phone_photo.heic": makePhonePhoto,
  "portrait.jpg": (path) => makePhoto(path, { width: 512, height: 512 }),
  "malformed_captions.srt": makeCaptions,
};

const FOLDER = new URL(`../../.akashi/test/media-${versionOfThisFile()}/`, import.meta.url).pathname;
const making = new Map<string, Promise<string>>();

/** The path of the made file of this name. */
export function madeMedium(name: string): Promise<string> {
  const known = making.get(name);
  if (known) return known;
  const made = make(name);
  making.set(name, made);
  return made;
}

async function make(name: string): Promise<string> {
  const path = FOLDER + name;
  if (await Deno.stat(path).catch(() => null)) return path;
  await Deno.mkdir(FOLDER, { recursive: true });
  // Test files run side by side: each makes a draft, and renaming leaves a whole file whichever comes last.
  const draft = `${FOLDER}${crypto.randomUUID().slice(0, 8)}-${name}`;
  await MAKERS[name]!(draft);
  await Deno.rename(draft, path);
  return path;
}

function versionOfThisFile(): string {
  const hash = createHash("sha256");
  for (const name of ["./made_media.ts", "./heic.ts"]) {
    hash.update(Deno.readTextFileSync(new URL(name, import.meta.url)));
  }
  return hash.digest("hex").slice(0, 12);
}

/** Runs ffmpeg; throws what it printed when it fails. */
export async function runFfmpeg(words: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ffmpeg", { args: ["-v", "error", "-y", ...words] })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

const source = (graph: string) => ["-f", "lavfi", "-i", graph];

/** 30 frames a second in the first four seconds, a third of them after that. */
async function makeInterview(path: string): Promise<void> {
  const rate = ["-vf", "select='lt(t,4)+not(mod(n,3))'", "-fps_mode", "vfr"];
  const coding = ["-c:v", "libvpx", "-deadline", "realtime", "-b:v", "3M", "-c:a", "libvorbis"];
  await runFfmpeg([
    ...source("testsrc2=size=480x270:rate=30:duration=6"),
    ...source("sine=duration=6,aformat=channel_layouts=stereo"),
    ...rate,
    ...coding,
    path,
  ]);
}

async function makePeople(path: string): Promise<void> {
  const coding = ["-c:v", "libx264", "-crf", "40", "-pix_fmt", "yuv420p", "-movflags", "+faststart"];
  const date = ["-metadata", "creation_time=2017-09-26T16:57:49Z"];
  await runFfmpeg([...source("testsrc2=size=768x432:rate=10:duration=3"), ...coding, ...date, path]);
}

/** Upright on a phone, stored lying: the track's matrix turns it. It begins black and has 5.1 sound. */
async function makePortraitVideo(path: string): Promise<void> {
  const black = "drawbox=color=black:thickness=fill:enable='lt(t,0.5)'";
  const coding = [
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-crf",
    "12",
    "-pix_fmt",
    "yuv420p",
    "-c:a",
    "aac",
  ];
  await runFfmpeg([
    ...source(`testsrc2=size=1920x1080:rate=24:duration=1.5,${black}`),
    ...source("sine=duration=1.5,aformat=channel_layouts=5.1"),
    ...coding,
    path,
  ]);
  await Deno.writeFile(path, turnClockwise(await Deno.readFile(path), 1080));
}

/** Writes a quarter turn into the matrix of the first track's header. */
export function turnClockwise(mp4: Uint8Array<ArrayBuffer>, storedHeight: number): Uint8Array<ArrayBuffer> {
  return setMatrix(mp4, [0, 1, -1, 0], [storedHeight, 0]);
}

/** Writes the matrix [a, b, c, d] and a shift into the first track's header (version 0, ISO 14496-12 §8.3.2). */
export function setMatrix(
  mp4: Uint8Array<ArrayBuffer>,
  [a, b, c, d]: [number, number, number, number],
  [x, y]: [number, number],
): Uint8Array<ArrayBuffer> {
  const header = new TextDecoder("latin1").decode(mp4).indexOf("tkhd");
  const view = new DataView(mp4.buffer, header + 44);
  [a, b, 0, c, d, 0, x, y, 0x4000].forEach((value, nth) => view.setInt32(nth * 4, value * 0x10000));
  return mp4;
}

async function makeTwoTracks(path: string): Promise<void> {
  const sound = source("sine=duration=2,aformat=channel_layouts=5.1");
  await runFfmpeg([...sound, ...sound, "-map", "0", "-map", "1", "-c:a", "aac", "-b:a", "512k", path]);
}

/** PCM with a cover picture in an ID3 tag, which is a chunk of the RIFF file. */
async function makeMusic(path: string): Promise<void> {
  await runFfmpeg([...source("sine=duration=2,aformat=channel_layouts=stereo"), "-f", "wav", path]);
  const cover = await noise(500, 500).jpeg().toBuffer();
  const wave = await Deno.readFile(path);
  const file = new Uint8Array([...wave, ...chunk("id3 ", coverTag(cover))]);
  new DataView(file.buffer).setUint32(4, file.length - 8, true);
  await Deno.writeFile(path, file);
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + content.length + content.length % 2);
  bytes.set(new TextEncoder().encode(type));
  new DataView(bytes.buffer).setUint32(4, content.length, true);
  bytes.set(content, 8);
  return bytes;
}

/** An ID3v2.3 tag with one attached picture (APIC, front cover). */
function coverTag(jpeg: Uint8Array): Uint8Array {
  const text = (letters: string) => new TextEncoder().encode(letters);
  const picture = [0, ...text("image/jpeg"), 0, 3, 0, ...jpeg];
  const frame = [...text("APIC"), ...bytesOf(picture.length, 8), 0, 0, ...picture];
  return new Uint8Array([...text("ID3"), 3, 0, 0, ...bytesOf(frame.length, 7), ...frame]);
}

/** Four bytes of `bits` bits each: a tag's length has seven, a frame's has eight. */
function bytesOf(value: number, bits: number): number[] {
  return [3, 2, 1, 0].map((nth) => value >> (nth * bits) & (2 ** bits - 1));
}

function noise(width: number, height: number) {
  const create = { width, height, channels: 3, background: "#808080" } as const;
  return sharp({ create: { ...create, noise: { type: "gaussian", mean: 128, sigma: 30 } } });
}

async function makePhoto(
  path: string,
  { width, height, orientation = 1 }: { width: number; height: number; orientation?: number },
): Promise<void> {
  await noise(width, height).withMetadata({ orientation }).jpeg({ quality: 95 }).toFile(path);
}

async function makePhotoWithPlace(path: string): Promise<void> {
  const exif = exifOf({
    make: "NIKON",
    model: "COOLPIX P6000",
    taken: "2008:10:22 16:28:39",
    latitude: ["N", "43/1 28/1 28128/10000"],
    longitude: ["E", "11/1 53/1 64572/10000"],
  });
  await noise(640, 480).withExif(exif).jpeg().toFile(path);
}

async function makePhonePhoto(path: string): Promise<void> {
  const exif = exifOf({
    make: "Apple",
    model: "iPhone 11 Pro Max",
    taken: "2021:04:11 20:47:53",
    latitude: ["N", "41/1 1/1 0/1"],
    longitude: ["W", "94/1 17/1 195792/10000"],
  });
  const jpeg = await noise(8, 8).withExif(exif).jpeg().toBuffer();
  const coding = ["-c:v", "libx265", "-x265-params", "log-level=error:info=0:crf=8", "-tag:v", "hvc1"];
  const mp4 = `${path}.mp4`;
  await runFfmpeg([
    ...source("testsrc2=size=640x480,noise=alls=60"),
    "-frames:v",
    "1",
    ...coding,
    "-pix_fmt",
    "yuv420p",
    mp4,
  ]);
  const still = { mp4: await Deno.readFile(mp4), width: 640, height: 480, exif: exifSegment(jpeg) };
  await Deno.remove(mp4);
  await Deno.writeFile(path, writeHeic(still));
}

interface Shot {
  make: string;
  model: string;
  taken: string;
  latitude: [string, string];
  longitude: [string, string];
}

function exifOf({ make, model, taken, latitude, longitude }: Shot) {
  return {
    IFD0: { Make: make, Model: model },
    IFD2: { DateTimeOriginal: taken, ISOSpeedRatings: "64" },
    IFD3: {
      GPSLatitudeRef: latitude[0],
      GPSLatitude: latitude[1],
      GPSLongitudeRef: longitude[0],
      GPSLongitude: longitude[1],
    },
  };
}

/** What the APP1 segment of a JPEG holds. */
function exifSegment(jpeg: Uint8Array): Uint8Array {
  const at = new TextDecoder("latin1").decode(jpeg).indexOf("Exif\0\0");
  const length = new DataView(jpeg.buffer, jpeg.byteOffset + at - 2).getUint16(0);
  return jpeg.slice(at, at - 2 + length);
}

async function makeCaptions(path: string): Promise<void> {
  await Deno.writeTextFile(
    path,
    "1\n00:00:01,000 --> 00:00:02,000\nA cue\n\n2\n00:00:0x,500 -> 00:00:03\nA cue whose times are broken\n\n",
  );
}
