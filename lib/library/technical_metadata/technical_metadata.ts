// Technical metadata: what is known of the picture and sound of an asset's original.
import type { TechnicalMetadata } from "../../media/schema.ts";
import type { Sql } from "../../platform/db/database.ts";
import * as queries from "./queries.ts";
import type { TechnicalRow } from "./schema.ts";

/** The technical metadata of an asset; undefined until it is probed. */
export async function findTechnicalMetadata(sql: Sql, assetId: string): Promise<TechnicalRow | undefined> {
  const [row] = await queries.findTechnicalMetadata(sql, assetId);
  return row;
}

/** Records what probing measured, in place of an earlier result. */
export async function saveTechnicalMetadata(
  sql: Sql,
  { tenantId, id }: { tenantId: string; id: string },
  technical: TechnicalMetadata,
): Promise<void> {
  await queries.upsertTechnicalMetadata(sql, { tenant_id: tenantId, asset_id: id }, technical);
}
