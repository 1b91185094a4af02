// The original of an asset: recording it, and the work that follows from it.
import type { Ctx } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import { uploadedBytes } from "../../platform/observe/metrics.ts";
import { enqueueJobs, type Job, nudge } from "../../work/jobs/jobs.ts";
import type { JobOrder } from "../../work/jobs/kinds.ts";
import { announce } from "../../work/live/live.ts";
import type { Purpose } from "../objects/schema.ts";
import { type Marks, recordFile } from "../renditions/renditions.ts";
import type { AssetStatus } from "./columns.ts";
import type { Duplicate } from "./duplicates.ts";
import { assetEvent } from "./events.ts";
import type { Correction } from "./identify.ts";
import type { ReceivedFile } from "./receive.ts";

export interface Ingested {
  assetId: string;
  status: AssetStatus;
  jobs: Job[];
  /** An older asset with the same bytes. */
  duplicateOf: string | null;
  /** False when that asset stands for the file, and nothing was added. */
  isNew: boolean;
  /** What the content of the file contradicted. */
  corrections: Correction[];
}

/** The columns of an asset that follow from its original. */
export function originalColumns(file: ReceivedFile, duplicate: Duplicate | undefined) {
  return {
    asset_type: file.assetType,
    original_filename: file.filename,
    content_type: file.contentType,
    primary_storage_path: file.ref.key,
    file_size_bytes: file.bytes,
    checksum_sha256: file.sha256,
    ingest_notes: file.notes,
    duplicate_of: duplicate?.id ?? null,
  };
}

/** Records an original and enqueues these jobs on it, in the caller's transaction. */
export async function recordOriginal(
  ctx: Ctx,
  sql: Sql,
  file: ReceivedFile,
  orders: JobOrder[],
): Promise<Job[]> {
  await recordReceived(ctx, sql, file, "original", { is_primary: true });
  return await enqueueJobs(sql, {
    tenantId: ctx.actor.tenantId,
    assetId: file.assetId,
    orders,
    requestId: ctx.requestId,
    createdBy: ctx.actor.userId,
  });
}

/** Records a received file, which then owns its object. Answers its id. */
export async function recordReceived(
  ctx: Ctx,
  sql: Sql,
  file: ReceivedFile,
  purpose: Purpose,
  marks: Marks,
): Promise<string> {
  await file.reservation.release(sql);
  return await recordFile(ctx, sql, { id: file.assetId, tenantId: ctx.actor.tenantId }, purpose, file, marks);
}

/** Counts and announces an ingested original once its transaction has committed. */
export async function afterIngest(
  ctx: Ctx,
  { assetId, status }: Ingested,
  { bytes, change }: { bytes: number; change: "created" | "updated" },
): Promise<void> {
  uploadedBytes.inc(bytes);
  await nudge(ctx);
  await announce(ctx, ctx.actor.tenantId, assetEvent, { id: assetId, change, status });
}
