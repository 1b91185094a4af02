// Assets for tests of pages: a picture that waits for a worker, one whose work failed, and many plain rows.
import assert from "node:assert/strict";
import { newId } from "../../lib/platform/ids.ts";
import { tinyPng } from "./media.ts";
import type { Client, Person, TestServer } from "./server.ts";

/** Ingests a small picture; without a worker its jobs stay pending. Returns the id of the asset. */
export async function ingestPicture(server: TestServer, person: Person, name = "pixel.png"): Promise<string> {
  return await ingestFile(await server.client(person), new File([tinyPng()], name));
}

/** Ingests a file with these form fields. Returns the id of the asset. */
export async function ingestFile(
  client: Client,
  file: File,
  fields: Record<string, string> = {},
): Promise<string> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  // The server reads the form as a stream and takes only the fields that come before the file.
  form.set("file", file);
  const response = await client.fetch("/api/v1/ingest", { method: "POST", body: form });
  assert.equal(response.status, 201, await response.clone().text());
  return (await response.json() as { asset_id: string }).asset_id;
}

/** Fails an asset and its first job as a worker would, by default for a file that it cannot read. Returns the job's id. */
export async function failWork(
  server: TestServer,
  { tenantId }: Person,
  assetId: string,
  code = "unreadable",
): Promise<string> {
  return await server.platform.db.asTenant(tenantId, async (sql) => {
    await sql`update assets set status = 'failed', failure_code = ${code} where id = ${assetId}`;
    const [job] = await sql<{ id: string }[]>`
      update jobs set status = 'failed', error_code = ${code}, error_message = 'no moov atom', finished_at = now()
      where id = (select id from jobs where asset_id = ${assetId} order by id limit 1)
      returning id`;
    return job!.id;
  });
}

/** Inserts this many available assets, "Seeded 000" the oldest. */
export async function seedAssets(
  server: TestServer,
  { tenantId }: Person,
  count: number,
  type: "document" | "video" = "document",
): Promise<void> {
  await server.platform.db.asTenant(tenantId, async (sql) => {
    for (let index = 0; index < count; index++) {
      const title = `Seeded ${String(index).padStart(3, "0")}`;
      await sql`
        insert into assets (id, tenant_id, asset_type, title, status)
        values (${newId()}, ${tenantId}, ${type}, ${title}, 'available')`;
    }
  });
}
