// ffmpeg filter chains that convert any decoded picture to 8-bit SDR of a given size. Pure.
import type { Rate } from "../timecode/timecode.ts";
import type { Capabilities } from "./ffmpeg.ts";
import type { Size } from "./picture.ts";
import type { TechnicalMetadata } from "./schema.ts";

/** BT.709 for video; WebP and JPEG are defined with BT.601. */
export type Matrix = "bt709" | "bt601";

export interface PictureTarget {
  size: Size;
  matrix: Matrix;
  /** Output frame rate; omitted for single pictures. */
  rate?: Rate;
  /** Pictures keep their times, rounded to those of `rate`, instead of being repeated or dropped. */
  keepsTimes?: boolean;
}

/**
 * Filters for 8-bit 4:2:0 pictures with square pixels in limited range. Deinterlaces first; tone-maps HDR last, on the
 * fewest pixels. ffmpeg itself has already rotated the picture.
 */
export function pictureFilters(
  technical: TechnicalMetadata,
  target: PictureTarget,
  tools: Capabilities,
): string[] {
  const { size: { width, height }, matrix, rate, keepsTimes } = target;
  const size = `scale=${width}:${height}:flags=bicubic`;
  const range = matrix === "bt709"
    ? ["setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"]
    : [];
  return [
    ...deinterlace(technical, tools),
    // Starting at zero keeps audio and video in sync when the video begins later.
    ...(rate
      ? [keepsTimes ? `settb=${rate.den}/${rate.num}` : `fps=${rate.num}/${rate.den}:start_time=0`]
      : []),
    ...(technical.hdr_format
      ? [size, ...toneDown(technical, matrix, tools)]
      : [`${size}:in_color_matrix=${sourceMatrix(technical)}:out_color_matrix=${matrix}:out_range=tv`]),
    "format=yuv420p",
    "setsar=1",
    ...range,
  ];
}

function deinterlace({ scan_type }: TechnicalMetadata, { filters }: Capabilities): string[] {
  if (scan_type !== "interlaced_tff" && scan_type !== "interlaced_bff") return [];
  const parity = scan_type === "interlaced_tff" ? "tff" : "bff";
  return [`${filters.has("bwdif") ? "bwdif" : "yadif"}=mode=send_frame:parity=${parity}:deint=all`];
}

/** swscale's name of the source matrix; untagged pictures get the convention for their size. */
function sourceMatrix({ color_space, width, height }: TechnicalMetadata): string {
  const names: Record<string, string> = {
    bt709: "bt709",
    smpte170m: "bt601",
    bt470bg: "bt601",
    fcc: "fcc",
    smpte240m: "smpte240m",
    bt2020nc: "bt2020",
    bt2020c: "bt2020",
  };
  const isSmall = Math.min(width ?? 0, height ?? 0) < 720 && Math.max(width ?? 0, height ?? 0) < 1280;
  return names[color_space ?? ""] ?? (isSmall ? "bt601" : "bt709");
}

/**
 * Tone mapping with Hable's curve on linear light relative to 100 cd/m², primaries to BT.709. Without zscale, a lookup
 * table per channel.
 */
function toneDown(technical: TechnicalMetadata, matrix: Matrix, { filters }: Capabilities): string[] {
  const isHlg = technical.color_transfer === "arib-std-b67";
  if (!filters.has("zscale") || !filters.has("tonemap")) return toneDownByTable(isHlg, matrix);
  const primaries = ["bt709", "smpte432", "smpte431"].find((name) => name === technical.color_primaries) ??
    "bt2020";
  const space = ["bt709", "bt2020c"].find((name) => name === technical.color_space) ?? "bt2020nc";
  return [
    `zscale=tin=${isHlg ? "arib-std-b67" : "smpte2084"}:pin=${primaries}:min=${space}:t=linear:npl=100`,
    "format=gbrpf32le",
    "zscale=p=bt709",
    "tonemap=tonemap=hable:desat=0",
    `zscale=t=bt709:m=${matrix === "bt709" ? "bt709" : "smpte170m"}:r=tv`,
  ];
}

/**
 * Transfer functions of ITU-R BT.2100 tables 4 and 5, in units of 100 cd/m², then Reinhard tone mapping with white at
 * 1000.
 */
function toneDownByTable(isHlg: boolean, matrix: Matrix): string[] {
  const signal = "(val/maxval)";
  const pq =
    `pow(max(pow(${signal},1/78.84375)-0.8359375,0)/(18.8515625-18.6875*pow(${signal},1/78.84375)),` +
    `1/0.1593017578125)*100`;
  const scene =
    `if(lte(${signal},0.5),${signal}*${signal}/3,(exp((${signal}-0.55991073)/0.17883277)+0.28466892)/12)`;
  const light = isHlg ? `(pow(${scene},1.2)*10)` : `(${pq})`;
  const curve = `maxval*pow(min(${light}*(1+${light}/100)/(1+${light}),1),1/2.2)`;
  return [
    "scale=in_color_matrix=bt2020",
    "format=gbrp10le",
    `lutrgb=r='${curve}':g='${curve}':b='${curve}'`,
    `scale=out_color_matrix=${matrix}:out_range=tv`,
  ];
}
