// The kinds of job that assets get. A new kind is declared here and added to the list at the end.
import { z } from "zod";
import { isQuickToEncode } from "../../media/proxy_plan.ts";
import { noPayload } from "../../work/jobs/kinds.ts";
import { defineAssetJob } from "./recipe.ts";

/** All work on media shares its slots, and what people see first has priority: posters before encoding. */
const MEDIA = "media";

/** Probes the original. Without it, the jobs that make renditions probe for themselves. */
export const metadata = defineAssetJob({
  name: "metadata",
  queue: MEDIA,
  priority: 10,
  payload: noPayload,
  input: "original",
  wanted: ({ options }) => options.extract_metadata,
  isEssential: true,
});

/**
 * Makes the poster, from what it finds in the file itself: it is the first thing that people see of an upload. When the
 * frame that it takes quickly is doubtful, a thorough job follows once all files have their first.
 */
export const thumbnail = defineAssetJob({
  name: "thumbnail",
  queue: MEDIA,
  priority: 20,
  payload: z.object({ is_thorough: z.boolean().default(false) }),
  input: "original",
  wanted: ({ assetType, options }) => assetType !== "document" && options.generate_thumbnail,
  isEssential: false,
});

/** The priority of a thorough search for a poster: before encoding. */
export const THOROUGH_PRIORITY = 5;

/** Makes the version that browsers play. */
export const proxy = defineAssetJob({
  name: "proxy",
  queue: MEDIA,
  mayBeLong: true,
  isShort: isQuickToEncode,
  payload: noPayload,
  input: "original",
  waitsFor: metadata,
  wanted: ({ assetType, options }) => assetType !== "document" && options.generate_proxy,
  isEssential: true,
});

/** In the order of the API's enumeration. */
export const ASSET_KINDS = [metadata, thumbnail, proxy] as const;
