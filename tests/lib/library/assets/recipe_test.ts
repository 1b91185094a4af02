import assert from "node:assert/strict";
import { JOB_KINDS, JOB_TYPES } from "../../../../lib/library/kinds.ts";
import {
  ALL_JOBS,
  essentialKinds,
  jobsAdded,
  jobsFor,
  type KnownAsset,
} from "../../../../lib/library/assets/recipe.ts";
import { HANDLERS } from "../../../../workers/kinds.ts";

const video: KnownAsset = { assetType: "video", technical: null, options: ALL_JOBS };
const names = (orders: { kind: { name: string } }[]) => orders.map(({ kind }) => kind.name);

Deno.test("jobsFor() follows the type of the asset and the options of its upload", () => {
  assert.deepEqual(names(jobsFor(video)), ["metadata", "thumbnail", "proxy"]);
  assert.deepEqual(names(jobsFor({ ...video, assetType: "document" })), ["metadata"]);
  const options = { ...ALL_JOBS, generate_proxy: false };
  assert.deepEqual(names(jobsFor({ ...video, options })), ["metadata", "thumbnail"]);
});

Deno.test("jobsAdded() are the renditions of a supposed document that is media", () => {
  const document: KnownAsset = { ...video, assetType: "document" };
  assert.deepEqual(names(jobsAdded(document, video)), ["thumbnail", "proxy"]);
  assert.deepEqual(jobsAdded(video, video), []);
});

Deno.test("essentialKinds() are those without which an asset has failed", () => {
  assert.deepEqual(essentialKinds(), ["metadata", "proxy"]);
});

Deno.test("every kind has a run function, and the API's enumeration keeps its reserved values", () => {
  assert.deepEqual(HANDLERS.map(({ kind }) => kind), [...JOB_KINDS]);
  assert.deepEqual(JOB_TYPES, ["metadata", "thumbnail", "proxy", "rendition", "transcode", "transcript"]);
});
