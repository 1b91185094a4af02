import type { TechnicalMetadata } from "../../media/schema.ts";
import { columnValues, selectList } from "../../platform/db/columns.ts";
import type { Sql } from "../../platform/db/database.ts";
import { technicalMetadataSchema, type TechnicalRow } from "./schema.ts";

export function findTechnicalMetadata(sql: Sql, assetId: string) {
  return sql<TechnicalRow[]>`
    select ${
    selectList(sql, technicalMetadataSchema, "t")
  } from technical_metadata t where t.asset_id = ${assetId}`;
}

interface Keys {
  tenant_id: string;
  asset_id: string;
}

export function upsertTechnicalMetadata(sql: Sql, keys: Keys, technical: TechnicalMetadata) {
  return sql`
    insert into technical_metadata ${columnValues(sql, { ...technical, ...keys })}
    on conflict (asset_id) do update set ${columnValues(sql, technical)}, analyzed_at = now()`;
}
