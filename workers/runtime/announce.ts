// The live events that workers send about their jobs and the assets of those.
import { assetEvent } from "../../lib/library/assets/events.ts";
import type { AssetStatus } from "../../lib/library/assets/schema.ts";
import type { Platform } from "../../lib/platform/platform.ts";
import { jobEvent } from "../../lib/work/jobs/events.ts";
import type { JobStatus } from "../../lib/work/jobs/schema.ts";
import { announce } from "../../lib/work/live/live.ts";

interface AnnouncedJob {
  id: string;
  tenantId: string;
  assetId: string | null;
  kind: string;
}

/** Announces the status of a job, with its progress in percent. */
export async function announceJob(
  platform: Platform,
  { id, tenantId, assetId, kind }: AnnouncedJob,
  status: JobStatus,
  progress = 0,
): Promise<void> {
  await announce(platform, tenantId, jobEvent, {
    id,
    asset_id: assetId,
    job_type: kind,
    status,
    progress,
  });
}

/** Announces the status that the asset of a job has now; nothing when that did not change. */
export async function announceAsset(
  platform: Platform,
  { tenantId, assetId }: Pick<AnnouncedJob, "tenantId" | "assetId">,
  status: AssetStatus | undefined,
): Promise<void> {
  if (!assetId || !status) return;
  await announce(platform, tenantId, assetEvent, { id: assetId, change: "updated", status });
}
