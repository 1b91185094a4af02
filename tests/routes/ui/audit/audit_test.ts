import assert from "node:assert/strict";
import { visit } from "../../../support/pages.ts";
import { openTestServer, type TestServer } from "../../../support/server.ts";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("audit lists who did what, with the changes in words", async () => {
  const admin = await visit(server, { tenant: "audited" });
  const member = await server.addPerson({ role: "viewer", tenant: "audited" });
  await admin.post(`/admin/people/${member.id}`, { role: "editor" });
  const page = await admin.get("/admin/audit");
  assert.equal(page.title, "Audit");
  assert.match(page.row("Person: changed")!, /viewer-.* Role: Viewer Editor admin-/);
  assert.ok(page.row("Session: created"));
});

Deno.test("audit names fields and their values as the pages do, in either language", async () => {
  const admin = await visit(server, { tenant: "fields", language: "pt-BR" });
  const client = await server.client(admin.person);
  await client.json("POST", "/api/v1/assets", { title: "Chuva", asset_type: "video" }, 201);
  const page = await admin.get("/admin/audit");
  assert.match(page.row("Ativo: criação")!, /Título: Chuva .*Tipo: Vídeo/);
});

Deno.test("audit is filtered by action and by whole days, and the export takes the same filter", async () => {
  const admin = await visit(server, { tenant: "filtered" });
  await admin.post("/admin/groups", { name: "News desk" });
  const today = new Date().toISOString().slice(0, 10);
  const page = await admin.submit(await admin.get("/admin/audit"), "form[action='/admin/audit']", {
    action: "group.create",
    from: today,
    to: today,
  });
  assert.equal(page.all("tbody tr").length, 1);
  assert.match(page.row("Group: created")!, /News desk/);
  assert.equal(page.value("[name=action]"), "group.create");
  const [link] = page.all("a[download='audit.csv']");
  const query = new URL(link!.getAttribute("href")!, server.url).searchParams;
  const dayAfter = new Date(Date.parse(today) + 24 * 3600 * 1000).toISOString();
  assert.deepEqual(Object.fromEntries(query), {
    action: "group.create",
    from: `${today}T00:00:00Z`,
    to: dayAfter,
  });
});

Deno.test("audit says in either language when nothing fits the filter", async () => {
  const admin = await visit(server, { language: "pt-BR" });
  const page = await admin.get("/admin/audit?from=2001-01-01&to=2001-01-02");
  assert.equal(page.text(".empty h2"), "Nada aqui");
  assert.ok(page.has(".empty a[href='/admin/audit']"));
});

Deno.test("audit refuses a filter that does not fit", async () => {
  const admin = await visit(server);
  const page = await admin.get("/admin/audit?from=yesterday");
  assert.equal(page.status, 422);
  assert.equal(page.text("h1"), "This address asks for something that does not exist");
});

Deno.test("audit leads on to older entries", async () => {
  const admin = await visit(server, { tenant: "older" });
  for (let nth = 0; nth < 51; nth++) await admin.post("/admin/groups", { name: `Group ${nth}` });
  const page = await admin.get("/admin/audit?action=group.create");
  assert.equal(page.all("tbody tr").length, 50);
  const older = await admin.get(page.all(".center a")[0]!.getAttribute("href")!);
  assert.equal(older.all("tbody tr").length, 1);
  assert.match(older.row("Group: created")!, /Group 0/);
});

Deno.test("audit shows no entry of another tenant, and is for administrators", async () => {
  const north = await visit(server, { tenant: "audit-north" });
  await north.post("/admin/groups", { name: "Northern desk" });
  const south = await visit(server, { tenant: "audit-south" });
  assert.ok(!(await south.get("/admin/audit")).row("Northern desk"));
  const manager = await visit(server, { tenant: "audit-south", role: "manager" });
  assert.equal((await manager.get("/admin/audit")).status, 403);
});
