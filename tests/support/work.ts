// An asset with its original in storage, for tests of workers without an ingest.
import assert from "node:assert/strict";
import { type Ctx, makeActor } from "../../lib/access/context.ts";
import type { Platform } from "../../lib/platform/platform.ts";
import { objectRef } from "../../lib/library/objects/keys.ts";
import "../../lib/library/kinds.ts";
import {
  defineJobKind,
  findJobKind,
  type JobKind,
  type JobOrder,
  noPayload,
  orderJob,
} from "../../lib/work/jobs/kinds.ts";
import type { Handler, OriginalWork, Outcome } from "../../workers/runtime/handler.ts";
import { enqueueJobs, getJob, type Job, nudge } from "../../lib/work/jobs/jobs.ts";
import { newId } from "../../lib/platform/ids.ts";

const RESERVED = ["transcode", "transcript"];

export interface Seed {
  ctx: Ctx;
  assetId: string;
  jobs: Job[];
}

/** Creates a tenant, an asset with these bytes as its original, and jobs of these kinds. */
export async function seedWork(
  platform: Platform,
  kinds: string[],
  content = "not really a video",
): Promise<Seed> {
  const ctx = await makeTenant(platform);
  const assetId = newId();
  const bytes = new TextEncoder().encode(content);
  const owner = { tenantCode: ctx.actor.tenantCode, assetId, createdAt: new Date().toISOString() };
  const ref = objectRef(owner, "original", "clip.mp4");
  await platform.storage.put(ref, bytes, { contentType: "video/mp4", contentLength: bytes.length });
  const jobs = await platform.db.asTenant(ctx.actor.tenantId, async (sql) => {
    await sql`
      insert into assets (id, tenant_id, asset_type, title, status, primary_storage_path, created_at)
      values (${assetId}, ${ctx.actor.tenantId}, 'video', 'Clip', 'processing', ${ref.key},
              ${owner.createdAt})`;
    await sql`
      insert into storage_locations
        (id, tenant_id, asset_id, purpose, bucket, path, filename, content_type, file_size_bytes, is_primary)
      values (${newId()}, ${ctx.actor.tenantId}, ${assetId}, 'original', ${
      platform.storage.bucketName("originals")
    },
              ${ref.key}, 'clip.mp4', 'video/mp4', ${bytes.length}, true)`;
    return await enqueueJobs(sql, {
      tenantId: ctx.actor.tenantId,
      assetId,
      orders: ordersOf(kinds),
      requestId: "test-request",
      createdBy: null,
    });
  });
  await nudge(platform);
  return { ctx, assetId, jobs };
}

/** Orders for jobs of these kinds without parameters. */
export function ordersOf(kinds: readonly string[]): JobOrder[] {
  return kinds.map((name) => orderJob(kindNamed(name), {}));
}

type Run = (work: OriginalWork) => Promise<Outcome>;

/** Handlers that do this for the kinds of these names. */
export function handlersOf(runs: Record<string, Run>): Handler[] {
  return Object.entries(runs).map(([name, run]) => ({ kind: kindNamed(name), run: run as Handler["run"] }));
}

/** The declared kind; for a name that the API reserves, a kind that only tests declare. */
export function kindNamed(name: string): JobKind {
  const kind = findJobKind(name);
  if (kind) return kind;
  assert.ok(RESERVED.includes(name), `no kind ${name}`);
  return defineJobKind({ name, payload: noPayload, input: "asset" });
}

async function makeTenant(platform: Platform): Promise<Ctx> {
  const id = newId();
  const code = `t${id.replaceAll("-", "")}`;
  await platform.db.asSystem((sql) =>
    sql`insert into tenants (id, code, name) values (${id}, ${code}, ${code})`
  );
  return {
    ...platform,
    requestId: "test-request",
    actor: makeActor({ tenantId: id, tenantCode: code, role: "admin" }),
  };
}

/** The current jobs of a seed, by kind. */
export async function jobsNow({ ctx, jobs }: Seed): Promise<Record<string, Job>> {
  const now = await Promise.all(jobs.map((job) => getJob(ctx, job.id)));
  return Object.fromEntries(now.map((job) => [job.job_type, job]));
}

export async function assetStatus({ ctx, assetId }: Seed): Promise<string> {
  const [row] = await ctx.db.asTenant(
    ctx.actor.tenantId,
    (sql) => sql<{ status: string }[]>`select status from assets where id = ${assetId}`,
  );
  return row!.status;
}
