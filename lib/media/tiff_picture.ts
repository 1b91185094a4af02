// Which picture of a TIFF or raw photograph is the one to show, and what a plain decoder would get wrong about it. Pure.
import { LAB_PHOTOMETRICS } from "./lab.ts";
import { type Directory, numbersOf, TAG, textOf } from "./tiff.ts";

export interface TiffPicture {
  /** Page to decode, counted from 0; undefined when no page is fit to be shown, as in raw photographs. */
  page: number | undefined;
  /** The directory of that page. */
  main: Directory | undefined;
  /** 8-bit Lab, and how its a* and b* are stored. */
  lab: "signed" | "centred" | undefined;
  /** Pages without thumbnails. */
  pages: number;
  /** The type of a raw photograph by its maker; undefined for other files. */
  rawType: string | undefined;
  /** Pixels are luma and chroma that the decoder passes on unconverted (TIFF 6.0 §21). */
  isYcbcr: boolean;
  /** The channel beyond the colours is no transparency (TIFF 6.0, ExtraSamples = 0, or not stated). */
  hasUnknownExtra: boolean;
}

/** Photometric interpretations of sensor data: colour filter array, linear raw (DNG 1.7 §3). */
const SENSOR = [32803, 34892];
/** Compressions of TIFF 6.0 and its supplements in which the library converts luma and chroma itself: old and new JPEG. */
const JPEG_COMPRESSIONS = [6, 7];
const YCBCR = 6;
const REDUCED = 1;
/** Colour channels by photometric interpretation: white or black is zero, RGB, palette, mask, CMYK, YCbCr, Lab. */
const COLOURS = [1, 1, 3, 1, 1, 4, 3, undefined, 3, 3];
const RAW_TYPES: [make: RegExp, type: string][] = [
  [/^nikon/i, "image/x-nikon-nef"],
  [/^(pentax|ricoh)/i, "image/x-pentax-pef"],
  [/^sony/i, "image/x-sony-arw"],
  [/^canon/i, "image/x-canon-cr2"],
  [/^samsung/i, "image/x-samsung-srw"],
];

/** Describes the pages of a TIFF-based file; undefined when there is none. */
export function describeTiff(directories: Directory[]): TiffPicture | undefined {
  if (directories.length === 0) return undefined;
  const shown = directories.filter((one) => !isSensor(one) && (one.page !== undefined) && area(one) > 0);
  const whole = shown.filter((one) => (number(one, TAG.subfileType) & REDUCED) === 0);
  const main = whole[0] ?? shown.toSorted((a, b) => area(b) - area(a))[0];
  const photometric = main && number(main, TAG.photometric);
  const extras = main ? number(main, TAG.samplesPerPixel) - (COLOURS[photometric!] ?? Infinity) : 0;
  const [extra = 0] = main ? numbersOf(main, TAG.extraSamples) : [];
  return {
    page: main?.page,
    main,
    lab: main && labOf(main),
    pages: Math.max(1, whole.length),
    rawType: rawTypeOf(directories),
    isYcbcr: photometric === YCBCR && !JPEG_COMPRESSIONS.includes(number(main!, TAG.compression)),
    hasUnknownExtra: extras > 0 && extra === 0,
  };
}

function labOf(main: Directory): TiffPicture["lab"] {
  if (number(main, TAG.bitsPerSample) !== 8) return undefined;
  const photometric = number(main, TAG.photometric);
  if (photometric === LAB_PHOTOMETRICS.signed) return "signed";
  return photometric === LAB_PHOTOMETRICS.centred ? "centred" : undefined;
}

function rawTypeOf(directories: Directory[]): string | undefined {
  if (directories.some((one) => one.tags.has(TAG.dngVersion))) return "image/x-adobe-dng";
  if (!directories.some(isSensor)) return undefined;
  const make = textOf(directories[0], TAG.make) ?? "";
  return RAW_TYPES.find(([pattern]) => pattern.test(make))?.[1] ?? "image/x-raw";
}

const isSensor = (directory: Directory) => SENSOR.includes(number(directory, TAG.photometric));
const area = (directory: Directory) => number(directory, TAG.width) * number(directory, TAG.height);

function number(directory: Directory, tag: number): number {
  return numbersOf(directory, tag)[0] ?? 0;
}
