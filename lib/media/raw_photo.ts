// Raw photographs (DNG, CR2, NEF, ARW…) embed finished JPEGs; the largest one is used as the picture.

/** Types whose embedded preview is used as the picture. */
export const RAW_PHOTO_TYPES = [
  "image/x-canon-cr2",
  "image/x-canon-cr3",
  "image/x-nikon-nef",
  "image/x-sony-arw",
  "image/x-adobe-dng",
  "image/x-panasonic-rw2",
  "image/x-olympus-orf",
  "image/x-fujifilm-raf",
];

/**
 * The largest embedded JPEG, up to the end of the file: decoders stop at its end marker. Undefined when there is none.
 */
export function findPreview(file: Uint8Array): Uint8Array | undefined {
  let best: { at: number; pixels: number } | undefined;
  for (let at = file.indexOf(0xff); at >= 0; at = file.indexOf(0xff, at + 1)) {
    if (file[at + 1] !== 0xd8 || file[at + 2] !== 0xff) continue;
    const pixels = jpegPixels(file, at);
    if (pixels > (best?.pixels ?? 0)) best = { at, pixels };
  }
  return best && file.subarray(best.at);
}

/**
 * Width times height from the frame header of a baseline or progressive JPEG (ITU T.81 §B.2); 0 for lossless sensor
 * data.
 */
function jpegPixels(file: Uint8Array, start: number): number {
  let at = start + 2;
  for (let segment = 0; segment < 100 && at + 9 < file.byteLength; segment++) {
    const marker = file[at + 1]!;
    if (file[at] !== 0xff || marker === 0xda) return 0;
    if (marker >= 0xc0 && marker <= 0xc2) {
      const [height, width] = [file[at + 5]! * 256 + file[at + 6]!, file[at + 7]! * 256 + file[at + 8]!];
      return width * height;
    }
    at += 2 + file[at + 2]! * 256 + file[at + 3]!;
  }
  return 0;
}
