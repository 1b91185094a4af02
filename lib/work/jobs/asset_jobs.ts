// The jobs of one asset, for the noun that keeps assets. Everything runs in the caller's transaction.
import type { Sql } from "../../platform/db/database.ts";
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
