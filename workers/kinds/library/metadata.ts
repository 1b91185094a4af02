import { saveProbe } from "../../../lib/library/assets/work.ts";
import { probe } from "../../../lib/media/probe.ts";
import type { Outcome, Work } from "../../runtime/handler.ts";

/** Finds out what the original is. */
export async function metadata({ asset, source, folder, signal }: Work): Promise<Outcome> {
  const found = await probe(source, folder, { signal });
  return {
    result: { asset_type: found.assetType, content_type: found.contentType, duration_ms: found.durationMs },
    write: (sql) => saveProbe(sql, asset, found),
  };
}
