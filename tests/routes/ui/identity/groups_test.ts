import assert from "node:assert/strict";
import { visit } from "../../../support/pages.ts";
import { openTestServer, type TestServer } from "../../../support/server.ts";

const CREATE = "form[action='/admin/groups']";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("a group is created, described, filled, emptied and deleted", async () => {
  const admin = await visit(server, { tenant: "desk" });
  const colleague = await server.addPerson({ role: "editor", tenant: "desk" });
  const created = await admin.submit(await admin.get("/admin/groups"), CREATE, { name: "News desk" });
  assert.match(created.path, /^\/admin\/groups\/[0-9a-f-]{36}$/);
  assert.equal(created.title, "News desk");
  assert.match(created.text("main"), /No one is in this group yet/);

  const saved = await admin.submit(created, `form[action='${created.path}']`, {
    description: "Evening news",
  });
  assert.equal(saved.text("#toasts .toast p"), "“News desk” is saved.");
  assert.equal(saved.value("#field-description"), "Evening news");

  const filled = await admin.submit(saved, "form[action$='/members']", { user_id: colleague.id });
  assert.match(filled.row(colleague.email)!, /Editor/);
  assert.match((await admin.get("/admin/groups")).row("News desk")!, /1 member/);

  const emptied = await admin.submit(filled, `form[action$='/members/${colleague.id}/delete']`);
  assert.ok(!emptied.row(colleague.email));

  const gone = await admin.submit(emptied, `.confirm form[action='${created.path}/delete']`);
  assert.equal(gone.path, "/admin/groups");
  assert.equal(gone.text("#toasts .toast p"), "“News desk” is deleted.");
  assert.equal((await admin.get(created.path)).status, 404);
});

Deno.test("a group needs a name", async () => {
  const admin = await visit(server, { language: "pt-BR" });
  const page = await admin.get("/admin/groups");
  assert.equal(page.title, "Grupos");
  const refused = await admin.submit(page, CREATE, { name: "  ", description: "Para nada" });
  assert.equal(refused.status, 422);
  assert.equal(refused.text("#field-name-error"), "Digite um nome de 1 a 255 caracteres.");
  assert.equal(refused.value("#field-description"), "Para nada");
});

Deno.test("a group needs a name of its own, new or renamed", async () => {
  const admin = await visit(server);
  const page = await admin.get("/admin/groups");
  await admin.submit(page, CREATE, { name: "Sports" });
  const other = await admin.submit(page, CREATE, { name: "Culture" });
  const twice = await admin.submit(page, CREATE, { name: "Sports" });
  assert.equal(twice.status, 409);
  assert.equal(twice.text("#field-name-error"), "Another group has this name.");
  const renamed = await admin.submit(other, `form[action='${other.path}']`, { name: "Sports" });
  assert.equal(renamed.status, 409);
  assert.equal(renamed.value("#field-name"), "Sports");
});

Deno.test("beyond the last group the page says the limit, in the reader's language", async () => {
  const person = await server.addPerson({ tenant: "groups-full" });
  await server.platform.db.asTenant(
    person.tenantId,
    (sql) =>
      sql`insert into groups (id, tenant_id, name)
          select gen_random_uuid(), ${person.tenantId}, 'Group ' || n from generate_series(1, 500) n`,
  );
  const texts = {
    en: "Your organisation has 500 groups, which is the most. Delete one first.",
    "pt-BR": "Sua organização já tem 500 grupos, que é o máximo. Exclua um antes.",
  } as const;
  for (const language of ["en", "pt-BR"] as const) {
    const admin = await visit(server, { tenant: "groups-full", language });
    const refused = await admin.submit(await admin.get("/admin/groups"), CREATE, { name: "One too many" });
    assert.equal(refused.status, 409);
    assert.equal(refused.text("#field-name-error"), texts[language]);
    assert.equal(refused.value("#field-name"), "One too many");
  }
});

Deno.test("groups of another tenant are not found", async () => {
  const admin = await visit(server);
  const north = await visit(server, { tenant: "groups-north" });
  const group = await north.submit(await north.get("/admin/groups"), CREATE, { name: "Northern desk" });
  assert.ok(!(await admin.get("/admin/groups")).row("Northern desk"));
  assert.equal((await admin.get(group.path)).status, 404);
  assert.equal((await admin.post(`${group.path}/delete`)).status, 404);
});

Deno.test("a manager sees groups and no form to change them", async () => {
  const admin = await visit(server);
  const group = await admin.submit(await admin.get("/admin/groups"), CREATE, { name: "Archive" });
  const manager = await visit(server, { role: "manager" });
  const page = await manager.get(group.path);
  assert.equal(page.status, 200);
  assert.ok(!page.has("main form[method=post]"));
  assert.equal((await manager.post("/admin/groups", { name: "Own" })).status, 403);
});
