import { isUniqueViolation } from "../../platform/db/database.ts";
import type { Sql } from "../../platform/db/database.ts";
import { AppError } from "../../platform/errors.ts";
import * as queries from "./queries.ts";

/** Runs what writes an asset; a code that another asset of the tenant has becomes `conflict`. */
export async function refusingTakenCode<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    if (isUniqueViolation(error, "assets_code_key")) {
      throw codeTaken();
    }
    throw error;
  }
}

/** Throws `conflict` when an asset of the tenant has this code already: said before the bytes are sent, not after. */
export async function requireFreeCode(sql: Sql, code: string | undefined): Promise<void> {
  if (code !== undefined && (await queries.findByCode(sql, code)).length > 0) throw codeTaken();
}

function codeTaken(): AppError {
  return new AppError("conflict", "An asset already has this code.");
}
