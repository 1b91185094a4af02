// Fields of an asset that a client may send back as it read them, but not set.
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { type AssetDetail, assetDetailSchema } from "./schema.ts";
import { assetError } from "./reasons.ts";

/** Signed addresses and times differ between two readings of an unchanged asset. */
const VOLATILE = /^(url|.*_url|progress|updated_at)$/;

/**
 * Throws `invalid` naming each field of an asset that `settable` does not have and whose value in `sent` differs from
 * `asset`: an edit of a whole asset passes, and no change is dropped in silence. Fields that no asset has are ignored.
 */
export function requireFixed(sent: object, asset: AssetDetail, settable: z.ZodObject): void {
  const fixed = Object.keys(assetDetailSchema.shape).filter((key) => !(key in settable.shape));
  const present = steady(asset);
  const given = steady(sent) as Record<string, unknown>;
  const wrong = fixed.filter((key) =>
    key in given && !isDeepStrictEqual(given[key], present[key as keyof AssetDetail])
  );
  if (wrong.length === 0) return;
  const fields = wrong.map((path) => ({ path, message: "is set by Akashi alone" }));
  throw assetError("fixed_fields", { fields: wrong.join(", ") }, { fields });
}

/** A copy without what differs from one reading to the next. */
function steady<T extends object>(value: T): T {
  return JSON.parse(JSON.stringify(value, (key, each) => VOLATILE.test(key) ? undefined : each));
}
