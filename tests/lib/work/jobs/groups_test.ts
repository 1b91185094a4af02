import assert from "node:assert/strict";
import { getJobGroup, type JobGroup, listJobGroups } from "../../../../lib/work/jobs/groups.ts";
import { countJobs, enqueueJobs } from "../../../../lib/work/jobs/jobs.ts";
import { findJobKind, orderJob } from "../../../../lib/work/jobs/kinds.ts";
import { AppError } from "../../../../lib/platform/errors.ts";
import { newId } from "../../../../lib/platform/ids.ts";
import { openTestPlatform, type TestPlatform } from "../../../support/stack.ts";
import { type Seed, seedWork } from "../../../support/work.ts";

let test: TestPlatform;
Deno.test.beforeAll(async () => {
  test = await openTestPlatform();
});
Deno.test.afterAll(() => test.close());

Deno.test("listJobGroups() leads through the assets by their newest job, each with all its jobs", async () => {
  const seed = await seedWork(test.platform, ["metadata", "proxy"]);
  const assets = [seed.assetId, await addAsset(seed), await addAsset(seed)].toReversed();
  const pages = [await listJobGroups(seed.ctx, { limit: 2 })];
  pages.push(await listJobGroups(seed.ctx, { limit: 2, cursor: pages[0]!.next_cursor! }));
  assert.deepEqual(pages.map(({ groups }) => idsOf(groups)), [assets.slice(0, 2), assets.slice(2)]);
  assert.equal(pages[1]!.next_cursor, null);
  assert.deepEqual(pages[1]!.groups[0]!.jobs.map(({ job_type }) => job_type), ["metadata", "proxy"]);
});

Deno.test("listJobGroups() puts assets with failed work first, once, but none in the trash", async () => {
  const seed = await seedWork(test.platform, ["metadata", "proxy"]);
  const newer = await addAsset(seed);
  const trashed = await addAsset(seed);
  await fail(seed, seed.assetId);
  await fail(seed, trashed, true);
  const all = await listJobGroups(seed.ctx, { limit: 50 });
  assert.deepEqual([idsOf(all.failed), idsOf(all.groups)], [[seed.assetId], [trashed, newer]]);
  assert.deepEqual(all.groups.map(({ in_trash }) => in_trash), [true, false]);
  const failed = await listJobGroups(seed.ctx, { limit: 50, status: "failed" });
  assert.deepEqual([idsOf(failed.failed), idsOf(failed.groups)], [[], [seed.assetId]]);
  const posters = await listJobGroups(seed.ctx, { limit: 50, job_type: "thumbnail" });
  assert.deepEqual([...posters.failed, ...posters.groups], []);
  assert.equal((await countJobs(seed.ctx)).failed, 1);
});

Deno.test("getJobGroup() finds the asset of a job, not that of another tenant", async () => {
  const seed = await seedWork(test.platform, ["metadata", "proxy"]);
  const group = await getJobGroup(seed.ctx, seed.jobs[1]!.id);
  assert.deepEqual([group.asset_id, group.jobs.length], [seed.assetId, 2]);
  const stranger = await seedWork(test.platform, ["metadata"]);
  await assert.rejects(
    getJobGroup(stranger.ctx, seed.jobs[0]!.id),
    (error) => error instanceof AppError && error.code === "not_found",
  );
});

function idsOf(groups: JobGroup[]): (string | null)[] {
  return groups.map(({ asset_id }) => asset_id);
}

/** Adds an asset with a job to the tenant of `seed`. */
async function addAsset({ ctx: { actor: { tenantId } } }: Seed): Promise<string> {
  const id = newId();
  await test.platform.db.asTenant(tenantId, async (sql) => {
    await sql`
      insert into assets (id, tenant_id, asset_type, title, status)
      values (${id}, ${tenantId}, 'video', 'Clip', 'processing')`;
    const orders = [orderJob(findJobKind("metadata")!, {})];
    await enqueueJobs(sql, { tenantId, assetId: id, orders, requestId: null, createdBy: null });
  });
  return id;
}

async function fail({ ctx }: Seed, assetId: string, inTrash = false): Promise<void> {
  await test.platform.db.asTenant(ctx.actor.tenantId, async (sql) => {
    await sql`update jobs set status = 'failed' where asset_id = ${assetId} and job_type = 'metadata'`;
    if (inTrash) await sql`update assets set status = 'deleted', deleted_at = now() where id = ${assetId}`;
  });
}
