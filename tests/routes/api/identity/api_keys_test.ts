import assert from "node:assert/strict";
import { isKey, newKey } from "../../../../lib/identity/api_keys/secret.ts";
import { type Client, openTestServer } from "../../../support/server.ts";

const KEYS = "/api/v1/api-keys";

Deno.test("API keys", async (t) => {
  const server = await openTestServer();
  const admin = await server.client(await server.addPerson({ role: "admin" }));
  const person = await server.addPerson({ role: "editor" });
  const editor = await server.client(person);
  const make = (by: Client, body: object = {}, status = 201) =>
    by.json("POST", KEYS, { name: "Ingest", ...body }, status);
  const ask = async (key: string, method = "GET", path = "/api/v1/assets", body?: object) => {
    const response = await fetch(server.url + path, {
      method,
      headers: { Authorization: `Bearer ${key}`, ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    await response.body?.cancel();
    return response.status;
  };

  await t.step("a key is returned once, listed by its prefix, stored as an HMAC", async () => {
    const made = await make(editor);
    assert.match(made.key, /^aks_[0-9A-Za-z]{36}$/);
    assert.ok(isKey(made.key));
    assert.deepEqual(made.scopes, ["read"]);
    const listed = await editor.json("GET", KEYS);
    assert.equal(listed[0].key_prefix, made.key.slice(0, 12));
    assert.equal(listed[0].key, undefined);
    const [row] = await server.platform.db.asSystem((sql) =>
      sql`select * from api_keys where id = ${made.id}`
    );
    assert.ok(!JSON.stringify(row).includes(made.key.slice(12)));
  });

  await t.step(
    "both headers accept a key; one with a wrong checksum or unknown is unauthenticated",
    async () => {
      const { key } = await make(editor);
      assert.equal(await ask(key), 200);
      const header = await fetch(`${server.url}/api/v1/auth/me`, { headers: { "X-API-Key": key } });
      assert.equal((await header.json()).id, person.id);
      for (const bad of [newKey(), key.slice(0, -1) + (key.endsWith("a") ? "b" : "a"), "aks_", "aks_x"]) {
        assert.equal(await ask(bad), 401, bad);
        const answer = await fetch(`${server.url}/api/v1/auth/me`, { headers: { "X-API-Key": bad } });
        assert.equal(answer.status, 401);
        await answer.body?.cancel();
      }
    },
  );

  await t.step("last use is noted with its address", async () => {
    const { id, key } = await make(editor);
    assert.equal((await editor.json("GET", `${KEYS}/${id}`)).last_used_at, null);
    await ask(key);
    const used = await editor.json("GET", `${KEYS}/${id}`);
    assert.ok(used.last_used_at);
    assert.equal(used.last_used_from, "127.0.0.1");
  });

  await t.step("a key has the rights that its scopes and its owner's role both allow", async () => {
    const read = await make(editor);
    const write = await make(editor, { scopes: ["write"] });
    const asset = { title: "by key" };
    assert.equal(await ask(read.key, "POST", "/api/v1/assets", asset), 403);
    assert.equal(await ask(write.key, "POST", "/api/v1/assets", asset), 201);
    assert.equal(await ask(write.key, "GET", "/api/v1/auth/users"), 403);
    const tame = await make(admin, { scopes: ["read", "write"] });
    const full = await make(admin, { scopes: ["admin"] });
    assert.equal(await ask(tame.key, "GET", "/api/v1/auth/users"), 403);
    assert.equal(await ask(tame.key, "POST", "/api/v1/jobs/process-pending?sync=1"), 200);
    assert.equal(await ask(full.key, "GET", "/api/v1/auth/users"), 200);
    const root = await server.client(await server.addPerson({ superuser: true }));
    const modest = await make(root, { scopes: ["write"] });
    assert.equal(await ask(modest.key, "GET", "/api/v1/tenants"), 403);
    assert.equal(await ask((await make(root, { scopes: ["admin"] })).key, "GET", "/api/v1/tenants"), 200);
    await make(editor, { scopes: ["admin"] }, 403);
  });

  await t.step("a key can neither create keys nor change how its owner signs in", async () => {
    const { id, key } = await make(admin, { scopes: ["admin"] });
    const change = { current_password: "x", new_password: "three blue herons" };
    assert.equal(await ask(key, "POST", KEYS, { name: "child" }), 403);
    assert.equal(await ask(key, "PATCH", `${KEYS}/${id}`, { scopes: ["read"] }), 403);
    assert.equal(await ask(key, "POST", "/api/v1/auth/me/change-password", change), 403);
    assert.equal(await ask(key, "POST", "/api/v1/auth/logout-all"), 403);
    assert.equal(await ask(key, "POST", "/api/v1/auth/logout"), 403);
  });

  await t.step("a key loses rights with its owner: demoted, deactivated, tenant suspended", async () => {
    const owner = await server.addPerson({ role: "editor", tenant: "follow" });
    const { key } = await make(await server.client(owner), { scopes: ["write"] });
    const set = (column: "role" | "is_active", value: string | boolean) =>
      server.platform.db.asSystem((sql) =>
        sql`update users set ${sql({ [column]: value } as { role: string })} where id = ${owner.id}`
      );
    await set("role", "viewer");
    assert.equal(await ask(key, "POST", "/api/v1/assets", { title: "no" }), 403);
    await set("is_active", false);
    assert.equal(await ask(key), 401);
    await set("is_active", true);
    assert.equal(await ask(key), 200);
    await server.platform.db.asSystem((sql) =>
      sql`update tenants set status = 'suspended' where code = 'follow'`
    );
    assert.equal(await ask(key), 401);
  });

  await t.step("a key stops working when revoked, deleted or expired", async () => {
    const [one, two, three] = [
      await make(editor),
      await make(editor),
      await make(editor, { expires_in_days: 1 }),
    ];
    assert.ok((await editor.json("POST", `${KEYS}/${one.id}/revoke`)).revoked_at);
    await editor.json("POST", `${KEYS}/${one.id}/revoke`);
    assert.equal(await ask(one.key), 401);
    const gone = await editor.fetch(`${KEYS}/${two.id}`, { method: "DELETE" });
    assert.equal(gone.status, 204);
    assert.equal(await ask(two.key), 401);
    await editor.json("GET", `${KEYS}/${two.id}`, undefined, 404);
    assert.equal(await ask(three.key), 200);
    await server.platform.db.asSystem((sql) =>
      sql`update api_keys set expires_at = now() where id = ${three.id}`
    );
    assert.equal(await ask(three.key), 401);
    assert.equal((await editor.json("GET", `${KEYS}/${three.id}`)).is_active, false);
    for (const expires_in_days of [0, 366, 1.5]) await make(editor, { expires_in_days }, 422);
    await make(editor, { scopes: [] }, 422);
    await make(editor, { scopes: ["all"] }, 422);
  });

  await t.step(
    "members see their own keys, administrators all, which they revoke but cannot change",
    async () => {
      const { id, key } = await make(editor);
      const other = await server.client(await server.addPerson({ role: "manager" }));
      assert.deepEqual(await other.json("GET", KEYS), []);
      await other.json("GET", `${KEYS}/${id}`, undefined, 404);
      await other.json("POST", `${KEYS}/${id}/revoke`, undefined, 404);
      assert.ok((await admin.json("GET", KEYS)).some((each: { id: string }) => each.id === id));
      await admin.json("PATCH", `${KEYS}/${id}`, { name: "taken over" }, 404);
      assert.equal((await editor.json("PATCH", `${KEYS}/${id}`, { name: "renamed" })).name, "renamed");
      await admin.json("POST", `${KEYS}/${id}/revoke`);
      assert.equal(await ask(key), 401);
    },
  );

  await server.close();
});
