import assert from "node:assert/strict";
import { mendClockSteps } from "../../../../lib/work/jobs/clock_steps.ts";
import { openTestPlatform } from "../../../support/stack.ts";
import { seedWork } from "../../../support/work.ts";

Deno.test("mendClockSteps() makes jobs from the future due, bounds leases, and leaves backoff alone", async () => {
  const { platform, close } = await openTestPlatform();
  try {
    const [waiting, running, postponed] = await Promise.all(
      [0, 1, 2].map(async () => (await seedWork(platform, ["metadata"])).jobs[0]!.id),
    );
    await platform.db.asOwner(async (sql) => {
      await sql`update jobs set run_after = now() + interval '1 hour', updated_at = now() + interval '1 hour'
                where id = ${waiting!}`;
      await sql`update jobs set status = 'processing', lease_expires_at = now() + interval '1 hour' where id = ${running!}`;
      await sql`update jobs set run_after = now() + interval '5 minutes', updated_at = now() where id = ${postponed!}`;
    });
    assert.equal(await mendClockSteps(platform.db, 60), 2);
    assert.equal(await mendClockSteps(platform.db, 60), 0);
    const rows = await platform.db.asOwner((sql) =>
      sql<{ id: string; due: boolean; lease: boolean }[]>`
        select id, run_after <= now() as due, lease_expires_at <= now() + interval '1 minute' as lease from jobs`
    );
    const by = new Map(rows.map((row) => [row.id, row]));
    assert.equal(by.get(waiting!)!.due, true);
    assert.equal(by.get(running!)!.lease, true);
    assert.equal(by.get(postponed!)!.due, false);
  } finally {
    await close();
  }
});
