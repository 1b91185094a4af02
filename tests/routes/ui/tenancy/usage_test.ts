import assert from "node:assert/strict";
import { visit } from "../../../support/pages.ts";
import { openTestServer, type TestServer } from "../../../support/server.ts";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("usage shows what the tenant has, by type, without limits where there are none", async () => {
  const admin = await visit(server, { tenant: "counted" });
  const client = await server.client(admin.person);
  await client.json("POST", "/api/v1/assets", { title: "Counted", asset_type: "video" }, 201);
  const page = await admin.get("/admin/usage");
  assert.equal(page.title, "Usage");
  assert.match(page.row("Assets Without the trash")!, / 1 No limit/);
  assert.match(page.row("People Active")!, / 1 No limit/);
});

Deno.test("usage is in the language of the reader", async () => {
  const admin = await visit(server, { language: "pt-BR" });
  const page = await admin.get("/admin/usage");
  assert.equal(page.title, "Uso");
  assert.match(page.row("Armazenamento")!, /0 bytes? Sem limite/);
});

Deno.test("usage is for administrators", async () => {
  const editor = await visit(server, { role: "editor" });
  assert.equal((await editor.get("/admin/usage")).status, 403);
});
