// How well a frame would do as a poster. Pure.

/** Frames are rated at this size, in 8-bit grey of full range. */
export const RATED = { width: 96, height: 96 };

/** A frame whose mean is outside these limits is black or white; with less contrast it is flat. */
const DARK = 24;
const BRIGHT = 247;
const FLAT = 46;
/** Bits of information of the brightness of a pixel, of at most six: a fog, smear or plain ground has less. */
const DULL = 2;
const LEVELS = 64;
/** Between two frames of a fade contrast or brightness change by more than this share, or by that many levels. */
const FADING = { share: 0.08, levels: 6 };

export interface FrameRating {
  /** Neither black, white, flat nor dull. */
  isClear: boolean;
  mean: number;
  /** Difference of the brightness that 5 % and 95 % of the pixels have at most. */
  contrast: number;
  /** Higher is better; from contrast, information and sharpness, each 0 to 1. */
  score: number;
}

/** Rates a grey frame of the size `RATED`. */
export function rateFrame(grey: Uint8Array): FrameRating {
  const counts = new Uint32Array(256);
  let sum = 0;
  for (const value of grey) {
    counts[value]! += 1;
    sum += value;
  }
  const mean = sum / grey.length;
  const contrast = percentile(counts, grey.length * 0.95) - percentile(counts, grey.length * 0.05);
  const bits = entropy(counts, grey.length);
  const isLit = mean >= DARK && mean <= BRIGHT;
  const quality = 0.5 * contrast / 255 + 0.3 * bits / Math.log2(LEVELS) + 0.2 * sharpness(grey);
  return {
    isClear: isLit && contrast >= FLAT && bits >= DULL,
    mean,
    contrast,
    score: isLit ? quality : quality / 4,
  };
}

/** Whether two frames a moment apart look like a fade: the picture itself becomes brighter, darker or flatter. */
export function looksFading(one: FrameRating, other: FrameRating): boolean {
  const differs = (a: number, b: number) =>
    Math.abs(a - b) > Math.max(FADING.levels, FADING.share * Math.max(a, b));
  return differs(one.mean, other.mean) || differs(one.contrast, other.contrast);
}

function percentile(counts: Uint32Array, most: number): number {
  let seen = 0;
  return counts.findIndex((count) => (seen += count) >= most);
}

/** Shannon entropy of the brightness in 64 levels, in bits. */
function entropy(counts: Uint32Array, total: number): number {
  let bits = 0;
  for (let level = 0; level < LEVELS; level++) {
    const count = counts.subarray(level * 4, level * 4 + 4).reduce((sum, one) => sum + one, 0);
    if (count > 0) bits -= count / total * Math.log2(count / total);
  }
  return bits;
}

/** The mean absolute Laplacian, 1 from 20 levels on. */
function sharpness(grey: Uint8Array): number {
  const { width, height } = RATED;
  let sum = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const around = grey[at - 1]! + grey[at + 1]! + grey[at - width]! + grey[at + width]!;
      sum += Math.abs(4 * grey[at]! - around);
    }
  }
  return Math.min(1, sum / ((width - 2) * (height - 2)) / 20);
}
