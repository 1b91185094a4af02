// The code of an asset: chosen by people, unique within the tenant.
import { isUniqueViolation } from "../../platform/db/database.ts";
import type { Sql } from "../../platform/db/database.ts";
import { assetError } from "./reasons.ts";
import * as queries from "./queries.ts";

/** Awaits a write to assets; the violation of the unique code becomes `conflict`. */
export async function mapDuplicateCode<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    throw isUniqueViolation(error, "assets_code_key") ? assetError("code_taken") : error;
  }
}

/** Throws `conflict` when an asset of the tenant has this code: checked before an upload rather than after it. */
export async function requireFreeCode(sql: Sql, code: string | undefined): Promise<void> {
  if (code !== undefined && (await queries.findByCode(sql, code)).length > 0) throw assetError("code_taken");
}
