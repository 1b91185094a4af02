import { isUniqueViolation } from "../platform/db.ts";
import { AppError } from "../platform/errors.ts";

/** Runs what writes an asset; a code that another asset of the tenant has becomes `conflict`. */
export async function refusingTakenCode<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    if (isUniqueViolation(error, "assets_code_key")) {
      throw new AppError("conflict", "An asset already has this code.");
    }
    throw error;
  }
}
