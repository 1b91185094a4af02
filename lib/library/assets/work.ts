// What workers read and write of an asset. Functions with `sql` run in the transaction that ends the job.
import type { Ctx } from "../../access/context.ts";
import type { AssetType, Probe, TechnicalMetadata } from "../../media/schema.ts";
import type { Sql } from "../../platform/db/database.ts";
import type { BucketName } from "../../platform/storage/storage.ts";
import { markShort, summarizeAssetJobs } from "../../work/jobs/asset_jobs.ts";
import { enqueueJobs } from "../../work/jobs/jobs.ts";
import type { JobOrder } from "../../work/jobs/kinds.ts";
import { findFile, recordFile, saveOriginalType } from "../renditions/renditions.ts";
import { findTechnicalMetadata, saveTechnicalMetadata } from "../technical_metadata/technical_metadata.ts";
import type { AssetRow, AssetStatus, IngestNote } from "./columns.ts";
import { reviseNotes } from "./identify.ts";
import { findAsset, lockAsset } from "./queries.ts";
import { assetError } from "./reasons.ts";
import { ALL_JOBS, essentialKinds, jobsAdded, shortKinds } from "./recipe.ts";
import * as queries from "./work_queries.ts";

/** An asset as a worker needs it. */
export interface AssetForWork {
  id: string;
  tenantId: string;
  tenantCode: string;
  createdAt: string;
  assetType: AssetType;
  title: string;
  durationMs: number | null;
  original: {
    bucket: BucketName;
    path: string;
    filename: string;
    contentType: string;
    bytes: number;
    sha256: string | null;
  };
  ingestNotes: IngestNote[];
  /** The result of probing; null until the metadata job is done. */
  probe: Probe | null;
}

/** Reads an asset with its original. Throws `not_found` when either was deleted, which makes the job pointless. */
export async function getAssetForWork(ctx: Ctx, sql: Sql, assetId: string): Promise<AssetForWork> {
  const [asset] = await findAsset(sql, null, assetId, true);
  const original = await findFile(ctx, sql, assetId, "original");
  if (!asset || !original) throw assetError("original_missing");
  const technical = await findTechnicalMetadata(sql, assetId);
  const { ref: { bucket, key: path }, filename, contentType, bytes, sha256 } = original;
  return {
    id: asset.id,
    tenantId: asset.tenant_id,
    tenantCode: path.split("/")[0]!,
    createdAt: asset.created_at,
    assetType: asset.asset_type,
    title: asset.title,
    durationMs: asset.duration_ms,
    ingestNotes: asset.ingest_notes,
    original: { bucket, path, filename, contentType, bytes, sha256 },
    probe: technical ? probeOf(asset, contentType, technical) : null,
  };
}

function probeOf(asset: AssetRow, contentType: string, technical: TechnicalMetadata): Probe {
  return {
    assetType: asset.asset_type,
    contentType,
    durationMs: asset.duration_ms,
    recordedAt: asset.recorded_at,
    technical,
  };
}

/** Sets a failed asset back to processing. Called when a job on it is claimed. */
export async function reopenAsset(sql: Sql, assetId: string): Promise<void> {
  await queries.reopenAsset(sql, assetId);
}

/** Records the result of probing. A supposed document that turns out to be media gets its renditions. */
export async function saveProbe(sql: Sql, asset: AssetForWork, probe: Probe): Promise<void> {
  await saveTechnicalMetadata(sql, asset, probe.technical);
  await saveFacts(sql, asset, probe);
  await queries.fillRecordedAt(sql, asset.id, probe.recordedAt);
  await enqueueJobs(sql, {
    tenantId: asset.tenantId,
    assetId: asset.id,
    orders: newlyWanted(asset, probe),
    requestId: null,
    createdBy: null,
  });
  for (const kind of shortKinds(probe, asset.original.bytes)) await markShort(sql, asset.id, kind);
}

function newlyWanted({ assetType }: AssetForWork, probe: Probe): JobOrder[] {
  const options = ALL_JOBS;
  const before = { assetType, technical: null, options };
  return jobsAdded(before, { assetType: probe.assetType, technical: probe.technical, options });
}

/** Records what an asset is and how long it plays: needed to show it even when its metadata is not extracted. */
export async function saveFacts(sql: Sql, asset: AssetForWork, probe: Probe): Promise<void> {
  await queries.updateFacts(sql, asset.id, {
    asset_type: probe.assetType,
    content_type: probe.contentType,
    duration_ms: probe.durationMs,
    ingest_notes: reviseNotes(asset.ingestNotes, probe.assetType),
  });
  await saveOriginalType(sql, asset.id, probe.contentType);
}

/** Records that the original itself can be played: the proxy shares its object. */
export async function saveOriginalAsProxy(ctx: Ctx, sql: Sql, asset: AssetForWork): Promise<void> {
  const { bucket, path, ...file } = asset.original;
  const { width = null, height = null } = asset.probe?.technical ?? {};
  await recordFile(ctx, sql, asset, "proxy", { ref: { bucket, key: path }, width, height, ...file });
}

/**
 * Moves an asset on once none of its jobs is open: to available, or to failed when an essential job failed.
 * Answers its status when it changed.
 */
export async function settleAsset(sql: Sql, assetId: string): Promise<AssetStatus | undefined> {
  // Of two jobs that end at the same moment each would see the other still open: the lock lets the second one see both.
  await lockAsset(sql, null, assetId);
  const jobs = await summarizeAssetJobs(sql, assetId, essentialKinds());
  if (jobs.open > 0) return undefined;
  const [settled] = await queries.settleAsset(sql, assetId, {
    status: jobs.failed ? "failed" : "available",
    code: jobs.failed ? jobs.error_code : null,
    reason: jobs.failed ? jobs.error_message : null,
  });
  return settled?.status;
}
