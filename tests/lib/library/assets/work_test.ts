import assert from "node:assert/strict";
import { settleAsset } from "../../../../lib/library/assets/work.ts";
import { tinyPng } from "../../../support/media.ts";
import { openTestServer } from "../../../support/server.ts";

Deno.test({
  name: "settleAsset() settles when the last two jobs end at the same moment",
  // The embedded database runs one transaction at a time, so this race cannot happen there.
  ignore: !Deno.env.get("DATABASE_URL"),
  fn: async () => {
    const server = await openTestServer();
    const person = await server.addPerson();
    const client = await server.client(person);
    for (let round = 0; round < 5; round++) {
      const ingested = await client.fetch("/api/v1/ingest/a.png", { method: "PUT", body: tinyPng() });
      const { asset_id, jobs } = await ingested.json();
      const [first, ...last] = jobs.map((job: { id: string }) => job.id);
      const end = (id: string, before: Promise<void> = Promise.resolve()) =>
        server.platform.db.asTenant(person.tenantId, async (sql) => {
          await sql`update jobs set status = 'completed' where id = ${id}`;
          both.arrived();
          await before;
          return await settleAsset(sql, asset_id);
        });
      const both = barrier(last.length + 1);
      await end(first);
      const settled = await Promise.all(last.map((id: string) => end(id, both.all)));
      assert.deepEqual(settled.filter(Boolean), ["available"], "one of them, and only one, settles it");
    }
    await server.close();
  },
});

/** Resolves `all` once this many have arrived. */
function barrier(count: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { all: promise, arrived: () => void (--count === 0 && resolve()) };
}
