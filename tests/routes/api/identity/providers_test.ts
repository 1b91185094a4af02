import assert from "node:assert/strict";
import { unseal } from "../../../../lib/platform/secrets.ts";
import { prepareInstallation } from "../../../../lib/operation/setup/setup.ts";
import { openTestServer } from "../../../support/server.ts";

const PATH = "/api/v1/providers";
const HOUSE = { name: " TV login ", issuer: "https://login.example.org/realms/tv", client_id: "akashi" };
const SECRET = "what the provider gave us";

Deno.test("providers", async (t) => {
  const server = await openTestServer();
  const { platform } = server;
  const admin = await server.client();
  const made = await admin.json("POST", PATH, { ...HOUSE, client_secret: SECRET }, 201);
  const path = `${PATH}/${made.id}`;

  const stored = async () => {
    const [row] = await platform.db.asSystem((sql) =>
      sql<{ client_secret: string }[]>`select client_secret from providers where id = ${made.id}`
    );
    return row!.client_secret;
  };
  const latest = async () => (await admin.json("GET", "/api/v1/audit?page_size=1")).items[0];

  await t.step("a provider is created with safe defaults, and listed without its secret", async () => {
    assert.deepEqual([made.name, made.has_client_secret, made.is_enabled], ["TV login", true, true]);
    assert.deepEqual([made.creates_users, made.links_users, made.is_strong], [false, false, false]);
    assert.deepEqual([made.default_role, made.scopes], ["viewer", ["openid", "email", "profile"]]);
    assert.deepEqual(await admin.json("GET", PATH), [made]);
    for (const where of [PATH, path, "/api/v1/audit", "/admin/providers", `/admin/providers/${made.id}`]) {
      const text = await (await admin.fetch(where)).text();
      assert.ok(text.includes("TV login") && !text.includes(SECRET) && !text.includes(await stored()), where);
    }
    assert.equal((await latest())!.action, "provider.create");
  });

  await t.step("invalid fields are refused by path", async () => {
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

  await t.step("a provider is changed; its secret stays until it is replaced or removed", async () => {
    const before = await stored();
    const roles = { group_claim: "groups", group_roles: { newsroom: "editor" } };
    const changed = await admin.json("PATCH", path, { ...roles, email_domains: ["Example.ORG"] });
    assert.deepEqual(changed.group_roles, { newsroom: "editor" });
    assert.deepEqual(changed.email_domains, ["example.org"]);
    assert.deepEqual((await latest())!.after!.group_roles, { newsroom: "editor" });
    assert.equal(await stored(), before);
    await admin.json("PATCH", path, { client_secret: "another one" });
    assert.deepEqual((await latest())!.after, { client_secret: "replaced" });
    assert.equal(unseal(server.config, "oidc-client-secret", made.id, await stored())!.text, "another one");
    assert.equal((await admin.json("PATCH", path, { client_secret: null })).has_client_secret, false);
    await admin.json("PATCH", path, { client_secret: SECRET });
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
    await admin.json("PATCH", path, { client_secret: SECRET });
    await admin.json("PATCH", path, {});
    const moved = await admin.json("PATCH", path, { issuer: "https://elsewhere.example" }, 422);
    assert.equal(moved.errors[0]!.path, "client_secret", "it is not sent to another house");
    await admin.json("PATCH", path, { issuer: HOUSE.issuer });
  });

  await t.step("a start with another AKASHI_SECRET seals the client secret again", async () => {
    const before = await stored();
    const config = { ...server.config, AKASHI_SECRET: "the secret that comes after, which is long enough" };
    await prepareInstallation({
      ...platform,
      config: { ...config, AKASHI_SECRET_PREVIOUS: server.config.AKASHI_SECRET },
    });
    assert.notEqual(await stored(), before);
    assert.equal(unseal(config, "oidc-client-secret", made.id, await stored())!.text, SECRET);
  });

  await t.step(
    "managers see no providers, an API key changes none, a tenant has at most twenty",
    async () => {
      const manager = await server.client(await server.addPerson({ role: "manager" }));
      await manager.json("GET", PATH, undefined, 403);
      const { key } = await admin.json("POST", "/api/v1/api-keys", { name: "all", scopes: ["admin"] }, 201);
      const byKey = (method: string, body?: object) =>
        fetch(server.url + PATH, {
          method,
          headers: { "X-API-Key": key, "Content-Type": "application/json" },
          body: body && JSON.stringify(body),
        });
      assert.deepEqual([(await byKey("GET")).status, (await byKey("POST", HOUSE)).status], [200, 403]);
      for (let count = 1; count < 20; count++) await admin.json("POST", PATH, HOUSE, 201);
      await admin.json("POST", PATH, HOUSE, 409);
    },
  );

  await t.step("production refuses a plain http issuer", async () => {
    const config = { ...server.config, APP_ENV: "production" as const };
    const { createProvider } = await import("../../../../lib/identity/providers/providers.ts");
    const actor = { tenantId: crypto.randomUUID(), tenantCode: "x", userId: null, sessionId: null };
    const ctx = {
      ...platform,
      config,
      requestId: "x",
      actor: { ...actor, role: "admin", isSuperuser: false },
    };
    const input = { ...HOUSE, issuer: "http://login.example.org" };
    assert.throws(() => createProvider(ctx as any, input as any), /must begin with https/);
  });

  await t.step("a provider is deleted", async () => {
    assert.deepEqual(await admin.json("DELETE", path), { message: "Provider deleted", id: made.id });
    await admin.json("GET", path, undefined, 404);
    const { action, before } = (await latest())!;
    assert.deepEqual([action, before!.issuer], ["provider.delete", HOUSE.issuer]);
  });

  await server.close();
});
