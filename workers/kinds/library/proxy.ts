import { proxy } from "../../../lib/library/assets/kinds.ts";
import { saveFacts, saveOriginalAsProxy } from "../../../lib/library/assets/work.ts";
import { storeRendition } from "../../../lib/library/renditions/store.ts";
import { probe } from "../../../lib/media/probe.ts";
import { makeProxy } from "../../../lib/media/proxy.ts";
import { handle, type OriginalWork, type Outcome } from "../../runtime/handler.ts";

export const proxyHandler = handle(proxy, storeProxy);

/** Makes the rendition that browsers play, or finds that the original is one already. */
async function storeProxy({ ctx, asset, source, folder, signal, progress }: OriginalWork): Promise<Outcome> {
  const facts = asset.probe ?? await probe(source, folder, { signal });
  const made = await makeProxy(source, folder, facts, { signal, onProgress: progress });
  const isOriginal = made === "original";
  const record = isOriginal ? undefined : await storeRendition(ctx, asset, "proxy", made, signal);
  return {
    result: isOriginal ? { original: true } : { width: made.width, height: made.height },
    write: async (sql) => {
      // Without a metadata job the player still needs the type and the duration.
      if (!asset.probe) await saveFacts(sql, asset, facts);
      if (record) await record(sql);
      else await saveOriginalAsProxy(ctx, sql, { ...asset, probe: facts });
    },
  };
}
