// Scheduled audit work: heads of chains are copied to the object store, old entries are pruned.
import assert from "node:assert/strict";
import { GENESIS_HASH, hashStatement } from "../../../lib/audit/chain.ts";
import { noteHeads, readNotedHeads } from "../../../lib/audit/heads.ts";
import { pruneAudit } from "../../../lib/audit/retention.ts";
import { verifyAudit } from "../../../lib/audit/verify.ts";
import { newId } from "../../../lib/platform/ids.ts";
import type { Platform } from "../../../lib/platform/platform.ts";
import { openTestPlatform, type TestPlatform } from "../../support/stack.ts";

const DAY_MS = 24 * 3600 * 1000;

let stack: TestPlatform;
let platform: Platform;
Deno.test.beforeAll(async () => {
  stack = await openTestPlatform();
  platform = stack.platform;
});
Deno.test.afterAll(() => stack.close());

Deno.test("noteHeads() writes once an hour and never overwrites", async () => {
  // A platform of its own, because nothing is written only while no tenant at all has an entry.
  const empty = await openTestPlatform();
  const tenant = await addTenant(empty.platform);
  const at = (iso: string) => ({ ...empty.platform, clock: { now: () => Date.parse(iso) } });
  await noteHeads(at("2026-11-24T19:00:00Z"));
  assert.deepEqual(await Array.fromAsync(readNotedHeads(empty.platform.storage)), []);
  await append(tenant, 10, 3);
  await Promise.all([noteHeads(at("2026-11-24T19:01:00Z")), noteHeads(at("2026-11-24T19:02:00Z"))]);
  await append(tenant, 1, 3);
  await noteHeads(at("2026-11-24T19:59:59Z"));
  const heads = await Array.fromAsync(readNotedHeads(empty.platform.storage));
  assert.deepEqual(heads.map(({ tenant, seq }) => ({ tenant, seq })), [{ tenant: tenant.code, seq: 10 }]);
  await noteHeads(at("2026-11-24T20:00:00Z"));
  assert.deepEqual(await notedSeqs(tenant), [10, 11]);
  assert.deepEqual(await problemsOf(tenant), []);
  await empty.close();
});

Deno.test("pruneAudit() deletes nothing without a setting, and with one older entries but never the head", async () => {
  const tenant = await addTenant();
  await appendNoted(tenant, 10, 3);
  await appendNoted(tenant, 1, 3);
  assert.equal(await pruneAudit(platform), 0);
  await append(tenant, 2, 0);
  assert.equal(await pruneAudit(keeping(4)), 0);
  assert.equal(await pruneAudit(keeping(2)), 11);
  assert.deepEqual(await seqsOf(tenant), [12, 13, 14]);
  assert.equal(await pruneAudit(keeping(2)), 0);
  assert.deepEqual(await problemsOf(tenant), []);
});

Deno.test("verifyAudit() reports entries that were deleted without a prune", async () => {
  const tenant = await addTenant();
  await appendNoted(tenant, 10, 3);
  await appendNoted(tenant, 1, 3);
  await append(tenant, 2, 0);
  await pruneAudit(keeping(2));
  await deleteAsOwner(tenant, 12);
  assert.deepEqual(await problemsOf(tenant), [
    "entries 1 to 12 are missing",
    "entry 10 is not the one noted, or was cut off",
    "entry 11 is not the one noted, or was cut off",
  ]);
});

Deno.test("verifyAudit() detects a truncated chain by the noted heads alone", async () => {
  const tenant = await addTenant();
  await appendNoted(tenant, 3, 0);
  await deleteAsOwner(tenant, 3);
  assert.deepEqual(await problemsOf(tenant), ["entry 3 is not the one noted, or was cut off"]);
});

Deno.test("entries at most a day old cannot be pruned", async () => {
  const { id } = await addTenant();
  const call = platform.db.asSystem((sql) => sql`select * from prune_audit_entries(${id}, now(), 10)`);
  await assert.rejects(call, /kept for a day/);
  const app = platform.db.asTenant(
    id,
    (sql) => sql`select * from prune_audit_entries(${id}, '2020-01-01', 10)`,
  );
  await assert.rejects(app, /permission denied/);
});

interface Tenant {
  id: string;
  code: string;
  on: Platform;
}

async function addTenant(on = platform): Promise<Tenant> {
  const id = newId();
  const code = `t${id.replaceAll("-", "")}`;
  await on.db.asSystem((sql) => sql`insert into tenants (id, code, name) values (${id}, ${code}, ${code})`);
  return { id, code, on };
}

/** The platform with this retention. */
function keeping(days: number): Platform {
  return { ...platform, config: { ...platform.config, AUDIT_RETENTION_DAYS: days } };
}

let hoursNoted = 0;

/** Appends entries and notes all heads, in an hour of its own. */
async function appendNoted(tenant: Tenant, count: number, daysAgo: number): Promise<void> {
  await append(tenant, count, daysAgo);
  const now = Date.UTC(2026, 10, 24, hoursNoted++);
  await noteHeads({ ...tenant.on, clock: { now: () => now } });
}

/** Appends entries that are dated some days back. */
function append({ id, on }: Tenant, count: number, daysAgo: number): Promise<void> {
  return on.db.asSystem(async (sql) => {
    for (let i = 0; i < count; i++) {
      const [head] = await sql<{ seq: number; hash: string }[]>`
        select seq, hash from audit_entries where tenant_id = ${id} order by seq desc limit 1`;
      const statement = {
        id: newId(),
        tenant_id: id,
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

/** Deletes an entry as the owner of the database, whom no row level policy stops. */
async function deleteAsOwner({ id, on }: Tenant, seq: number): Promise<void> {
  await on.db.asOwner((sql) => sql`alter table audit_entries no force row level security`);
  await on.db.asOwner((sql) => sql`delete from audit_entries where tenant_id = ${id} and seq = ${seq}`);
  await on.db.asOwner((sql) => sql`alter table audit_entries force row level security`);
}

async function notedSeqs({ code, on }: Tenant): Promise<number[]> {
  const heads = await Array.fromAsync(readNotedHeads(on.storage));
  return heads.filter(({ tenant }) => tenant === code).map(({ seq }) => seq);
}

/** The problems of this tenant's chain, without its code. */
async function problemsOf({ code, on }: Tenant): Promise<string[]> {
  const { problems } = await verifyAudit(on.db, await Array.fromAsync(readNotedHeads(on.storage)));
  const start = `${code}: `;
  return problems.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
}

async function seqsOf({ id, on }: Tenant): Promise<number[]> {
  const rows = await on.db.asSystem((sql) =>
    sql<{ seq: number }[]>`select seq from audit_entries where tenant_id = ${id} order by seq`
  );
  return rows.map(({ seq }) => seq);
}
