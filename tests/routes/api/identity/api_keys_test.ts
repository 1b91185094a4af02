import assert from "node:assert/strict";
import type { ApiKey } from "../../../../lib/identity/api_keys/schema.ts";
import { isKey, newKey } from "../../../../lib/identity/api_keys/secret.ts";
import type { User } from "../../../../lib/identity/users/schema.ts";
import { bearer, statusOf } from "../../../support/anonymous.ts";
import { type Client, openTestServer, PASSWORD, type TestServer } from "../../../support/server.ts";

const KEYS = "/api/v1/api-keys";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("a key is returned once, listed by its prefix, stored as an HMAC", async () => {
  const editor = await signIn("editor");
  const made = await make(editor);
  assert.match(made.key, /^aks_[0-9A-Za-z]{36}$/);
  assert.ok(isKey(made.key));
  assert.deepEqual(made.scopes, ["read"]);
  const [listed]: ApiKey[] = await editor.json("GET", KEYS);
  assert.equal(listed!.key_prefix, made.key.slice(0, 12));
  assert.ok(!("key" in listed!));
  const [row] = await server.platform.db.asSystem((sql) => sql`select * from api_keys where id = ${made.id}`);
  assert.ok(!JSON.stringify(row).includes(made.key.slice(12)));
});

Deno.test("both headers accept a key; one with a wrong checksum or unknown is unauthenticated", async () => {
  const person = await server.addPerson({ role: "editor" });
  const { key } = await make(await server.client(person));
  assert.equal(await ask(key), 200);
  const header = await fetch(`${server.url}/api/v1/auth/me`, { headers: { "X-API-Key": key } });
  const me: User = await header.json();
  assert.equal(me.id, person.id);
  for (const bad of [newKey(), key.slice(0, -1) + (key.endsWith("a") ? "b" : "a"), "aks_", "aks_x"]) {
    assert.equal(await ask(bad), 401, bad);
    const answer = fetch(`${server.url}/api/v1/auth/me`, { headers: { "X-API-Key": bad } });
    assert.equal(await statusOf(answer), 401);
  }
});

Deno.test("last use of a key is recorded with its address", async () => {
  const editor = await signIn("editor");
  const { id, key } = await make(editor);
  const unused: ApiKey = await editor.json("GET", `${KEYS}/${id}`);
  assert.equal(unused.last_used_at, null);
  await ask(key);
  const used: ApiKey = await editor.json("GET", `${KEYS}/${id}`);
  assert.ok(used.last_used_at);
  assert.equal(used.last_used_from, "127.0.0.1");
});

Deno.test("an editor's key has the rights of its scopes, and never the scope admin", async () => {
  const editor = await signIn("editor");
  const read = await make(editor);
  const write = await make(editor, { scopes: ["write"] });
  const asset = { title: "by key", asset_type: "video" };
  assert.equal(await ask(read.key, "POST", "/api/v1/assets", asset), 403);
  assert.equal(await ask(write.key, "POST", "/api/v1/assets", asset), 201);
  assert.equal(await ask(write.key, "GET", "/api/v1/auth/users"), 403);
  await refuse(editor, { scopes: ["admin"] }, 403);
});

Deno.test("an administrator's key administrates only with the scope admin", async () => {
  const admin = await signIn("admin");
  const tame = await make(admin, { scopes: ["read", "write"] });
  const full = await make(admin, { scopes: ["admin"] });
  assert.equal(await ask(tame.key, "GET", "/api/v1/auth/users"), 403);
  assert.equal(await ask(tame.key, "POST", "/api/v1/jobs/process-pending?sync=1"), 200);
  assert.equal(await ask(full.key, "GET", "/api/v1/auth/users"), 200);
  const root = await server.client(await server.addPerson({ superuser: true }));
  const modest = await make(root, { scopes: ["write"] });
  assert.equal(await ask(modest.key, "GET", "/api/v1/tenants"), 403);
  assert.equal(await ask((await make(root, { scopes: ["admin"] })).key, "GET", "/api/v1/tenants"), 200);
});

Deno.test("a key can neither create keys nor change how its owner signs in", async () => {
  const { id, key } = await make(await signIn("admin"), { scopes: ["admin"] });
  const change = { current_password: "x", new_password: "three blue herons" };
  assert.equal(await ask(key, "POST", KEYS, { name: "child" }), 403);
  assert.equal(await ask(key, "PATCH", `${KEYS}/${id}`, { scopes: ["read"] }), 403);
  assert.equal(await ask(key, "POST", "/api/v1/auth/me/change-password", change), 403);
  assert.equal(await ask(key, "POST", "/api/v1/auth/logout-all"), 403);
  assert.equal(await ask(key, "POST", "/api/v1/auth/logout"), 403);
});

Deno.test("a key loses rights with its owner: demoted, deactivated, tenant suspended", async () => {
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

Deno.test("a revoked key stops working; revoking is idempotent", async () => {
  const editor = await signIn("editor");
  const { id, key } = await make(editor);
  const revoked: ApiKey = await editor.json("POST", `${KEYS}/${id}/revoke`);
  assert.ok(revoked.revoked_at);
  await editor.json("POST", `${KEYS}/${id}/revoke`);
  assert.equal(await ask(key), 401);
});

Deno.test("a deleted key stops working and is not found", async () => {
  const editor = await signIn("editor");
  const { id, key } = await make(editor);
  assert.equal(await statusOf(editor.fetch(`${KEYS}/${id}`, { method: "DELETE" })), 204);
  assert.equal(await ask(key), 401);
  await editor.json("GET", `${KEYS}/${id}`, undefined, 404);
});

Deno.test("an expired key stops working and is listed as inactive", async () => {
  const editor = await signIn("editor");
  const { id, key } = await make(editor, { expires_in_days: 1 });
  assert.equal(await ask(key), 200);
  await server.platform.db.asSystem((sql) => sql`update api_keys set expires_at = now() where id = ${id}`);
  assert.equal(await ask(key), 401);
  const expired: ApiKey = await editor.json("GET", `${KEYS}/${id}`);
  assert.equal(expired.is_active, false);
});

Deno.test("signing out everywhere and a new password end keys when asked to, and only the own", async () => {
  const person = await server.addPerson({ role: "editor" });
  const other = await make(await signIn("editor"));
  const ways: [string, object][] = [
    ["/api/v1/auth/logout-all", {}],
    ["/api/v1/auth/me/change-password", { current_password: PASSWORD, new_password: PASSWORD }],
  ];
  for (const [path, body] of ways) {
    const kept = await make(await server.client(person));
    await (await server.client(person)).json("POST", path, body);
    assert.equal(await ask(kept.key), 200, "keys stay by default");
    const client = await server.client(person);
    await client.json("POST", path, { ...body, end_api_keys: true });
    assert.equal(await ask(kept.key), 401, path);
  }
  const { key } = await make(await server.client(person));
  await (await server.client(person)).json("POST", "/api/v1/auth/logout-all");
  assert.deepEqual([await ask(key), await ask(other.key)], [200, 200]);
  const admin = await signIn("admin");
  const { items } = await admin.json("GET", "/api/v1/audit?action=api_key.revoke");
  assert.ok(items.filter(({ actor_id }) => actor_id === person.id).length >= 2);
});

Deno.test("a key without an end is an explicit choice", async () => {
  const editor = await signIn("editor");
  assert.equal((await make(editor, { expires_in_days: null })).expires_at, null);
  const days = (Date.parse((await make(editor)).expires_at!) - Date.now()) / 86_400_000;
  assert.ok(days > 364 && days <= 365, `${days} days`);
});

Deno.test("a key is refused with a lifetime or scopes that do not exist", async () => {
  const editor = await signIn("editor");
  for (const expires_in_days of [0, 366, 1.5]) await refuse(editor, { expires_in_days }, 422);
  await refuse(editor, { scopes: [] }, 422);
  await refuse(editor, { scopes: ["all"] }, 422);
});

Deno.test("members see their own keys, administrators all, which they revoke but cannot change", async () => {
  const [editor, other, admin] = [await signIn("editor"), await signIn("manager"), await signIn("admin")];
  const { id, key } = await make(editor);
  assert.deepEqual(await other.json("GET", KEYS), []);
  await other.json("GET", `${KEYS}/${id}`, undefined, 404);
  await other.json("POST", `${KEYS}/${id}/revoke`, undefined, 404);
  const all: ApiKey[] = await admin.json("GET", KEYS);
  assert.ok(all.some((each) => each.id === id));
  await admin.json("PATCH", `${KEYS}/${id}`, { name: "taken over" }, 404);
  const renamed: ApiKey = await editor.json("PATCH", `${KEYS}/${id}`, { name: "renamed" });
  assert.equal(renamed.name, "renamed");
  await admin.json("POST", `${KEYS}/${id}/revoke`);
  assert.equal(await ask(key), 401);
});

async function signIn(role: string): Promise<Client> {
  return await server.client(await server.addPerson({ role }));
}

function make(by: Client, fields: object = {}): Promise<ApiKey & { key: string }> {
  return by.json("POST", KEYS, { name: "Ingest", ...fields }, 201);
}

function refuse(by: Client, fields: object, status: 403 | 422): Promise<unknown> {
  return by.json("POST", KEYS, { name: "Ingest", ...fields }, status);
}

/** The status that this key gets. */
function ask(key: string, method = "GET", path = "/api/v1/assets", body?: object): Promise<number> {
  return statusOf(fetch(server.url + path, {
    method,
    headers: { ...bearer(key), ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  }));
}
