import assert from "node:assert/strict";
import { tinyPng } from "../../support/media.ts";
import { openTestServer, type TestServer } from "../../support/server.ts";

interface Schema {
  type: string | string[];
  pattern: string;
  required: string[];
  properties: Record<string, Schema>;
}

interface OpenApiDocument {
  components: { schemas: Record<string, Schema> };
  paths: Record<string, { post: { requestBody: { content: Record<string, { schema: Schema }> } } }>;
}

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("patterns of ids match ids, and have no flags, which JSON Schema does not know", async () => {
  const client = await server.client();
  const body = new FormData();
  body.set("file", new File([tinyPng()], "a.png"));
  const ingested = await client.fetch("/api/v1/ingest", { method: "POST", body });
  const { jobs }: { jobs: { id: string }[] } = await ingested.json();
  const document = await readDocument();
  const { pattern } = document.components.schemas.Job!.properties.id!;
  assert.match(jobs[0]!.id, new RegExp(pattern, "u"));
  assert.deepEqual(JSON.stringify(document).match(/"pattern":"[^"]*\/[a-z]+"/g), null);
});

Deno.test("whole numbers are integers, and enumerations list all values", async () => {
  const { AssetSummary, Asset } = (await readDocument()).components.schemas;
  for (const name of ["width", "height", "frame_rate_num", "frame_rate_den"]) {
    assert.deepEqual(AssetSummary!.properties[name]!.type, ["integer", "null"], name);
  }
  const rotation = { type: "integer", enum: [0, 90, 180, 270] };
  assert.deepEqual(AssetSummary!.properties.rotation, rotation);
  assert.deepEqual(Asset!.properties.technical_metadata!.properties.rotation, rotation);
});

Deno.test("upload forms require a file", async () => {
  const { paths } = await readDocument();
  for (const path of ["/ingest", "/assets/{id}/upload"]) {
    const { schema } = paths[path]!.post.requestBody.content["multipart/form-data"]!;
    assert.deepEqual(schema.required, ["file"], path);
    assert.deepEqual(schema.properties.file, { type: "string", format: "binary" });
  }
});

async function readDocument(): Promise<OpenApiDocument> {
  return await (await fetch(`${server.url}/api/v1/openapi.json`)).json();
}
