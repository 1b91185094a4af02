import assert from "node:assert/strict";
import { openTestServer, type TestServer } from "../../../support/server.ts";
import { openTenant } from "../../../support/tenants.ts";

const PATH = "/api/v1/groups";
const UNKNOWN = "0198c0de-0000-7000-8000-000000000000";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("a group is created with a trimmed name and no members, and groups are listed by name", async () => {
  const { admin } = await openTenant(server);
  const made = await admin.json("POST", PATH, { name: " News ", description: "The desk" }, 201);
  assert.equal(made.name, "News");
  assert.deepEqual(made.members, []);
  await admin.json("POST", PATH, { name: "Archive" }, 201);
  assert.deepEqual((await admin.json("GET", PATH)).map(({ name }) => name), ["Archive", "News"]);
});

Deno.test("a name is unique in its tenant without regard to case, and required", async () => {
  const { admin } = await openTenant(server);
  await admin.json("POST", PATH, { name: "News" }, 201);
  await admin.json("POST", PATH, { name: "news" }, 409);
  const { id } = await admin.json("POST", PATH, { name: "Archive" }, 201);
  await admin.json("PATCH", `${PATH}/${id}`, { name: "NEWS" }, 409);
  const refused = await admin.json("POST", PATH, { name: "  " }, 422);
  assert.equal(refused.errors[0]!.path, "name");
});

Deno.test("a change of the description keeps the name", async () => {
  const { admin } = await openTenant(server);
  const { id } = await admin.json("POST", PATH, { name: "News", description: "The desk" }, 201);
  const changed = await admin.json("PATCH", `${PATH}/${id}`, { description: null });
  assert.deepEqual([changed.name, changed.description], ["News", null]);
});

Deno.test("members are added and removed; adding is idempotent", async () => {
  const { admin, addPerson } = await openTenant(server);
  const { id } = await admin.json("POST", PATH, { name: "News" }, 201);
  const [ana, bia] = [await addPerson("editor"), await addPerson("viewer")];
  const members = `${PATH}/${id}/members` as const;
  await admin.json("PUT", `${members}/${ana.id}`);
  const two = await admin.json("PUT", `${members}/${bia.id}`);
  assert.equal(two.member_count, 2);
  assert.equal((await admin.json("PUT", `${members}/${bia.id}`)).member_count, 2);
  const one = await admin.json("DELETE", `${members}/${bia.id}`);
  assert.deepEqual(one.members.map(({ email }) => email), [ana.email]);
  await admin.json("DELETE", `${members}/${bia.id}`, undefined, 404);
});

Deno.test("an account of another tenant is not found", async () => {
  const { admin } = await openTenant(server);
  const { id } = await admin.json("POST", PATH, { name: "News" }, 201);
  const stranger = await server.addPerson({ tenant: "other" });
  for (const person of [stranger.id, UNKNOWN]) {
    const refused = await admin.json("PUT", `${PATH}/${id}/members/${person}`, undefined, 404);
    assert.equal(refused.detail, "There is no such person.");
  }
});

Deno.test("editors see groups to share with, viewers do not, and neither changes them", async () => {
  const { admin, addPerson } = await openTenant(server);
  const { id } = await admin.json("POST", PATH, { name: "News" }, 201);
  const [ana, bia] = [await addPerson("editor"), await addPerson("viewer")];
  await admin.json("PUT", `${PATH}/${id}/members/${ana.id}`);
  const [editor, viewer] = [await server.client(ana), await server.client(bia)];
  assert.equal((await editor.json("GET", `${PATH}/${id}`)).members.length, 1);
  await viewer.json("GET", PATH, undefined, 403);
  await editor.json("POST", PATH, { name: "Mine" }, 403);
  await viewer.json("POST", PATH, { name: "Mine" }, 403);
});

Deno.test("a tenant has at most five hundred groups", async () => {
  const { admin, person: { tenantId } } = await openTenant(server);
  await server.platform.db.asTenant(
    tenantId,
    (sql) =>
      sql`insert into groups (id, tenant_id, name)
          select gen_random_uuid(), ${tenantId}, 'Group ' || n from generate_series(1, 499) n`,
  );
  await admin.json("POST", PATH, { name: "The last" }, 201);
  const refused = await admin.json("POST", PATH, { name: "One more" }, 409);
  assert.equal(refused.detail, "There are 500 groups, which is the most.");
  assert.equal(refused.reason, "group.too_many");
});

Deno.test("a deleted group is not found, and every change is audited", async () => {
  const { admin, addPerson } = await openTenant(server);
  const { id } = await admin.json("POST", PATH, { name: "News", description: "The desk" }, 201);
  const path = `${PATH}/${id}` as const;
  const [ana, bia] = [await addPerson("editor"), await addPerson("viewer")];
  await admin.json("PATCH", path, { description: null });
  await admin.json("PUT", `${path}/members/${ana.id}`);
  await admin.json("PUT", `${path}/members/${bia.id}`);
  await admin.json("PUT", `${path}/members/${bia.id}`);
  await admin.json("DELETE", `${path}/members/${bia.id}`);
  await admin.json("DELETE", path);
  await admin.json("GET", path, undefined, 404);
  const { items } = await admin.json("GET", `/api/v1/audit?target_id=${id}`);
  assert.deepEqual(items.map(({ action }) => action), [
    "group.delete",
    "group.remove_member",
    "group.add_member",
    "group.add_member",
    "group.update",
    "group.create",
  ]);
  assert.deepEqual(items[0]!.before!.members, [ana.email]);
});
