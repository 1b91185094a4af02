import assert from "node:assert/strict";
import { newId } from "../../../../lib/platform/ids.ts";
import { openTestServer } from "../../../support/server.ts";

Deno.test("deleting an asset for good deletes all its objects, also those beyond what is listed", async () => {
  const server = await openTestServer();
  const { db, storage } = server.platform;
  const person = await server.addPerson({ role: "admin" });
  const client = await server.client(person);
  const { id } = await client.json(
    "POST",
    "/api/v1/assets",
    { title: "Many files", asset_type: "video" },
    201,
  );
  const keys = Array.from({ length: 205 }, (_, nth) => `akashi/many/${nth}`);
  for (const key of keys) {
    await storage.put({ bucket: "proxies", key }, new Uint8Array([1]), { contentType: "text/plain" });
  }
  const rows = keys.map((path) => ({
    id: newId(),
    tenant_id: person.tenantId,
    asset_id: id,
    purpose: "preview",
    bucket: storage.bucketName("proxies"),
    path,
    filename: "a.txt",
    content_type: "text/plain",
    file_size_bytes: 1,
  }));
  await db.asTenant(person.tenantId, (sql) => sql`insert into storage_locations ${sql(rows)}`);
  assert.equal((await client.json("GET", `/api/v1/assets/${id}`)).storage_locations.length, 200);
  await client.json("DELETE", `/api/v1/assets/${id}?hard_delete=true`);
  assert.equal((await storage.list("proxies", "akashi/many/")).objects.length, 0);
  await server.close();
});
