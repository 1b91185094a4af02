// Geometry of pictures: sizes, rotation, pixel aspect. Pure.
import type { TechnicalMetadata } from "./schema.ts";

/** Larger frames are decompression bombs or mistakes: a frame is decoded as a whole. */
export const MAX_PICTURE_PIXELS = 0x3fff ** 2;
/**
 * Limit for scans of maps and posters: A0 at 600 dpi has 558 million pixels. They are decoded line by line where
 * possible.
 */
export const MAX_STILL_PIXELS = 1e9;

export interface Size {
  width: number;
  height: number;
}

type Shape = Pick<TechnicalMetadata, "width" | "height" | "rotation" | "sample_aspect_ratio">;

const USUAL_RATIOS: [label: string, ratio: number][] = [
  ["1:1", 1],
  ["5:4", 5 / 4],
  ["4:3", 4 / 3],
  ["3:2", 3 / 2],
  ["16:10", 1.6],
  ["5:3", 5 / 3],
  ["16:9", 16 / 9],
  ["1.85:1", 1.85],
  ["17:9", 17 / 9],
  ["2:1", 2],
  ["21:9", 21 / 9],
  ["2.39:1", 2.39],
];

/** Display size: upright and with square pixels, at the stored height. Undefined without a picture. */
export function shownSize({ width, height, rotation, sample_aspect_ratio }: Shape): Size | undefined {
  if (!width || !height) return undefined;
  const [num, den] = parseRatio(sample_aspect_ratio) ?? [1, 1];
  const stretched = Math.max(1, Math.round(width * num / den));
  return rotation % 180 === 0 ? { width: stretched, height } : { width: height, height: stretched };
}

/** The largest size with the same aspect ratio inside a square of `longest`, never enlarged. `even` for 4:2:0 video. */
export function fitInside({ width, height }: Size, longest: number, even = false): Size {
  const scale = Math.min(1, longest / Math.max(width, height));
  const side = (length: number) =>
    even
      // An unscaled odd side loses its last line; a scaled one is rounded to the nearest even number.
      ? Math.max(2, scale === 1 ? Math.floor(length / 2) * 2 : Math.round(length * scale / 2) * 2)
      : Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

/** The display aspect ratio under its usual name: `16:9`, `2.39:1`, `9:16`. A usual name applies within one percent. */
export function aspectRatio({ width, height }: Size): string {
  const ratio = Math.max(width, height) / Math.min(width, height);
  const [label, nearest] = USUAL_RATIOS.reduce((best, one) =>
    Math.abs(one[1] - ratio) < Math.abs(best[1] - ratio) ? one : best
  );
  const upright = Math.abs(nearest / ratio - 1) < 0.01 ? label : `${Number(ratio.toFixed(2))}:1`;
  return width >= height ? upright : upright.split(":").reverse().join(":");
}

/**
 * The resolution class by the longer side of the display size: SD below 1280, HD, FHD from 1920, QHD 2560, 4K 3840, 8K
 * 7680.
 */
export function resolutionCategory({ width, height }: Size): string {
  const longer = Math.max(width, height);
  const classes: [number, string][] = [[7680, "8K"], [3840, "4K"], [2560, "QHD"], [1920, "FHD"], [
    1280,
    "HD",
  ]];
  return classes.find(([least]) => longer >= least)?.[1] ?? "SD";
}

/** Clockwise degrees of an EXIF orientation, after a mirrored picture is flipped from left to right. */
export function rotationOfOrientation(orientation: number): TechnicalMetadata["rotation"] {
  return ([0, 0, 180, 180, 270, 90, 90, 270] as const)[orientation - 1] ?? 0;
}

/** Whether an EXIF orientation flips the picture. */
export function isMirroredOrientation(orientation: number): boolean {
  return [2, 4, 5, 7].includes(orientation);
}

/**
 * What the matrix of a video track does to the stored picture (ISO 14496-12 §6.2.2: x' = ax + cy, y' = bx + dy), in the
 * terms of EXIF: a flip from left to right if the matrix mirrors, then a rotation in quarters.
 */
export function orientationOfMatrix([a, b, c, d]: [number, number, number, number]) {
  const is_mirrored = a * d - b * c < 0;
  const degrees = Math.atan2(is_mirrored ? -b : b, is_mirrored ? -a : a) * 180 / Math.PI;
  return { rotation: toQuarters(degrees), is_mirrored };
}

/** The nearest quarter turn of clockwise degrees. */
export function toQuarters(degrees: number): TechnicalMetadata["rotation"] {
  return ((Math.round(degrees / 90) % 4 + 4) % 4 * 90) as TechnicalMetadata["rotation"];
}

/** Parses `64:45` or `30000/1001`. Undefined unless it is a positive ratio. */
export function parseRatio(text: string | null | undefined): [num: number, den: number] | undefined {
  const match = /^(\d+)[:/](\d+)$/.exec(text ?? "");
  const num = Number(match?.[1]);
  const den = Number(match?.[2]);
  return num > 0 && den > 0 ? [num, den] : undefined;
}
