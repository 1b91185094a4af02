// The picture library: which of its decoders may run, and with which limits. Only the process for pictures loads it.
import sharp from "sharp";
import { MAX_STILL_PIXELS } from "./picture.ts";

export { sharp };
export type { Metadata, ResizeOptions, Sharp } from "sharp";

const LOADERS = ["Jpeg", "Png", "Webp", "Tiff", "Nsgif", "Heif"].map((name) => `VipsForeignLoad${name}`);
/** How any picture is opened. */
export const OPTIONS = {
  limitInputPixels: MAX_STILL_PIXELS,
  failOn: "truncated",
  sequentialRead: true,
} as const;

sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: LOADERS });
sharp.cache(false);
sharp.concurrency(2);
