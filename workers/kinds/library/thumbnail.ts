import { thumbnail } from "../../../lib/library/assets/kinds.ts";
import { storeRendition } from "../../../lib/library/renditions/store.ts";
import { makePoster } from "../../../lib/media/poster.ts";
import { probe } from "../../../lib/media/probe.ts";
import { handle, type OriginalWork, type Outcome } from "../../runtime/handler.ts";

export const thumbnailHandler = handle(thumbnail, makeThumbnail);

/** Makes the poster; audio without a cover has none. */
async function makeThumbnail({ ctx, asset, source, folder, signal }: OriginalWork): Promise<Outcome> {
  const facts = asset.probe ?? await probe(source, folder, { signal });
  const poster = await makePoster(source, folder, facts, { signal });
  if (!poster) return {};
  return {
    result: { width: poster.width, height: poster.height },
    write: await storeRendition(ctx, asset, "thumbnail", poster, signal),
  };
}
