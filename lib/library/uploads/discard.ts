// Discarding uploads with everything that was stored of them.
import type { Platform } from "../../platform/platform.ts";
import { uploadEvents } from "../../platform/observe/metrics.ts";
import { discardOrphans, markOrphaned } from "../objects/objects.ts";
import { refOf } from "./parts.ts";
import * as queries from "./queries.ts";
import type { UploadRow } from "./queries.ts";
import { markTailOrphaned } from "./tails.ts";

/** How long a failed attempt is postponed, so that it does not block the others. */
const RETRY_SECONDS = 3600;

/** Discards up to `limit` expired uploads. Answers how many. */
export async function sweepUploads(platform: Platform, limit = 100): Promise<number> {
  const expired = await platform.db.asSystem((sql) => queries.listExpired(sql, limit));
  for (const row of expired) {
    try {
      await discardUpload(platform, row);
    } catch (error) {
      platform.log.warn("upload_left_to_sweep", { upload_id: row.id, error });
      await platform.db.asSystem((sql) => queries.postponeUpload(sql, row.id, RETRY_SECONDS));
    }
  }
  return expired.length;
}

/** Deletes an upload with its parts and tail, and its object when that was assembled without becoming an asset. */
export async function discardUpload(platform: Platform, row: UploadRow): Promise<void> {
  const isUnfinished = !row.finished_at;
  if (isUnfinished) await abortMultiparts(platform, row);
  const orphans = await platform.db.asTenant(row.tenant_id, async (sql) => {
    // A writer may have replaced the tail since `row` was read.
    const [last] = await queries.deleteUpload(sql, row.id);
    const object = isUnfinished ? await markOrphaned(sql, row.tenant_id, [row]) : [];
    const tail = last ? await markTailOrphaned(sql, last) : [];
    return [...object, ...tail];
  });
  await discardOrphans(platform, orphans);
  if (isUnfinished) uploadEvents.inc({ way: "resumable", event: "ended" });
}

/** Deletes the parts of an upload, which have not become an object. */
export async function abortMultiparts({ storage }: Pick<Platform, "storage">, row: UploadRow): Promise<void> {
  const ref = refOf({ storage }, row);
  for (const { key, uploadId } of await storage.listMultipart(ref.bucket, ref.key)) {
    if (key === ref.key) await storage.abortMultipart(ref, uploadId);
  }
}
