import { saveOriginalAsProxy } from "../../../lib/library/assets/work.ts";
import { storeRendition } from "../../../lib/library/renditions/store.ts";
import { probe } from "../../../lib/media/probe.ts";
import { makeProxy } from "../../../lib/media/proxy.ts";
import type { Outcome, Work } from "../../runtime/handler.ts";

/** Makes what browsers play, or finds that the original is that already. */
export async function proxy({ ctx, asset, source, folder, signal, progress }: Work): Promise<Outcome> {
  const facts = asset.probe ?? await probe(source, folder, { signal });
  const made = await makeProxy(source, folder, facts, { signal, onProgress: progress });
  if (made === "original") {
    return { result: { original: true }, write: (sql) => saveOriginalAsProxy(ctx, sql, asset) };
  }
  return {
    result: { width: made.width, height: made.height },
    write: await storeRendition(ctx, asset, "proxy", made, signal),
  };
}
