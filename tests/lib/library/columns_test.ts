import assert from "node:assert/strict";
import type { z } from "zod";
import { assetColumns } from "../../../lib/library/assets/columns.ts";
import { locationColumns } from "../../../lib/library/renditions/schema.ts";
import { technicalMetadataSchema } from "../../../lib/library/technical_metadata/schema.ts";
import { openTestServer } from "../../support/server.ts";

Deno.test("the schemas of rows name columns that the tables have, nullable where those are", async () => {
  const server = await openTestServer();
  const tables: Record<string, z.ZodObject> = {
    assets: assetColumns,
    storage_locations: locationColumns,
    technical_metadata: technicalMetadataSchema,
  };
  for (const [table, { shape }] of Object.entries(tables)) {
    const rows = await server.platform.db.asOwner((sql) =>
      sql<{ name: string; nullable: boolean }[]>`
        select column_name as name, is_nullable = 'YES' as nullable from information_schema.columns
        where table_name = ${table} and column_name = any(${Object.keys(shape)})`
    );
    const declared = Object.entries<z.ZodType>(shape).map(([name, column]) => ({
      name,
      nullable: column.safeParse(null).success,
    }));
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    assert.deepEqual([...rows].sort(byName), declared.sort(byName), table);
  }
  await server.close();
});
