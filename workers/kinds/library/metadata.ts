import { metadata } from "../../../lib/library/assets/kinds.ts";
import { saveProbe } from "../../../lib/library/assets/work.ts";
import { probe } from "../../../lib/media/probe.ts";
import { handle, type OriginalWork, type Outcome } from "../../runtime/handler.ts";

export const metadataHandler = handle(metadata, probeOriginal);

/** Probes the original. */
async function probeOriginal({ asset, source, folder, signal }: OriginalWork): Promise<Outcome> {
  const found = await probe(source, folder, { signal });
  return {
    result: { asset_type: found.assetType, content_type: found.contentType, duration_ms: found.durationMs },
    write: (sql) => saveProbe(sql, asset, found),
  };
}
