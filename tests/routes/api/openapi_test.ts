import assert from "node:assert/strict";
import { tinyPng } from "../../support/media.ts";
import { openTestServer } from "../../support/server.ts";

Deno.test("the document says what is so", async (t) => {
  const server = await openTestServer();
  const client = await server.client();
  const document = await (await fetch(`${server.url}/api/v1/openapi.json`)).json();

  await t.step("of ids, in patterns without flags, which JSON Schema does not have", async () => {
    const form = new FormData();
    form.set("file", new File([tinyPng()], "a.png"));
    const { jobs } = await (await client.fetch("/api/v1/ingest", { method: "POST", body: form })).json();
    const { pattern } = document.components.schemas.Job.properties.id;
    assert.match(jobs[0].id, new RegExp(pattern, "u"));
    assert.deepEqual(JSON.stringify(document).match(/"pattern":"[^"]*\/[a-z]+"/g), null);
  });

  await t.step("of numbers: which are whole, and all values of an enumeration", () => {
    const { AssetSummary, Asset } = document.components.schemas;
    for (const name of ["width", "height", "frame_rate_num", "frame_rate_den"]) {
      assert.deepEqual(AssetSummary.properties[name].type, ["integer", "null"], name);
    }
    const rotation = { type: "integer", enum: [0, 90, 180, 270] };
    assert.deepEqual(AssetSummary.properties.rotation, rotation);
    assert.deepEqual(Asset.properties.technical_metadata.properties.rotation, rotation);
  });

  await t.step("of forms: they need a file", () => {
    for (const path of ["/ingest", "/assets/{id}/upload"]) {
      const { schema } = document.paths[path].post.requestBody.content["multipart/form-data"];
      assert.deepEqual(schema.required, ["file"], path);
      assert.deepEqual(schema.properties.file, { type: "string", format: "binary" });
    }
  });

  await server.close();
});
