// The length of files whose headers guess it, leave it out or get it wrong.
import assert from "node:assert/strict";
import { findMediaFailure } from "../../../lib/media/errors.ts";
import { probe } from "../../../lib/media/probe.ts";
import { makeProxy } from "../../../lib/media/proxy.ts";
import type { Rendition } from "../../../lib/media/schema.ts";
import { bytesFile, inFolder, joined, picture, sample, tone } from "./samples.ts";

const QUIET_FIRST = [
  "-f",
  "lavfi",
  "-i",
  "anoisesrc=r=44100:d=4",
  "-af",
  "volume='if(lt(t,1),0,1)':eval=frame",
];
const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"];
const FILM = [...picture("160x120", "25", 2), ...tone("mono", 2), ...H264];
const FRAGMENTED = ["-movflags", "frag_keyframe+empty_moov+default_base_moof"];

const probed = (path: string) => inFolder((folder) => probe(path, folder));

/** Sound is padded to whole packets by up to 60 ms, each recording of several. */
function assertNear(actual: number | null, wanted: number): void {
  assert.ok(actual !== null && Math.abs(actual - wanted) <= 100, `${actual} ms is not ${wanted} ms`);
}

/** The file is as long as said, and so is its proxy with all of its streams. */
async function assertLength(path: string, wanted: number): Promise<void> {
  await inFolder(async (folder) => {
    const source = await probe(path, folder);
    assertNear(source.durationMs, wanted);
    const proxy = await makeProxy(path, folder, source) as Rendition;
    const { durationMs, technical } = await probe(proxy.path, folder);
    assert.equal(technical.streams.length, source.technical.streams.length);
    assert.ok(Math.abs(durationMs! - wanted) <= 100, `${durationMs} ms is not ${wanted} ms`);
  });
}

Deno.test("probe() counts the packets of MP3 and ADTS whose first ones are small", async () => {
  const bare = ["-c:a", "libmp3lame", "-q:a", "0", "-write_xing", "0", "-id3v2_version", "0"];
  await assertLength(await sample("quiet_first.mp3", ...QUIET_FIRST, ...bare), 4000);
  const adts = await sample("quiet_first.aac", ...QUIET_FIRST, "-c:a", "aac", "-q:a", "5");
  const { durationMs, technical } = await probed(adts);
  assertNear(durationMs, 4000);
  assert.equal(technical.bit_rate, Math.round((await Deno.stat(adts)).size * 8000 / durationMs!));
});

Deno.test("probe() measures all of recordings that were joined byte by byte", async () => {
  const mp3 = await sample("part.mp3", ...tone("mono", 2), "-c:a", "libmp3lame");
  await assertLength(await joined("twice.mp3", mp3, mp3), 4000);
  const ogg = [
    await sample("one.ogg", ...tone("mono", 2), "-c:a", "libvorbis", "-serial_offset", "1"),
    await sample("two.ogg", ...tone("mono", 2), "-c:a", "libvorbis", "-serial_offset", "2"),
  ];
  assertNear((await probed(await joined("chained.ogg", ...ogg))).durationMs, 4000);
  const program = await sample("part.mpg", ...FILM, "-c:v", "mpeg2video", "-c:a", "mp2", "-f", "vob");
  const programs = await probed(await joined("twice.mpg", program, program));
  assertNear(programs.durationMs, 4000);
  assert.deepEqual([programs.technical.is_variable_frame_rate, programs.technical.frame_count], [false, 100]);
});

Deno.test("probe() measures a transport stream whose clock jumps", async () => {
  const parts = [
    await sample("late.ts", ...FILM, "-output_ts_offset", "5000"),
    await sample("early.ts", ...FILM, "-output_ts_offset", "50"),
  ];
  const path = await joined("joined.ts", ...parts);
  await assertLength(path, 4000);
  assert.equal((await probed(path)).technical.frame_count, 100);
});

Deno.test("probe() measures without the time at which a clock starts", async () => {
  const opus = [...tone("mono", 2), "-c:a", "libopus", "-output_ts_offset", "3600"];
  await assertLength(await sample("late.opus", ...opus), 2000);
  await assertLength(await sample("late.mkv", ...FILM, "-output_ts_offset", "60"), 2000);
});

Deno.test("probe() measures fragments cut out of a long recording", async () => {
  const whole = await Deno.readFile(await sample("fragments.mp4", ...FILM, ...FRAGMENTED));
  const text = new TextDecoder("latin1").decode(whole);
  const view = new DataView(whole.buffer);
  // Track fragment decode time, version 1 (ISO 14496-12 §8.8.12): half an hour in either time scale.
  for (let at = text.indexOf("tfdt"); at >= 0; at = text.indexOf("tfdt", at + 4)) {
    const timeScale = view.getUint32(text.lastIndexOf("tfhd", at) + 8) === 1 ? 12_800n : 44_100n;
    view.setBigUint64(at + 8, view.getBigUint64(at + 8) + 1800n * timeScale);
  }
  assertNear((await probed(await bytesFile("cut_out.mp4", whole))).durationMs, 2000);
});

Deno.test("probe() measures a live recording that never learnt its length", async () => {
  const live = ["-f", "matroska", "-live", "1"];
  const { durationMs, technical } = await probed(await sample("live.mkv", ...FILM, ...live));
  assertNear(durationMs, 2000);
  assert.equal(technical.frame_count, 50);
  const flac = await probed(await sample("piped.flac", ...tone("mono", 2), "-seekable", "0"));
  assertNear(flac.durationMs, 2000);
});

Deno.test("probe() believes packets where a header is wrong", async () => {
  const matroska = await Deno.readFile(await sample("plain.mkv", ...FILM));
  const duration = indexOf(matroska, [0x44, 0x89, 0x88]) + 3;
  new DataView(matroska.buffer).setFloat64(duration, 3_600_000);
  await assertLength(await bytesFile("an_hour.mkv", matroska), 2000);
  const avi = await Deno.readFile(await sample("plain.avi", ...FILM, "-c:v", "mpeg4"));
  const header = new TextDecoder("latin1").decode(avi).indexOf("strh");
  new DataView(avi.buffer).setUint32(header + 8 + 32, 90_000, true);
  const { durationMs, technical } = await probed(await bytesFile("an_hour.avi", avi));
  assertNear(durationMs, 2000);
  assert.equal(technical.frame_count, 50);
  const sound = await Deno.readFile(await sample("plain.m4a", ...tone("mono", 2), "-c:a", "aac"));
  const total = new TextDecoder("latin1").decode(sound).indexOf("mvhd") + 20;
  new DataView(sound.buffer).setUint32(total, 3_600_000);
  assertNear((await probed(await bytesFile("an_hour.m4a", sound))).durationMs, 2000);
});

Deno.test("probe() takes a file for cut off that holds less than half of what it declares", async () => {
  const whole = {
    flac: await sample("whole.flac", ...tone("mono", 2)),
    mp3: await sample("whole.mp3", ...tone("mono", 2), "-c:a", "libmp3lame"),
    flv: await sample("whole.flv", ...FILM),
    aiff: await sample("whole.aiff", ...tone("mono", 2)),
  };
  for (const [extension, path] of Object.entries(whole)) {
    assertNear((await probed(path)).durationMs, 2000);
    const bytes = await Deno.readFile(path);
    const cut = await bytesFile(`third.${extension}`, bytes.subarray(0, bytes.length / 3));
    await assert.rejects(probed(cut), (error) => findMediaFailure(error) === "truncated", extension);
  }
  const damaged = await Deno.readFile(await sample("whole.mkv", ...FILM));
  damaged.fill(0, damaged.length * 0.2, damaged.length * 0.95);
  const path = await bytesFile("damaged.mkv", damaged);
  await assert.rejects(probed(path), (error) => findMediaFailure(error) === "truncated");
  const aiff = await Deno.readFile(whole.aiff);
  const frames = new TextDecoder("latin1").decode(aiff).indexOf("COMM") + 10;
  new DataView(aiff.buffer).setUint32(frames, 3600 * 44_100);
  assertNear((await probed(await bytesFile("an_hour.aiff", aiff))).durationMs, 2000);
});

Deno.test("probe() counts the frames that an edit list leaves in", async () => {
  const whole = await sample("edits.mp4", ...picture("160x120", "25", 4), ...H264, "-g", "250");
  const cut = await sample("edited.mp4", "-ss", "2", "-i", whole, "-c", "copy");
  const { durationMs, technical } = await probed(cut);
  assert.equal(technical.frame_count, Math.round(durationMs! / 40));
  assert.ok(technical.frame_count! >= 50 && technical.frame_count! <= 53, `${technical.frame_count}`);
});

Deno.test("makeProxy() takes a single picture that is shown for long", async () => {
  const args = ["-f", "lavfi", "-i", "color=red:s=160x120:r=1/10:d=10", "-c:v", "mpeg4"];
  await assertLength(await sample("slide.mp4", ...args), 10_000);
});

function indexOf(bytes: Uint8Array, wanted: number[]): number {
  return bytes.findIndex((_, at) => wanted.every((value, nth) => bytes[at + nth] === value));
}
