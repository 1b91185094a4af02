import assert from "node:assert/strict";
import { type HtmlPage, PARTIAL, visit, type Visitor } from "../../../support/pages.ts";
import { openTestServer, type Person, type TestServer } from "../../../support/server.ts";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("a private asset is hidden from colleagues and marked on its card", async () => {
  const { maker, path } = await makeAsset();
  const colleague = await visit(server, { role: "editor" });
  assert.equal((await colleague.get(path)).status, 200);
  const page = await maker.submit(await maker.get(`${path}?tab=access`), "#access", {
    visibility: "private",
  });
  assert.equal(page.path, `${path}?tab=access`);
  assert.ok(page.has("#access input[value=private][checked]"));
  assert.ok((await maker.get("/")).has(`#asset-${path.split("/").at(-1)} .card__lock`));
  const hidden = await colleague.get(path);
  assert.equal(hidden.status, 404);
  assert.equal(hidden.text("h1"), "There is nothing here");
});

Deno.test("a private asset is shared with a colleague, who may look and decide nothing, and unshared", async () => {
  const { maker, path } = await makeAsset();
  const colleague = await visit(server, { role: "editor" });
  const shared = await share(maker, path, colleague.person);
  const right = `user:${colleague.person.id}`;
  assert.equal(shared.value(`#access select[name='${right}']`), "view");
  const seen = await colleague.get(`${path}?tab=access`);
  assert.equal(seen.text("#asset-title"), "Draft");
  assert.ok(!seen.has("#access, #edit, #tab-access"));
  const unshared = await maker.submit(shared, "#access", { [right]: "none" });
  assert.ok(!unshared.has(`#access select[name='${right}']`));
  assert.equal((await colleague.get(path)).status, 404);
});

Deno.test("a colleague with the right to change is offered the form, and still does not decide who sees it", async () => {
  const { maker, path } = await makeAsset();
  const colleague = await visit(server, { role: "editor" });
  await share(maker, path, colleague.person, "edit");
  const page = await colleague.get(path);
  assert.ok(page.has("#edit"));
  assert.ok(!page.has("#tab-access"));
});

Deno.test("htmx gets the panel with a note that it is saved", async () => {
  const { maker, path } = await makeAsset();
  const part = await maker.post(`${path}/access`, { visibility: "internal" }, PARTIAL);
  assert.equal(part.text("#access [role=status]"), "Saved.");
  assert.ok(!part.has("main"));
});

Deno.test("who an asset is shared with is in the language of the reader", async () => {
  const { path } = await makeAsset();
  const admin = await visit(server, { language: "pt-BR" });
  const page = await admin.get(`${path}?tab=access`);
  assert.match(page.text("#access"), /Quem vê .*Ninguém em particular/);
});

async function makeAsset(): Promise<{ maker: Visitor; path: string }> {
  const maker = await visit(server, { role: "editor" });
  const client = await server.client(maker.person);
  const { id } = await client.json("POST", "/api/v1/assets", { title: "Draft", asset_type: "video" }, 201);
  return { maker, path: `/assets/${id}` };
}

/** Makes an asset private and shares it with one account. */
async function share(maker: Visitor, path: string, { id }: Person, right = "view"): Promise<HtmlPage> {
  return await maker.submit(await maker.get(`${path}?tab=access`), "#access", {
    visibility: "private",
    add: `user:${id}`,
    add_right: right,
  });
}
