// When a recording starts: its timecode, and its date.
import assert from "node:assert/strict";
import { probe } from "../../../lib/media/probe.ts";
import { bytesFile, inFolder, picture, sample, tone } from "./samples.ts";

const probed = (path: string) => inFolder((folder) => probe(path, folder));

async function startOf(path: string) {
  const { technical } = await probed(path);
  return [technical.start_timecode, technical.drop_frame, technical.frame_rate];
}

/** A QuickTime film with a timecode track and sound. */
function film(name: string, rate: string, timecode: string): Promise<string> {
  const coding = ["-c:v", "mpeg4", "-c:a", "pcm_s16le", "-timecode", timecode];
  return sample(name, ...picture("160x120", rate, 1), ...tone("mono", 1), ...coding);
}

Deno.test("probe() reads a timecode that claims drop frame at a rate without it", async () => {
  for (const rate of [24, 25]) {
    const mov = await Deno.readFile(await film(`plain${rate}.mov`, `${rate}`, "01:02:03:04"));
    const text = new TextDecoder("latin1").decode(mov);
    let entry = text.indexOf("stsd");
    while (text.slice(entry + 16, entry + 20) !== "tmcd") entry = text.indexOf("stsd", entry + 4);
    mov[entry + 35]! |= 1;
    const path = await bytesFile(`claims_drop${rate}.mov`, mov);
    assert.deepEqual(await startOf(path), ["01:02:03:04", false, rate]);
  }
});

Deno.test("probe() reads the timecode of sound alone, and of a timecode track alone", async () => {
  const whole = await film("ntsc.mov", "24000/1001", "00:59:20:00");
  const sound = await sample("sound.mov", "-i", whole, "-map", "0:a", "-map", "0:d", "-c", "copy");
  assert.deepEqual(await startOf(sound), ["00:59:20:00", false, 23.976024]);
  const { assetType, durationMs } = await probed(sound);
  assert.deepEqual([assetType, durationMs], ["audio", 1000]);
  const track = await sample("track.mov", "-i", whole, "-map", "0:d", "-c", "copy");
  assert.equal((await probed(track)).assetType, "document");
  assert.deepEqual(await startOf(track), ["00:59:20:00", false, 23.976024]);
});

Deno.test("probe() counts the samples since midnight in Broadcast Wave", async () => {
  const wave = (samples: number) =>
    sample(
      `bext${samples}.wav`,
      ...tone("mono", 1),
      ...["-ar", "48000", "-write_bext", "1", "-metadata", `time_reference=${samples}`],
    );
  assert.deepEqual(await startOf(await wave(1_728_000_000)), ["10:00:00:00", false, null]);
  assert.deepEqual(await startOf(await wave(1_728_024_000)), ["10:00:00:50", false, null]);
  assert.deepEqual(await startOf(await wave(0)), [null, null, null]);
});

Deno.test("probe() takes a date that reads as before 1970 for unknown, and no other", async () => {
  const dated = [
    ...picture("160x120", "25", 1),
    "-c:v",
    "mpeg4",
    "-metadata",
    "creation_time=2024-01-02T00:00:00Z",
  ];
  const mp4 = await Deno.readFile(await sample("dated.mp4", ...dated));
  const path = await bytesFile("dated.mp4", mp4);
  assert.equal((await probed(path)).recordedAt, "2024-01-02T00:00:00.000Z");
  // Seconds since 1904 (ISO 14496-12 §8.2.2); the same number of seconds since 1970 is the year 2024.
  const header = new TextDecoder("latin1").decode(mp4).indexOf("mvhd");
  new DataView(mp4.buffer).setUint32(header + 8, 1_704_153_600);
  assert.equal((await probed(await bytesFile("of_1958.mp4", mp4))).recordedAt, null);
});
