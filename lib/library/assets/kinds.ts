// The kinds of job that assets get. A new kind is declared here and added to the list at the end.
import { noPayload } from "../../work/jobs/kinds.ts";
import { defineAssetJob } from "./recipe.ts";

/** Probes the original. Without it, the jobs that make renditions probe for themselves. */
export const metadata = defineAssetJob({
  name: "metadata",
  payload: noPayload,
  input: "original",
  wanted: ({ options }) => options.extract_metadata,
  isEssential: true,
});

/** Makes the poster. An asset is usable without one. */
export const thumbnail = defineAssetJob({
  name: "thumbnail",
  payload: noPayload,
  input: "original",
  waitsFor: metadata,
  wanted: ({ assetType, options }) => assetType !== "document" && options.generate_thumbnail,
  isEssential: false,
});

/** Makes the version that browsers play. */
export const proxy = defineAssetJob({
  name: "proxy",
  payload: noPayload,
  input: "original",
  waitsFor: metadata,
  wanted: ({ assetType, options }) => assetType !== "document" && options.generate_proxy,
  isEssential: true,
});

/** In the order of the API's enumeration. */
export const ASSET_KINDS = [metadata, thumbnail, proxy] as const;
