// ffmpeg filters that turn HDR (ITU-R BT.2100) into SDR. Pure.
import type { Capabilities } from "./ffmpeg.ts";
import type { TechnicalMetadata } from "./schema.ts";

/** BT.709 for video; WebP and JPEG are defined with BT.601. */
export type Matrix = "bt709" | "bt601";

/** The value of a component, from 0 to 1. */
const VALUE = "(val/maxval)";

/**
 * Tone mapping with Hable's curve on linear light relative to 100 cd/m², primaries to BT.709. Without zscale, a lookup
 * table per channel. HLG becomes PQ first, so that both look alike.
 */
export function toneDown(
  technical: TechnicalMetadata,
  matrix: Matrix,
  { filters }: Capabilities,
): string[] {
  const isHlg = technical.color_transfer === "arib-std-b67";
  const space = ["bt709", "bt2020c"].find((name) => name === technical.color_space) ?? "bt2020nc";
  const toPq = isHlg ? hlgToPq(space) : [];
  if (!filters.has("zscale") || !filters.has("tonemap")) return [...toPq, ...toneDownByTable(matrix)];
  const primaries = ["bt709", "smpte432", "smpte431"].find((name) => name === technical.color_primaries) ??
    "bt2020";
  return [
    ...toPq,
    `zscale=tin=smpte2084:pin=${primaries}:${isHlg ? "rin=pc" : `min=${space}`}:t=linear:npl=100`,
    "format=gbrpf32le",
    "zscale=p=bt709",
    "tonemap=tonemap=hable:desat=0",
    `zscale=t=bt709:m=${matrix === "bt709" ? "bt709" : "smpte170m"}:r=tv`,
  ];
}

/**
 * HLG as RGB in PQ, for a display of 1000 cd/m² (BT.2100 table 5): the light of the scene, times its luminance to the
 * power of 0.2. The same power of each channel, as zscale has it, would make colours more vivid.
 */
function hlgToPq(space: string): string[] {
  const scene =
    `if(lte(${VALUE},0.5),${VALUE}*${VALUE}/3,(exp((${VALUE}-0.55991073)/0.17883277)+0.28466892)/12)`;
  const power = `pow(${VALUE}/10,0.1593017578125)`;
  const signal = `pow((0.8359375+18.8515625*${power})/(1+18.6875*${power}),78.84375)`;
  const luminance = "0.2627:0.6780:0.0593:0";
  const mixed = [luminance, luminance, luminance].join(":");
  return [
    `scale=in_color_matrix=${space === "bt709" ? "bt709" : "bt2020"}`,
    "format=gbrp16le",
    ofEach(scene),
    `split[scene][copy];[copy]colorchannelmixer=${mixed},${ofEach(`pow(${VALUE},0.2)`)}[gain]` +
    ";[scene][gain]blend=all_mode=multiply",
    ofEach(signal),
  ];
}

/** The transfer function of PQ (BT.2100 table 4) in units of 100 cd/m², then Reinhard's curve with white at 1000. */
function toneDownByTable(matrix: Matrix): string[] {
  const root = `pow(${VALUE},1/78.84375)`;
  const light = `(pow(max(${root}-0.8359375,0)/(18.8515625-18.6875*${root}),1/0.1593017578125)*100)`;
  return [
    "scale=in_color_matrix=bt2020",
    "format=gbrp10le",
    ofEach(`pow(min(${light}*(1+${light}/100)/(1+${light}),1),1/2.2)`),
    `scale=out_color_matrix=${matrix}:out_range=tv`,
  ];
}

/** Applies a function of `VALUE` with values from 0 to 1 to each channel of RGB. */
function ofEach(formula: string): string {
  const curve = `'maxval*${formula}'`;
  return `lutrgb=r=${curve}:g=${curve}:b=${curve}`;
}
