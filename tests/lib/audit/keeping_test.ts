// Scheduled audit work: heads are copied out of the database's reach, old entries are pruned.
import assert from "node:assert/strict";
import { GENESIS_HASH, hashStatement } from "../../../lib/audit/chain.ts";
import { noteHeads, readNotedHeads } from "../../../lib/audit/heads.ts";
import { pruneAudit } from "../../../lib/audit/retention.ts";
import { verifyAudit } from "../../../lib/audit/verify.ts";
import { newId } from "../../../lib/platform/ids.ts";
import { openTestPlatform } from "../../support/stack.ts";

const DAY_MS = 24 * 3600 * 1000;

Deno.test("audit keeping", async (t) => {
  const { platform, config, close } = await openTestPlatform();
  const { db, storage } = platform;
  const tenantId = await addTenant("house");
  const at = (iso: string) => ({ ...platform, clock: { now: () => Date.parse(iso) } });
  const noted = () => Array.fromAsync(readNotedHeads(storage));
  const verify = async () => (await verifyAudit(db, await noted())).problems;
  const seqs = async () =>
    (await db.asSystem((sql) =>
      sql`select seq from audit_entries where tenant_id = ${tenantId} order by seq`
    ))
      .map(({ seq }) => seq);

  await t.step("noteHeads() writes once an hour and never overwrites", async () => {
    await noteHeads(at("2026-11-24T19:00:00Z"));
    assert.deepEqual(await noted(), []);
    await append(10, 3);
    await Promise.all([noteHeads(at("2026-11-24T19:01:00Z")), noteHeads(at("2026-11-24T19:02:00Z"))]);
    await append(1, 3);
    await noteHeads(at("2026-11-24T19:59:59Z"));
    assert.deepEqual((await noted()).map(({ tenant, seq }) => ({ tenant, seq })), [{
      tenant: "house",
      seq: 10,
    }]);
    await noteHeads(at("2026-11-24T20:00:00Z"));
    assert.deepEqual((await noted()).map(({ seq }) => seq), [10, 11]);
    assert.deepEqual(await verify(), []);
  });

  await t.step(
    "pruneAudit() deletes nothing without a setting, and with one older entries but never the head",
    async () => {
      assert.equal(await pruneAudit(platform), 0);
      await append(2, 0);
      const keeping = (days: number) => ({ ...platform, config: { ...config, AUDIT_RETENTION_DAYS: days } });
      assert.equal(await pruneAudit(keeping(4)), 0);
      assert.equal(await pruneAudit(keeping(2)), 11);
      assert.deepEqual(await seqs(), [12, 13, 14]);
      assert.equal(await pruneAudit(keeping(2)), 0);
      assert.deepEqual(await verify(), []);
    },
  );

  await t.step("verifyAudit() reports entries that were deleted without a prune", async () => {
    await asOwner(12);
    assert.deepEqual(await verify(), [
      "house: entries 1 to 12 are missing",
      "house: entry 10 is not the one noted, or was cut off",
      "house: entry 11 is not the one noted, or was cut off",
    ]);
  });

  await t.step("verifyAudit() detects a truncated chain by the noted heads alone", async () => {
    const other = await addTenant("other");
    await append(3, 0, other);
    await noteHeads(at("2026-11-24T21:00:00Z"));
    await asOwner(3, other);
    assert.deepEqual((await verify()).filter((line) => line.startsWith("other")), [
      "other: entry 3 is not the one noted, or was cut off",
    ]);
  });

  await t.step("entries at most a day old cannot be pruned", async () => {
    const call = db.asSystem((sql) => sql`select * from prune_audit_entries(${tenantId}, now(), 10)`);
    await assert.rejects(call, /kept for a day/);
    const app = db.asTenant(
      tenantId,
      (sql) => sql`select * from prune_audit_entries(${tenantId}, '2020-01-01', 10)`,
    );
    await assert.rejects(app, /permission denied/);
  });

  await close();

  async function addTenant(code: string): Promise<string> {
    const id = newId();
    await db.asSystem((sql) => sql`insert into tenants (id, code, name) values (${id}, ${code}, ${code})`);
    return id;
  }

  /** Moves entries some days into the past. */
  function append(count: number, daysAgo: number, tenant = tenantId) {
    return db.asSystem(async (sql) => {
      for (let i = 0; i < count; i++) {
        const [head] =
          await sql`select seq, hash from audit_entries where tenant_id = ${tenant} order by seq desc limit 1`;
        const statement = {
          id: newId(),
          tenant_id: tenant,
          seq: (head?.seq ?? 0) + 1,
          action: "asset.create",
          target_id: null,
          target_name: null,
          actor_id: null,
          actor_name: null,
          api_key_id: null,
          before: null,
          after: null,
          address: null,
          request_id: null,
          created_at: new Date(Date.now() - daysAgo * DAY_MS).toISOString(),
        };
        const previous = head?.hash ?? GENESIS_HASH;
        await sql`insert into audit_entries ${
          sql({ ...statement, previous_hash: previous, hash: hashStatement(previous, statement) })
        }`;
      }
    });
  }

  /** Deletes an entry as the owner of the database. */
  async function asOwner(seq: number, tenant = tenantId) {
    await db.asOwner((sql) => sql`alter table audit_entries no force row level security`);
    await db.asOwner((sql) => sql`delete from audit_entries where tenant_id = ${tenant} and seq = ${seq}`);
    await db.asOwner((sql) => sql`alter table audit_entries force row level security`);
  }
});
