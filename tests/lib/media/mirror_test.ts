// Mirrored pictures: the matrix of a video and the orientation of a photograph say the same, and are shown alike.
import assert from "node:assert/strict";
import sharp from "sharp";
import { probe } from "../../../lib/media/probe.ts";
import { makeProxy } from "../../../lib/media/proxy.ts";
import { hasPlayableStreams } from "../../../lib/media/proxy_plan.ts";
import type { Rendition } from "../../../lib/media/schema.ts";
import { setMatrix, turnClockwise } from "../../support/made_media.ts";
import { bytesFile, inFolder, pixels, rawPhoto, sample } from "./samples.ts";

type Matrix = [number, number, number, number];

/** Orientations of EXIF that flip, the track matrices that do the same (ISO 14496-12 §6.2.2), and how they are told. */
const MIRRORED: [orientation: number, matrix: Matrix, rotation: number][] = [
  [2, [-1, 0, 0, 1], 0],
  [5, [0, 1, 1, 0], 270],
  [7, [0, -1, -1, 0], 90],
];
/** Red, green, blue and white quarters, stored in this order. */
const TRANSPOSED = ["100", "001", "010", "111"];
const QUARTERS = "[0][1]hstack[top];[2][3]hstack[bottom];[top][bottom]vstack";

async function quarters(name: string, ...coding: string[]): Promise<string> {
  const colours = ["red", "lime", "blue", "white"].flatMap((colour) => [
    "-f",
    "lavfi",
    "-i",
    `color=${colour}:s=64x48:d=0.2:r=25`,
  ]);
  return await sample(name, ...colours, "-filter_complex", QUARTERS, ...coding);
}

/** How a file is turned, and its four quarters as shown: which of red, green and blue they have. */
async function shown(path: string) {
  return await inFolder(async (folder) => {
    const source = await probe(path, folder);
    const { rotation, is_mirrored } = source.technical;
    const proxy = await makeProxy(path, folder, source) as Rendition;
    const colours = await pixels(proxy.path, 8, 8);
    const middles = [2 * 8 + 2, 2 * 8 + 5, 5 * 8 + 2, 5 * 8 + 5].map((at) => colours[at]!);
    const quarters = middles.map((pixel) => pixel.map((value) => value > 128 ? 1 : 0).join(""));
    return { rotation, is_mirrored, size: [proxy.width, proxy.height], quarters };
  });
}

Deno.test("probe() and makeProxy() read a mirrored video as a mirrored photograph", async () => {
  const video = await Deno.readFile(await quarters("quarters.mp4", "-c:v", "mpeg4", "-q:v", "2"));
  const still = await quarters("quarters.png", "-frames:v", "1");
  for (const [orientation, matrix, rotation] of MIRRORED) {
    const jpeg = sharp(still).withMetadata({ orientation }).jpeg({ chromaSubsampling: "4:4:4" });
    const photograph = await shown(await bytesFile(`mirrored${orientation}.jpg`, await jpeg.toBuffer()));
    assert.deepEqual([photograph.rotation, photograph.is_mirrored], [rotation, true]);
    const film = await shown(await bytesFile(`mirrored${orientation}.mp4`, setMatrix(video, matrix, [0, 0])));
    assert.deepEqual(film, photograph);
  }
  const plain = await sharp(still).jpeg({ chromaSubsampling: "4:4:4" }).toBuffer();
  const raw = await shown(await rawPhoto("mirrored.dng", plain, 5));
  assert.deepEqual(raw, { rotation: 270, is_mirrored: true, size: [96, 128], quarters: TRANSPOSED });
});

Deno.test("a video that is turned or mirrored is never played as it is", async () => {
  const plain = await quarters("plain.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p");
  const turned = await bytesFile("turned_h264.mp4", turnClockwise(await Deno.readFile(plain), 96));
  const flipped = setMatrix(await Deno.readFile(plain), [-1, 0, 0, 1], [0, 0]);
  const answers = [plain, turned, await bytesFile("flipped_h264.mp4", flipped)].map((path) =>
    inFolder(async (folder) => hasPlayableStreams(await probe(path, folder)))
  );
  assert.deepEqual(await Promise.all(answers), [true, false, false]);
});
