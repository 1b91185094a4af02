// All kinds of job of the library. A new kind is added to this list, which loads its declaration in every process.
import { metadata, proxy, thumbnail } from "./assets/kinds.ts";

export const JOB_KINDS = [metadata, thumbnail, proxy] as const;
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
