import { THOROUGH_PRIORITY, thumbnail } from "../../../lib/library/assets/kinds.ts";
import { storeRendition } from "../../../lib/library/renditions/store.ts";
import { glance } from "../../../lib/media/glance.ts";
import { makePoster } from "../../../lib/media/poster.ts";
import { enqueueJobs } from "../../../lib/work/jobs/jobs.ts";
import { orderJob } from "../../../lib/work/jobs/kinds.ts";
import { handle, type Outcome, type WorkOf } from "../../runtime/handler.ts";

export const thumbnailHandler = handle(thumbnail, makeThumbnail);

/** Makes the poster; audio without a cover has none. */
async function makeThumbnail(work: WorkOf<typeof thumbnail>): Promise<Outcome> {
  const { ctx, job, asset, source, folder, signal, payload: { is_thorough: isThorough } } = work;
  const { filename } = asset.original;
  const facts = asset.probe ?? await glance(source, folder, { signal, filename });
  const poster = await makePoster(source, folder, facts, { signal, isThorough });
  if (!poster) return {};
  const record = await storeRendition(ctx, asset, "thumbnail", poster, signal);
  return {
    result: { width: poster.width, height: poster.height },
    write: async (sql) => {
      await record(sql);
      if (!poster.isDoubtful) return;
      await enqueueJobs(sql, {
        tenantId: asset.tenantId,
        assetId: asset.id,
        orders: [orderJob(thumbnail, { is_thorough: true }, THOROUGH_PRIORITY)],
        requestId: job.requestId,
        createdBy: null,
      });
    },
  };
}
