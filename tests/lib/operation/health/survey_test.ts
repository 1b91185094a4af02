import assert from "node:assert/strict";
import { markBackup, readBackupMark } from "../../../../lib/operation/health/backup.ts";
import { survey } from "../../../../lib/operation/health/survey.ts";
import type { Platform } from "../../../../lib/platform/platform.ts";
import { foldUsage } from "../../../../lib/tenancy/usage/usage.ts";
import { readMetric } from "../../../support/metrics.ts";
import { openTestPlatform, type TestPlatform } from "../../../support/stack.ts";
import { makeCertificate, serveTls } from "../../../support/tls.ts";
import { seedWork } from "../../../support/work.ts";

let stack: TestPlatform;
let platform: Platform;
Deno.test.beforeAll(async () => {
  stack = await openTestPlatform({ STORAGE_CAPACITY_BYTES: "100" });
  platform = stack.platform;
});
Deno.test.afterAll(() => stack.close());

Deno.test("survey() names the largest tenants and sums up the others", async () => {
  const seeds = [];
  for (let nth = 1; nth <= 22; nth++) seeds.push(await seedWork(platform, [], "x".repeat(nth)));
  await foldUsage(platform);
  await survey(platform);
  const bytes = await readMetric("tenant_bytes");
  const largest = seeds.at(-1)!.ctx.actor.tenantCode;
  assert.equal(Object.keys(bytes).length, 21);
  assert.equal(bytes[`tenant="${largest}",purpose="original"`], 22);
  assert.equal(bytes['tenant="(other)",purpose="original"'], 1 + 2);
  assert.equal((await readMetric("tenant_assets"))['tenant="(other)",type="video"'], 2);
  assert.deepEqual(await readMetric("storage_bytes"), { 'state="size"': 100, 'state="available"': 0 });
});

Deno.test("survey() reports the time of the last backup mark, 0 without one", async () => {
  await survey(platform);
  assert.equal((await readMetric("backup_last_success_timestamp_seconds"))[""], 0);
  await markBackup(platform.storage, new Date("2026-01-02T03:04:05Z"));
  assert.equal((await readBackupMark(platform.storage))?.toISOString(), "2026-01-02T03:04:05.000Z");
  await survey(platform);
  assert.equal(
    (await readMetric("backup_last_success_timestamp_seconds"))[""],
    Date.UTC(2026, 0, 2, 3, 4, 5) / 1000,
  );
  await assert.rejects(markBackup(platform.storage, new Date(Date.now() + 60_000)), { code: "invalid" });
  await assert.rejects(markBackup(platform.storage, new Date("yesterday")), { code: "invalid" });
  await platform.storage.delete({ bucket: "originals", key: "_akashi/last-backup.json" });
});

Deno.test(
  "survey() reports when the certificate at PUBLIC_URL expires, also of an untrusted one",
  async () => {
    const certificate = await makeCertificate(5);
    const server = serveTls(certificate);
    const config = { ...platform.config, PUBLIC_URL: `https://127.0.0.1:${server.port}` };
    await survey({ ...platform, config });
    const [expires] = Object.values(await readMetric("certificate_expires_timestamp_seconds"));
    assert.equal(Math.round((expires! - Date.now() / 1000) / 86_400), 5);
    await server.stop();
    await survey({ ...platform, config });
    assert.deepEqual(await readMetric("certificate_expires_timestamp_seconds"), {});
  },
);

Deno.test("survey() reports infinite lag for a replica that does not answer", async () => {
  const config = { ...platform.config, DATABASE_READ_URL: "postgres://user@127.0.0.1:1/replica" };
  await survey({
    ...platform,
    config,
    db: { ...platform.db, onReplica: () => Promise.reject(new Error("away")) },
  });
  assert.deepEqual(await readMetric("replica_lag_seconds"), { "": Infinity });
  await survey({
    ...platform,
    config,
    db: { ...platform.db, onReplica: () => Promise.resolve(1.5 as never) },
  });
  assert.deepEqual(await readMetric("replica_lag_seconds"), { "": 1.5 });
});

Deno.test("survey() resets the gauges of an unavailable database", async () => {
  await survey(platform);
  assert.ok((await readMetric("postgres_size_bytes"))[""]! > 0);
  await survey({ ...platform, db: { ...platform.db, asOwner: () => Promise.reject(new Error("away")) } });
  assert.deepEqual(await readMetric("postgres_size_bytes"), {});
  assert.deepEqual(await readMetric("postgres_connections"), {});
});
