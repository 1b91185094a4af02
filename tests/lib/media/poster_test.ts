// Which frame becomes the poster: one that shows the film, decoded without errors.
import assert from "node:assert/strict";
import { join } from "node:path";
import { findMediaFailure } from "../../../lib/media/errors.ts";
import { glance } from "../../../lib/media/glance.ts";
import { makePoster, type Poster } from "../../../lib/media/poster.ts";
import { requireDecodable } from "../../../lib/media/verify.ts";
import { bytesFile, inFolder, picture, pixels, sample, tone } from "./samples.ts";

const coding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"];
const whole = () => sample("whole.mp4", ...picture("320x180", "25", 1), ...coding);

Deno.test("makePoster() takes a frame outside of a fade", async () => {
  const fade = ["-vf", "fade=in:0:100,fade=out:200:50"];
  const path = await sample("fade.mp4", ...picture("320x180", "25", 10), ...fade, ...coding);
  await withPoster(path, {}, async (poster) => {
    await assertSimilar(poster, await whole());
    assert.equal(poster.isDoubtful, false);
  });
});

Deno.test("makePoster() says that a frame is doubtful, and a thorough look finds one in the first minute", async () => {
  const grey = ["-f", "lavfi", "-i", "color=gray:s=320x180:r=5:d=36"];
  const rest = ["-f", "lavfi", "-i", "color=black:s=320x180:r=5:d=200"];
  const graph = ["-filter_complex", "[0][1][2]concat=n=3"];
  const path = await sample(
    "slate.mp4",
    ...grey,
    ...picture("320x180", "5", 8),
    ...rest,
    ...graph,
    ...coding,
  );
  await withPoster(path, {}, (poster) => assert.equal(poster.isDoubtful, true));
  await withPoster(path, { isThorough: true }, async (poster) => await assertSimilar(poster, await whole()));
});

Deno.test("makePoster() takes pictures that end long before the sound", async () => {
  for (const seconds of [0.04, 1]) {
    const path = await sample(
      `short_${seconds}.mp4`,
      ...picture("320x180", "25", seconds),
      ...tone("mono", 30),
      ...coding,
    );
    await withPoster(path, {}, async (poster) => await assertSimilar(poster, await whole()));
  }
});

for (const codec of ["libx264", "libx265"]) {
  Deno.test(`makePoster() passes over what does not decode at the start of a broadcast (${codec})`, async () => {
    const groups = ["-c:v", codec, "-preset", "ultrafast", "-g", "40", "-pix_fmt", "yuv420p", "-f", "mpegts"];
    const options = codec === "libx265" ? ["-x265-params", "log-level=error:keyint=40"] : [];
    const sent = await sample(`${codec}.ts`, ...picture("320x180", "25", 6), ...groups, ...options);
    const packets = await Deno.readFile(sent);
    // Tuned in in the middle of the first group; packets of a transport stream have 188 bytes.
    const start = Math.floor(packets.length / 12 / 188) * 188;
    const path = await bytesFile(`${codec}_tuned.ts`, packets.slice(start));
    await withPoster(path, {}, async (poster) => await assertSimilar(poster, await whole()));
  });
}

Deno.test("makePoster() fails when no picture decodes", async () => {
  const bytes = await Deno.readFile(await whole());
  const data = new TextDecoder("latin1").decode(bytes).indexOf("mdat");
  bytes.fill(0x55, data + 4, bytes.length - 4_000);
  const path = await bytesFile("noise.mp4", bytes);
  await inFolder(async (folder) => {
    await assert.rejects(makePoster(path, folder, await glance(path, folder)), isUnreadable);
  });
});

Deno.test("glance() calls a film without its end cut off, as its analysis does", async () => {
  const cut = await bytesFile("cut.mp4", (await Deno.readFile(await whole())).subarray(0, 20_000));
  await inFolder(async (folder) => {
    await assert.rejects(glance(cut, folder), (error) => findMediaFailure(error) === "truncated");
  });
});

Deno.test("requireDecodable() refuses renditions that show nothing", async () => {
  const film = await Deno.readFile(await whole());
  const broken = [
    { extension: "webp", contentType: "image/webp", bytes: "RIFF\0\0\0\0" },
    { extension: "jpg", contentType: "image/jpeg", bytes: new Uint8Array([0xff, 0xd8, 0xff, 0xd9]) },
    { extension: "mp4", contentType: "video/mp4", bytes: film.slice(0, 600) },
  ];
  await inFolder(async (folder) => {
    for (const { bytes, ...rest } of broken) {
      const path = await bytesFile(`broken.${rest.extension}`, bytes);
      await assert.rejects(
        requireDecodable({ path, ...rest, width: 1, height: 1 }, folder, {}),
        isUnreadable,
        rest.extension,
      );
    }
    const path = join(folder, "fine.mp4");
    await Deno.writeFile(path, film);
    await requireDecodable(
      { path, extension: "mp4", contentType: "video/mp4", width: 1, height: 1 },
      folder,
      {},
    );
  });
});

async function withPoster(
  path: string,
  options: { isThorough?: boolean },
  check: (poster: Poster) => Promise<void> | void,
): Promise<void> {
  await inFolder(async (folder) => {
    const poster = await makePoster(path, folder, await glance(path, folder), options);
    await requireDecodable(poster!, folder, {});
    await check(poster!);
  });
}

/** The poster has the colours of this film's frame, though its numbers and moving parts differ. */
async function assertSimilar(poster: Poster, film: string): Promise<void> {
  const [shown, wanted] = [await pixels(poster.path, 8, 4), await pixels(film, 8, 4)];
  const differences = shown.flat().map((value, nth) => Math.abs(value - wanted.flat()[nth]!));
  const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  assert.ok(mean < 24, `colours differ by ${mean}`);
}

function isUnreadable(error: unknown): boolean {
  return findMediaFailure(error) === "unreadable";
}
