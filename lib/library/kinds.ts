// All kinds of job of the library, noun by noun. Importing this loads their declarations in every process.
import { ASSET_KINDS } from "./assets/kinds.ts";
import { RENDITION_KINDS } from "./renditions/kinds.ts";

export const JOB_KINDS = [...ASSET_KINDS, ...RENDITION_KINDS] as const;
export type JobKindName = typeof JOB_KINDS[number]["name"];

/**
 * Values of `job_type` that the API contract lists although no kind has them yet. Filters accept them and find nothing;
 * no such job can be created, and pages do not offer them.
 */
const RESERVED_TYPES = ["transcode", "transcript"] as const;

export type JobType = JobKindName | typeof RESERVED_TYPES[number];

/** The enumeration `job_type` of the API. */
export const JOB_TYPES: readonly JobType[] = [
  ...new Set([...JOB_KINDS.map(({ name }) => name), ...RESERVED_TYPES]),
];

/** True for the name of a kind that exists. */
export function isJobKindName(name: string): name is JobKindName {
  return JOB_KINDS.some((kind) => kind.name === name);
}
