// One run of one job, from the claim to the transaction that ends it.
import { setTimeout as pause } from "node:timers/promises";
import { type Ctx, makeActor } from "../../lib/access/context.ts";
import type { Platform } from "../../lib/platform/platform.ts";
import {
  type AssetForWork,
  getAssetForWork,
  reopenAsset,
  settleAsset,
} from "../../lib/library/assets/work.ts";
import type { AssetStatus } from "../../lib/library/assets/schema.ts";
import { parsePayload } from "../../lib/work/jobs/kinds.ts";
import { failRun, finishRun, releaseRun, type Run } from "../../lib/work/jobs/runs.ts";
import { nudge } from "../../lib/work/jobs/jobs.ts";
import type { JobStatus } from "../../lib/work/jobs/schema.ts";
import type { Sql } from "../../lib/platform/db/database.ts";
import { AppError, errorMessage, isOutage } from "../../lib/platform/errors.ts";
import { runError } from "./reasons.ts";
import { jobRetries, jobRuns } from "../../lib/platform/observe/metrics.ts";
import { announceAsset, announceJob } from "./announce.ts";
import { diagnose } from "./failures.ts";
import { fetchOriginal, type WorkFolder } from "./folders.ts";
import type { Lease } from "./lease.ts";
import type { Handler, OriginalWork, Outcome, Work } from "./handler.ts";

/** How a run ended. `retry` and `released` leave the job pending; after `lost` another run has it. */
export const RUN_ENDS = ["completed", "retry", "failed", "released", "lost"] as const;
export type RunEnd = typeof RUN_ENDS[number];

const FINISH_AGAIN_MS = 500;

interface RunParts {
  handler: Handler;
  lease: Lease;
  folders: WorkFolder;
}

/** Runs a job and records how it ended. Never throws. */
export async function performRun(
  platform: Platform,
  run: Run,
  parts: RunParts,
): Promise<RunEnd> {
  const { lease } = parts;
  const began = performance.now();
  const ctx = contextOf(platform, run);
  announceJob(ctx, run, "processing");
  let problem: unknown;
  const end = await carryOut(ctx, run, parts).then(
    (outcome) => complete(ctx, run, lease, outcome),
  ).catch((error) => {
    problem = error;
    return giveUp(ctx, run, lease, error);
  }).catch((error): RunEnd => {
    problem = error;
    return "lost";
  });
  lease.end();
  const ms = Math.round(performance.now() - began);
  jobRuns.observe({ kind: run.kind, outcome: end }, ms / 1000);
  ctx.log[end === "completed" || end === "released" ? "info" : "warn"]("job_done", {
    ms,
    outcome: end,
    attempts: run.attempts,
    stopped: lease.stopped(),
    error: problem instanceof AppError ? errorMessage(problem) : problem,
  });
  return end;
}

function contextOf(platform: Platform, run: Run): Ctx {
  const requestId = run.requestId ?? run.runId;
  return {
    ...platform,
    requestId,
    log: platform.log.with({
      request_id: requestId,
      tenant_id: run.tenantId,
      job_id: run.id,
      kind: run.kind,
      asset_id: run.assetId,
    }),
    actor: makeActor({ tenantId: run.tenantId, tenantCode: run.tenantCode, role: "admin" }),
  };
}

/** Prepares what the kind declares as its input, and only that, and calls the run function. */
async function carryOut(
  ctx: Ctx,
  run: Run,
  { handler: { kind, run: perform }, lease, folders }: RunParts,
): Promise<Outcome> {
  const payload = parsePayload(kind, run.payload);
  const asset = kind.input === "none" ? undefined : await openAsset(ctx, run);
  const folder = await folders.make(run.runId);
  const { signal, progress } = lease;
  try {
    const source = asset && kind.input === "original"
      ? await fetchOriginal(ctx.storage, asset, folder, signal)
      : undefined;
    const work: Work & Partial<OriginalWork> = {
      ctx,
      job: run,
      payload,
      asset,
      source,
      folder,
      signal,
      progress,
    };
    return await perform(work);
  } finally {
    await folders.remove(folder);
  }
}

/** Reads the asset of a job, and sets a failed asset back to processing. */
function openAsset(ctx: Ctx, { tenantId, assetId }: Run): Promise<AssetForWork> {
  if (!assetId) throw runError("asset_required");
  return ctx.db.asTenant(tenantId, async (sql) => {
    await reopenAsset(sql, assetId);
    return await getAssetForWork(ctx, sql, assetId);
  });
}

async function complete(ctx: Ctx, run: Run, lease: Lease, { result, write }: Outcome): Promise<RunEnd> {
  let assetStatus: AssetStatus | undefined;
  const held = await whileAway(lease, () =>
    finishRun(ctx.db, run, {
      result,
      write: async (sql) => {
        await write?.(sql);
        assetStatus = await settle(sql, run);
      },
    }));
  if (!held) return "lost";
  await tell(ctx, run, "completed", assetStatus);
  return "completed";
}

async function giveUp(ctx: Ctx, run: Run, lease: Lease, error: unknown): Promise<RunEnd> {
  if (lease.stopped() === "lost") return "lost";
  const stopped = lease.stopped();
  if (stopped === "shutdown" || stopped === "overlong") {
    const isLong = run.isLong || stopped === "overlong";
    const released = await whileAway(lease, () => releaseRun(ctx.db, run, isLong));
    if (released) await tell(ctx, run, "pending");
    return released ? "released" : "lost";
  }
  let assetStatus: AssetStatus | undefined;
  const failure = diagnose(error, lease.stopped());
  const end = await whileAway(lease, () =>
    failRun(ctx.db, run, {
      ...failure,
      write: async (sql) => {
        assetStatus = await settle(sql, run);
      },
    }));
  if (end === "lost") return end;
  if (end === "retry") jobRetries.inc({ kind: run.kind, reason: failure.code });
  await tell(ctx, run, end === "retry" ? "pending" : "failed", assetStatus);
  return end;
}

async function settle(sql: Sql, { assetId }: Run): Promise<AssetStatus | undefined> {
  return assetId ? await settleAsset(sql, assetId) : undefined;
}

/** Records the end of a run; retries while the database is away, until the lease is lost. */
async function whileAway<T>(lease: Lease, ending: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ending();
    } catch (error) {
      const away = isOutage(error);
      if (!away || lease.stopped() === "lost") throw error;
      await pause(FINISH_AGAIN_MS);
    }
  }
}

async function tell(ctx: Ctx, run: Run, status: JobStatus, assetStatus?: AssetStatus): Promise<void> {
  await announceJob(ctx, run, status, status === "completed" ? 100 : 0);
  await announceAsset(ctx, run, assetStatus);
  await nudge(ctx);
}
