import assert from "node:assert/strict";
import { safeFilename } from "../../../../lib/library/objects/keys.ts";
import { sweepPendingObjects } from "../../../../lib/library/objects/objects.ts";
import { newId } from "../../../../lib/platform/ids.ts";
import { tinyPng } from "../../../support/media.ts";
import { openTestServer } from "../../../support/server.ts";

Deno.test("sweepPendingObjects() deletes orphaned objects and keeps those with an owner", async () => {
  const server = await openTestServer();
  const { platform } = server;
  const person = await server.addPerson();
  const client = await server.client(person);
  const { asset_id } = await (await client.fetch("/api/v1/ingest/a.png", { method: "PUT", body: tinyPng() }))
    .json();
  const owned = (await client.json("GET", `/api/v1/assets/${asset_id}`)).primary_storage_path;
  const keys = { orphan: "akashi/orphan", fresh: "akashi/fresh", again: "akashi/again", owned };
  for (const key of [keys.orphan, keys.fresh, keys.again]) {
    await platform.storage.put({ bucket: "originals", key }, new Uint8Array([1]), {
      contentType: "text/plain",
    });
  }
  const pend = (path: string, seconds: number) =>
    platform.db.asTenant(
      person.tenantId,
      (sql) =>
        sql`insert into pending_objects (id, tenant_id, bucket, path, expires_at) values (${newId()}, ${person.tenantId},
            ${platform.storage.bucketName("originals")}, ${path}, now() + make_interval(secs => ${seconds}))`,
    );
  await pend(keys.orphan, -1);
  await pend(keys.owned!, -1);
  await pend(keys.fresh, 60);
  await pend(keys.again, -1);
  await pend(keys.again, 60);
  assert.equal(await sweepPendingObjects(platform), 3);
  const there = async (key: string) =>
    await platform.storage.head({ bucket: "originals", key }) !== undefined;
  assert.deepEqual(
    [await there(keys.orphan), await there(keys.owned!), await there(keys.fresh), await there(keys.again)],
    [false, true, true, true],
  );
  assert.equal(await sweepPendingObjects(platform), 0);
  await server.close();
});

Deno.test("safeFilename() makes names that cannot leave their folder and fit every file system", () => {
  for (
    const name of [
      "",
      "..",
      "../../../x",
      "/etc/passwd",
      "a/b\\c",
      "\0",
      ".hidden",
      "é".repeat(400) + ".mp4",
      "🎬".repeat(200),
      `x.${"🎬".repeat(200)}`,
    ]
  ) {
    const safe = safeFilename(name);
    assert.ok(safe.length > 0 && !/[/\\\0]/.test(safe) && !safe.startsWith("."), JSON.stringify(safe));
    assert.ok(new TextEncoder().encode(safe).length <= 200 && safe.isWellFormed());
  }
  assert.equal(safeFilename("é".repeat(400) + ".mp4").slice(-4), ".mp4");
});
