// The recipe of an asset: which jobs it gets. Each kind declares for itself which assets want it.
import type { AssetType, Probe } from "../../media/schema.ts";
import {
  defineJobKind,
  type JobDeclaration,
  type JobInput,
  type JobKind,
  type JobOrder,
  orderJob,
} from "../../work/jobs/kinds.ts";
import type { IngestOptions } from "./schema.ts";

/** What is known of an asset when its jobs are chosen: at first its type, after probing also the technical metadata. */
export interface KnownAsset {
  assetType: AssetType;
  technical: Probe["technical"] | null;
  options: Pick<IngestOptions, "extract_metadata" | "generate_proxy" | "generate_thumbnail">;
}

interface AssetJob {
  /** Whether such an asset gets a job of this kind. */
  wanted(known: KnownAsset): boolean;
  /** An asset whose job of this kind failed has failed itself. */
  isEssential: boolean;
  /** Whether the job is short, which is known after probing; of kinds that may be long. */
  isShort?(probe: Probe, bytes: number): boolean;
}

interface DeclaredJob extends AssetJob {
  kind: JobKind;
}

/** The default of the options: every job that the type of the asset allows. */
export const ALL_JOBS: KnownAsset["options"] = {
  extract_metadata: true,
  generate_proxy: true,
  generate_thumbnail: true,
};

const declared: DeclaredJob[] = [];

/** Declares a kind of job that assets get by themselves. Its payload has to be complete by defaults. */
export function defineAssetJob<Name extends string, Payload, Input extends JobInput>(
  { wanted, isEssential, isShort, ...declaration }: JobDeclaration<Name, Payload, Input> & AssetJob,
): JobKind<Name, Payload, Input> {
  const kind = defineJobKind(declaration);
  declared.push({ kind, wanted, isEssential, isShort });
  return kind;
}

/** The jobs of an asset of which this is known. */
export function jobsFor(known: KnownAsset): JobOrder[] {
  return declaredJobs().filter((job) => job.wanted(known)).map(({ kind }) => orderJob(kind, {}));
}

/** The jobs that an asset gets because more is known of it than before. */
export function jobsAdded(before: KnownAsset, now: KnownAsset): JobOrder[] {
  const had = new Set(jobsFor(before).map(({ kind }) => kind));
  return jobsFor(now).filter(({ kind }) => !had.has(kind));
}

/** The kinds whose failure fails their asset. */
export function essentialKinds(): string[] {
  return declaredJobs().filter((job) => job.isEssential).map(({ kind }) => kind.name);
}

/** The kinds that may be long and are not for a file of this length. */
export function shortKinds(probe: Probe, bytes: number): JobKind[] {
  return declaredJobs().filter((job) => job.isShort?.(probe, bytes)).map(({ kind }) => kind);
}

/** Throws in a process that never loaded the declarations: its assets would silently get no jobs. */
function declaredJobs(): DeclaredJob[] {
  if (declared.length === 0) throw new Error("No kind of job is declared: import lib/library/kinds.ts");
  return declared;
}
