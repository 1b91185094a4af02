// HDR as SDR: the same colours look the same, whether they are stored in PQ or in HLG (ITU-R BT.2100).
import assert from "node:assert/strict";
import { type Capabilities, getCapabilities } from "../../../lib/media/ffmpeg.ts";
import { pictureFilters } from "../../../lib/media/filters.ts";
import { probe } from "../../../lib/media/probe.ts";
import { bytesFile, inFolder, pixels, sample } from "./samples.ts";

type Colour = [red: number, green: number, blue: number];

/** Light of a display in cd/m², primaries of BT.2020: skin, leaves, sky, grey. */
const COLOURS: Colour[] = [[120, 60, 35], [25, 90, 12], [70, 90, 150], [60, 60, 60]];

/** BT.2100 table 4: light to signal. */
const pq = (colour: Colour) =>
  colour.map((light) => {
    const power = (light / 10_000) ** 0.1593017578125;
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375;
  });

/** BT.2100 table 5, for a display of 1000 cd/m²: light of the display to light of the scene to signal. */
const hlg = ([red, green, blue]: Colour) => {
  const luminance = (0.2627 * red + 0.678 * green + 0.0593 * blue) / 1000;
  return [red, green, blue].map((light) => {
    const scene = light / 1000 / luminance ** (0.2 / 1.2);
    return scene <= 1 / 12
      ? Math.sqrt(3 * scene)
      : 0.17883277 * Math.log(12 * scene - 0.28466892) + 0.55991073;
  });
};

/** The colours side by side, 16 pixels each, as a film of one frame. */
async function film(transfer: string, encode: (colour: Colour) => number[]): Promise<string> {
  const row = COLOURS.flatMap((colour) => Array(16).fill(encode(colour)).flat() as number[]);
  const picture = Uint16Array.from(
    Array(16).fill(row).flat() as number[],
    (value) => Math.round(value * 65_535),
  );
  const raw = await bytesFile(`${transfer}.rgb`, new Uint8Array(picture.buffer));
  const input = ["-f", "rawvideo", "-pix_fmt", "rgb48le", "-s", "64x16", "-i", raw];
  const marks = `setparams=color_primaries=bt2020:color_trc=${transfer}:colorspace=bt2020nc:range=tv`;
  const filters = `scale=out_color_matrix=bt2020:out_range=tv,format=yuv444p10le,${marks}`;
  return await sample(`${transfer}.mkv`, ...input, "-vf", filters, "-c:v", "ffv1");
}

async function shown(path: string, tools: Capabilities): Promise<number[][]> {
  const { technical } = await inFolder((folder) => probe(path, folder));
  const size = { width: 64, height: 16 };
  const filters = pictureFilters(technical, { size, matrix: "bt601" }, tools).join(",");
  const name = `${technical.color_transfer}-${tools.filters.has("zscale")}.png`;
  return await pixels(await sample(name, "-i", path, "-frames:v", "1", "-vf", filters), 64, 16);
}

Deno.test("pictureFilters() shows colours in HLG as it does in PQ, with and without zscale", async () => {
  const [inPq, inHlg] = [await film("smpte2084", pq), await film("arib-std-b67", hlg)];
  const all = await getCapabilities();
  const plain = { ...all, filters: new Set([...all.filters].filter((name) => name !== "zscale")) };
  for (const tools of [all, plain]) {
    const [wanted, actual] = [await shown(inPq, tools), await shown(inHlg, tools)];
    for (const nth of COLOURS.keys()) {
      const [one, other] = [wanted, actual].map((picture) => picture[8 * 64 + nth * 16 + 8]!);
      const far = Math.max(...one!.map((value, channel) => Math.abs(value - other![channel]!)));
      assert.ok(far <= 8, `colour ${nth}: ${other} is not ${one}`);
    }
  }
});
