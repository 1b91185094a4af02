import assert from "node:assert/strict";
import { makeActor } from "../../../../lib/access/context.ts";
import { createProvider } from "../../../../lib/identity/providers/providers.ts";
import { newProviderSchema } from "../../../../lib/identity/providers/schema.ts";
import { prepareInstallation } from "../../../../lib/operation/setup/setup.ts";
import { unseal } from "../../../../lib/platform/secrets.ts";
import { type Client, openTestServer, type TestServer } from "../../../support/server.ts";
import { openTenant } from "../../../support/tenants.ts";

const PATH = "/api/v1/providers";
const FIELDS = { name: " TV login ", issuer: "https://login.example.org/realms/tv", client_id: "akashi" };
const SECRET = "what the provider gave us";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("a provider is created with safe defaults, and listed without its secret", async () => {
  const { admin, made, path } = await openProvider();
  assert.deepEqual([made.name, made.has_client_secret, made.is_enabled], ["TV login", true, true]);
  assert.deepEqual([made.creates_users, made.links_users, made.is_strong], [false, false, false]);
  assert.deepEqual([made.default_role, made.scopes], ["viewer", ["openid", "email", "profile"]]);
  assert.deepEqual(await admin.json("GET", PATH), [made]);
  const stored = await storedSecret(made.id);
  for (const where of [PATH, path, "/api/v1/audit", "/admin/providers", `/admin/providers/${made.id}`]) {
    const text = await (await admin.fetch(where)).text();
    assert.ok(text.includes("TV login") && !text.includes(SECRET) && !text.includes(stored), where);
  }
  assert.equal((await latestEntry(admin)).action, "provider.create");
});

Deno.test("invalid fields are refused by path", async () => {
  const { admin, path } = await openProvider();
  const refused: [object, string][] = [
    [{ name: " " }, "name"],
    [{ issuer: "login.example.org" }, "issuer"],
    [{ issuer: "ftp://login.example.org" }, "issuer"],
    [{ issuer: "https://me@login.example.org" }, "issuer"],
    [{ issuer: "https://login.example.org/?a=b" }, "issuer"],
    [{ scopes: ["email"] }, "scopes"],
    [{ scopes: ["openid", "two words"] }, "scopes.1"],
    [{ email_domains: ["@example.org"] }, "email_domains.0"],
    [{ group_roles: { staff: "owner" } }, "group_roles.staff"],
    [{ default_role: "owner" }, "default_role"],
  ];
  for (const [fields, where] of refused) {
    const { errors } = await admin.json("PATCH", path, fields, 422);
    assert.equal(errors[0]!.path, where, JSON.stringify(fields));
  }
});

Deno.test("updateProvider() keeps the client secret when the change does not name it", async () => {
  const { admin, made, path } = await openProvider();
  const before = await storedSecret(made.id);
  const roles = { group_claim: "groups", group_roles: { newsroom: "editor" } };
  const changed = await admin.json("PATCH", path, { ...roles, email_domains: ["Example.ORG"] });
  assert.deepEqual(changed.group_roles, { newsroom: "editor" });
  assert.deepEqual(changed.email_domains, ["example.org"]);
  assert.deepEqual((await latestEntry(admin)).after!.group_roles, { newsroom: "editor" });
  assert.equal(await storedSecret(made.id), before);
  await admin.json("PATCH", path, {});
  assert.equal(await storedSecret(made.id), before);
});

Deno.test("a client secret is replaced or removed, and the audit trail does not show it", async () => {
  const { admin, made, path } = await openProvider();
  await admin.json("PATCH", path, { client_secret: "another one" });
  assert.deepEqual((await latestEntry(admin)).after, { client_secret: "replaced" });
  const stored = await storedSecret(made.id);
  assert.equal(unseal(server.config, "oidc-client-secret", made.id, stored)!.text, "another one");
  assert.equal((await admin.json("PATCH", path, { client_secret: null })).has_client_secret, false);
});

Deno.test("an empty secret on the page keeps the stored one, which is removed on request only", async () => {
  const { admin, made, path } = await openProvider();
  const { name, issuer, client_id, default_role } = made;
  const form = { name, issuer, client_id, default_role, scopes: "openid", client_secret: "" };
  const save = async (fields: Record<string, string>) => {
    const page = `/admin/providers/${made.id}`;
    const answer = await admin.fetch(page, { method: "POST", body: new URLSearchParams(fields) });
    assert.equal(answer.url, `${server.url}${page}`, await answer.text());
    return (await admin.json("GET", path)).has_client_secret;
  };
  assert.equal(await save(form), true);
  assert.equal(await save({ ...form, no_secret: "true" }), false);
});

Deno.test("another issuer requires its own client secret", async () => {
  const { admin, path } = await openProvider();
  const moved = await admin.json("PATCH", path, { issuer: "https://elsewhere.example" }, 422);
  assert.equal(moved.errors[0]!.path, "client_secret", "another issuer must not receive the stored secret");
  await admin.json("PATCH", path, { issuer: FIELDS.issuer });
});

Deno.test("a start with another AKASHI_SECRET seals the client secret again", async () => {
  const { made } = await openProvider();
  const before = await storedSecret(made.id);
  const config = { ...server.config, AKASHI_SECRET: "the secret that comes after, which is long enough" };
  await prepareInstallation({
    ...server.platform,
    config: { ...config, AKASHI_SECRET_PREVIOUS: server.config.AKASHI_SECRET },
  });
  const after = await storedSecret(made.id);
  assert.notEqual(after, before);
  assert.equal(unseal(config, "oidc-client-secret", made.id, after)!.text, SECRET);
});

Deno.test("managers see no providers", async () => {
  const manager = await server.client(await server.addPerson({ role: "manager" }));
  await manager.json("GET", PATH, undefined, 403);
});

Deno.test("an API key lists providers and creates none", async () => {
  const { admin } = await openTenant(server);
  const { key } = await admin.json("POST", "/api/v1/api-keys", { name: "all", scopes: ["admin"] }, 201);
  const byKey = async (method: string, body?: object) => {
    const headers = { "X-API-Key": key, "Content-Type": "application/json" };
    const response = await fetch(server.url + PATH, { method, headers, body: body && JSON.stringify(body) });
    await response.body?.cancel();
    return response.status;
  };
  assert.deepEqual([await byKey("GET"), await byKey("POST", FIELDS)], [200, 403]);
});

Deno.test("a tenant has at most twenty providers", async () => {
  const { admin } = await openProvider();
  for (let count = 1; count < 20; count++) await admin.json("POST", PATH, FIELDS, 201);
  await admin.json("POST", PATH, FIELDS, 409);
});

Deno.test("createProvider() refuses a plain http issuer in production", async () => {
  const ctx = {
    ...server.platform,
    config: { ...server.config, APP_ENV: "production" as const },
    requestId: "x",
    actor: makeActor({ tenantId: crypto.randomUUID(), tenantCode: "x", role: "admin" }),
  };
  const input = newProviderSchema.parse({ ...FIELDS, issuer: "http://login.example.org" });
  await assert.rejects(createProvider(ctx, input), /must begin with https/);
});

Deno.test("a provider is deleted, and the audit trail keeps what it was", async () => {
  const { admin, made, path } = await openProvider();
  assert.deepEqual(await admin.json("DELETE", path), { message: "Provider deleted", id: made.id });
  await admin.json("GET", path, undefined, 404);
  const { action, before } = await latestEntry(admin);
  assert.deepEqual([action, before!.issuer], ["provider.delete", FIELDS.issuer]);
});

/** A provider with a client secret, the only one of a new tenant. */
async function openProvider() {
  const { admin } = await openTenant(server);
  const made = await admin.json("POST", PATH, { ...FIELDS, client_secret: SECRET }, 201);
  return { admin, made, path: `${PATH}/${made.id}` as const };
}

/** The sealed client secret of a provider. */
async function storedSecret(id: string): Promise<string> {
  const [row] = await server.platform.db.asSystem((sql) =>
    sql<{ client_secret: string }[]>`select client_secret from providers where id = ${id}`
  );
  return row!.client_secret;
}

async function latestEntry(admin: Client) {
  return (await admin.json("GET", "/api/v1/audit?page_size=1")).items[0]!;
}
