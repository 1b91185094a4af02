import assert from "node:assert/strict";
import { openTestServer } from "../../../support/server.ts";

Deno.test("groups", async (t) => {
  const server = await openTestServer();
  const admin = await server.client();
  const [ana, bia] = [
    await server.addPerson({ role: "editor" }),
    await server.addPerson({ role: "viewer" }),
  ];
  const made = await admin.json("POST", "/api/v1/groups", { name: " News ", description: "The desk" }, 201);
  const path = `/api/v1/groups/${made.id}`;

  await t.step("a group is created, listed by name and changed; names are unique", async () => {
    assert.equal(made.name, "News");
    assert.deepEqual(made.members, []);
    await admin.json("POST", "/api/v1/groups", { name: "news" }, 409);
    const sport = await admin.json("POST", "/api/v1/groups", { name: "Archive" }, 201);
    const names = (await admin.json("GET", "/api/v1/groups")).map((group: { name: string }) => group.name);
    assert.deepEqual(names, ["Archive", "News"]);
    await admin.json("PATCH", `/api/v1/groups/${sport.id}`, { name: "NEWS" }, 409);
    const changed = await admin.json("PATCH", path, { description: null });
    assert.deepEqual([changed.name, changed.description], ["News", null]);
    const refused = await admin.json("POST", "/api/v1/groups", { name: "  " }, 422);
    assert.equal(refused.errors[0]!.path, "name");
  });

  await t.step("members are added and removed; adding is idempotent", async () => {
    await admin.json("PUT", `${path}/members/${ana.id}`);
    const two = await admin.json("PUT", `${path}/members/${bia.id}`);
    assert.equal(two.member_count, 2);
    assert.equal((await admin.json("PUT", `${path}/members/${bia.id}`)).member_count, 2);
    const one = await admin.json("DELETE", `${path}/members/${bia.id}`);
    assert.deepEqual(one.members.map((member: { email: string }) => member.email), [ana.email]);
    await admin.json("DELETE", `${path}/members/${bia.id}`, undefined, 404);
  });

  await t.step("an account of another tenant is not found", async () => {
    const stranger = await server.addPerson({ tenant: "other" });
    const unknown = "0198c0de-0000-7000-8000-000000000000";
    for (const id of [stranger.id, unknown]) {
      const refused = await admin.json("PUT", `${path}/members/${id}`, undefined, 404);
      assert.equal(refused.detail, "There is no such person.");
    }
  });

  await t.step("editors see groups to share with, viewers do not, and neither changes them", async () => {
    const [editor, viewer] = [await server.client(ana), await server.client(bia)];
    assert.equal((await editor.json("GET", path)).members.length, 1);
    await viewer.json("GET", "/api/v1/groups", undefined, 403);
    await editor.json("POST", "/api/v1/groups", { name: "Mine" }, 403);
  });

  await t.step("a tenant has at most five hundred groups", async () => {
    const { tenantId } = ana;
    await server.platform.db.asTenant(
      tenantId,
      (sql) =>
        sql`insert into groups (id, tenant_id, name)
            select gen_random_uuid(), ${tenantId}, 'Group ' || n from generate_series(1, 498) n`,
    );
    const refused = await admin.json("POST", "/api/v1/groups", { name: "One more" }, 409);
    assert.equal(refused.detail, "There are 500 groups, which is the most.");
    assert.equal(refused.reason, "group.too_many");
  });

  await t.step("a deleted group is not found, and every change is audited", async () => {
    await admin.json("DELETE", path);
    await admin.json("GET", path, undefined, 404);
    const { items } = await admin.json("GET", `/api/v1/audit?target_id=${made.id}`);
    assert.deepEqual(items.map((entry: { action: string }) => entry.action), [
      "group.delete",
      "group.remove_member",
      "group.add_member",
      "group.add_member",
      "group.update",
      "group.create",
    ]);
    assert.deepEqual(items[0]!.before!.members, [ana.email]);
  });

  await server.close();
});
