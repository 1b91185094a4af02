// The jobs of one asset, for the noun that keeps assets. Everything runs in the caller's transaction.
import type { Sql } from "../../platform/db/database.ts";
import type { JobKind } from "./kinds.ts";
import * as queries from "./asset_queries.ts";

export { openProgress } from "./asset_queries.ts";
export type { AssetJobs } from "./asset_queries.ts";

/** Locks the jobs of an asset. To be called before the asset is locked, as workers do, so that neither deadlocks. */
export async function lockAssetJobs(sql: Sql, assetId: string): Promise<void> {
  await queries.lockAssetJobs(sql, assetId);
}

/** The open jobs of an asset, and why a job of one of the `essential` kinds failed. */
export async function summarizeAssetJobs(
  sql: Sql,
  assetId: string,
  essential: string[],
): Promise<queries.AssetJobs> {
  const [jobs] = await queries.summarizeAssetJobs(sql, assetId, essential);
  return jobs!;
}

/** Records that the waiting jobs of this kind on an asset are short. To be called before what they wait for has ended. */
export async function markShort(sql: Sql, assetId: string, kind: JobKind): Promise<void> {
  await queries.markShort(sql, assetId, kind.name);
}
