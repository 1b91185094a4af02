// `deno task bench [name…]`: speed and memory of Akashi, each number beside a baseline of the same run. Uses the
// servers that the environment names, otherwise embedded parts; data is private to the run and removed.
import { measureJobs } from "./jobs.ts";
import { measureLimiter } from "./limiter.ts";
import { measureListing } from "./listing.ts";
import { measurePages } from "./page.ts";
import { measurePipeline } from "./pipeline.ts";
import { measurePosters } from "./posters.ts";
import { formatTable, type Measure, type Row } from "./rows.ts";
import { measureStart } from "./start.ts";
import { measureUpload } from "./upload.ts";

const MEASURES: Record<string, Measure> = {
  listing: measureListing,
  upload: measureUpload,
  jobs: measureJobs,
  limiter: measureLimiter,
  start: measureStart,
  page: measurePages,
  pipeline: measurePipeline,
  posters: measurePosters,
};

const names = Deno.args.length > 0 ? Deno.args : Object.keys(MEASURES);
const unknown = names.filter((name) => !Object.hasOwn(MEASURES, name));
if (unknown.length > 0) {
  console.error(`Unknown measurement: ${unknown.join(", ")}. Available: ${Object.keys(MEASURES).join(", ")}`);
  Deno.exit(2);
}

const rows: Row[] = [];
const failed: string[] = [];
for (const name of names) {
  const began = performance.now();
  try {
    rows.push(...await MEASURES[name]!());
    console.error(`${name}: ${Math.round((performance.now() - began) / 1000)} s`);
  } catch (error) {
    failed.push(name);
    console.error(`${name} failed:`, error);
  }
}
if (rows.length > 0) console.log(formatTable(rows));
if (failed.length > 0) console.log(`not measured: ${failed.join(", ")}`);
Deno.exit(failed.length > 0 ? 1 : 0);
