import { storeRendition } from "../../../lib/library/renditions/store.ts";
import { makePoster } from "../../../lib/media/poster.ts";
import { probe } from "../../../lib/media/probe.ts";
import type { Outcome, Work } from "../../runtime/handler.ts";

/** Makes the still that cards and players show; sound without a cover has none. */
export async function thumbnail({ ctx, asset, source, folder, signal }: Work): Promise<Outcome> {
  const facts = asset.probe ?? await probe(source, folder, { signal });
  const poster = await makePoster(source, folder, facts, { signal });
  if (!poster) return {};
  return {
    result: { width: poster.width, height: poster.height },
    write: await storeRendition(ctx, asset, "thumbnail", poster, signal),
  };
}
