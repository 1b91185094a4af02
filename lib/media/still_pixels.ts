// Pixels that the picture library passes on as they are stored, where that is not what they mean.
import { type Metadata, type Sharp, sharp } from "./sharp.ts";
import type { TiffPicture } from "./tiff_picture.ts";

/** What must be done to the pixels of a TIFF. */
export type PixelFix = "ycbcr" | "scale" | "opaque";

/** Depths in which white is not the highest number that fits. */
const WIDE_DEPTHS = ["float", "double", "int", "uint"];
/** Where white may be: of 1, of 8, of 16 and of 32 bits. */
const WHITES = [1, 255, 65_535, 2 ** 32 - 1];

/** What a TIFF needs; undefined for most. */
export function fixOf(tiff: TiffPicture, { depth }: Metadata): PixelFix | undefined {
  if (tiff.isYcbcr) return "ycbcr";
  if (depth && WIDE_DEPTHS.includes(depth)) return "scale";
  return tiff.hasUnknownExtra ? "opaque" : undefined;
}

/** Applies it to a resized picture; `whole` opens the picture once more, for its highest value. */
export async function fixPixels(
  picture: Sharp,
  fix: PixelFix | undefined,
  whole: () => Sharp,
): Promise<Sharp> {
  if (fix === "opaque") return picture.removeAlpha();
  if (fix === "scale") return picture.linear(255 / await findWhite(whole()), 0);
  return fix === "ycbcr" ? await fromYcbcr(picture) : picture;
}

/** The value that is white in floating-point and 32-bit pixels: the end of the usual range that holds all of them. */
async function findWhite(picture: Sharp): Promise<number> {
  const { channels } = await picture.stats();
  const highest = Math.max(...channels.map(({ max }) => max));
  // The library states unsigned numbers of 32 bits as signed ones.
  if (highest < 0) return WHITES.at(-1)!;
  return WHITES.find((white) => highest <= white * 1.01) ?? highest;
}

/** Luma and chroma of full range (ITU-R BT.601, as in JFIF) to RGB. */
async function fromYcbcr(picture: Sharp): Promise<Sharp> {
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  for (let at = 0; at + 2 < data.length; at += 3) {
    const [luma, blue, red] = [data[at]!, data[at + 1]! - 128, data[at + 2]! - 128];
    data[at] = clamp(luma + 1.402 * red);
    data[at + 1] = clamp(luma - 0.344136 * blue - 0.714136 * red);
    data[at + 2] = clamp(luma + 1.772 * blue);
  }
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } });
}

const clamp = (value: number) => Math.max(0, Math.min(255, Math.round(value)));
