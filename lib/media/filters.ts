// ffmpeg filter chains that convert any decoded picture to 8-bit SDR of a given size. Pure.
import type { Rate } from "../timecode/timecode.ts";
import type { Capabilities } from "./ffmpeg.ts";
import { type Matrix, toneDown } from "./hdr.ts";
import type { Size } from "./picture.ts";
import type { TechnicalMetadata } from "./schema.ts";

export interface PictureTarget {
  size: Size;
  matrix: Matrix;
  /** Output frame rate; omitted for single pictures. */
  rate?: Rate;
  /** Pictures keep their times, rounded to those of `rate`, instead of being repeated or dropped. */
  keepsTimes?: boolean;
}

/** What `premultiply` reads; the nearest one is chosen. */
const MATTED = ["yuva444p", "gbrap"].flatMap((name) => [name, `${name}10le`, `${name}12le`, `${name}16le`]);

/**
 * Filters for 8-bit 4:2:0 pictures with square pixels in limited range. Deinterlaces first, then mattes; tone-maps HDR last, on the
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
    ...matte(technical),
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

/** On black: what lies under transparent parts was never meant to be seen, and often is white. */
function matte({ pixel_format }: TechnicalMetadata): string[] {
  if (!/^(?:yuva|gbrap|rgba|bgra|argb|abgr|ya\d)/.test(pixel_format ?? "")) return [];
  return [`format=${MATTED.join("|")}`, "premultiply=inplace=1"];
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
