import assert from "node:assert/strict";
import type { User } from "../../../../lib/identity/users/schema.ts";
import type { Tenant, TenantDetail } from "../../../../lib/tenancy/tenants/schema.ts";
import { type Client, openTestServer, PASSWORD, type TestServer } from "../../../support/server.ts";

const TENANTS = "/api/v1/tenants";
const BROADCASTER = {
  name: "TV Sul",
  type: "broadcaster",
  settings: { timezone: "America/Bahia" },
};

interface TenantPage {
  items: Tenant[];
  total: number;
  next_cursor: string | null;
}

let server: TestServer;
let root: Client;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  root = await server.client(await server.addPerson({ superuser: true }));
});
Deno.test.afterAll(() => server.close());

Deno.test("superusers create, read and change tenants", async () => {
  const body = { ...BROADCASTER, code: "tv-sul" };
  const made: Tenant = await root.json("POST", TENANTS, body, 201);
  assert.equal(made.status, "active");
  assert.deepEqual(made.settings, body.settings);
  await root.json("POST", TENANTS, body, 409);
  const path = `${TENANTS}/${made.id}`;
  const changed: Tenant = await root.json("PATCH", path, { name: "TV do Sul", code: "other" });
  assert.equal(changed.code, "tv-sul");
  const read: TenantDetail = await root.json("GET", path);
  assert.equal(read.name, "TV do Sul");
});

Deno.test("a tenant needs a code of small letters, digits, _ or -", async () => {
  for (const code of ["", "UPPER", "-x", "a b", "x".repeat(51)]) {
    await root.json("POST", TENANTS, { ...BROADCASTER, code }, 422);
  }
});

Deno.test("the list of tenants is whole, also page by page", async () => {
  const made = await makeTenant("listed");
  const all: TenantPage = await root.json("GET", TENANTS);
  assert.ok(all.items.some(({ id }) => id === made.id));
  assert.equal(all.total, all.items.length);
  const ids: string[] = [];
  let cursor: string | null = "";
  do {
    const query: string = cursor && `&cursor=${cursor}`;
    const page: TenantPage = await root.json("GET", `${TENANTS}?page_size=1${query}`);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor);
  assert.deepEqual(ids, all.items.map(({ id }) => id), "pages by cursor lose nothing");
  await root.json("GET", `${TENANTS}?cursor=nonsense`, undefined, 422);
});

Deno.test("administrators of a tenant neither list nor change tenants", async () => {
  const { id } = await makeTenant("untouched");
  const admin = await server.client(await server.addPerson());
  await admin.json("GET", TENANTS, undefined, 403);
  await admin.json("PATCH", `${TENANTS}/${id}`, { name: "mine" }, 403);
});

Deno.test("a superuser invites the first administrator of a new tenant", async () => {
  await makeTenant("inviting");
  const invited = { email: "first@example.org", role: "admin", tenant_code: "inviting" };
  const { token }: { token: string } = await root.json("POST", "/api/v1/auth/invitations", invited, 201);
  const acceptance = { token, password: "two grey owls" };
  const user: User = await root.json("POST", "/api/v1/auth/register", acceptance, 201);
  assert.equal(user.tenant_code, "inviting");
  const admin = await server.client(await server.addPerson());
  await admin.json("POST", "/api/v1/auth/invitations", invited, 403);
  await root.json("POST", "/api/v1/auth/invitations", { ...invited, tenant_code: "nowhere" }, 404);
});

Deno.test("suspension signs members out immediately, resuming lets them sign in again", async () => {
  const person = await server.addPerson({ tenant: "closing" });
  const client = await server.client(person);
  const path = `${TENANTS}/${person.tenantId}`;
  await client.json("GET", "/api/v1/assets");
  await root.json("PATCH", path, { status: "suspended" });
  await client.json("GET", "/api/v1/assets", undefined, 401);
  const login = await fetch(`${server.url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: person.email, password: PASSWORD }),
  });
  assert.equal(login.status, 401);
  await login.body?.cancel();
  await root.json("PATCH", path, { status: "active" });
  await server.client(person);
});

Deno.test("members of a read-only tenant read but cannot change, by session and by key", async () => {
  const { person, client, assetId: id } = await openTenant("resting");
  const { key }: { key: string } = await client.json(
    "POST",
    "/api/v1/api-keys",
    { name: "k", scopes: ["write"] },
    201,
  );
  await setStatus(person.tenantId, "read_only");
  assert.equal((await client.json("GET", `/api/v1/assets/${id}`)).title, "Kept");
  const signedIn = await server.client(person);
  const refused = await signedIn.json("PATCH", `/api/v1/assets/${id}`, { title: "Changed" }, 403);
  assert.match(refused.detail, /read-only/);
  await client.json("POST", "/api/v1/assets", { title: "More", asset_type: "video" }, 403);
  await client.json("DELETE", `/api/v1/assets/${id}`, undefined, 403);
  await client.json("POST", "/api/v1/auth/invitations", { email: "new@example.org" }, 403);
  await client.json("POST", "/api/v1/jobs/process-pending", {}, 403);
  const raw = await client.fetch("/api/v1/ingest/a.bin", { method: "PUT", body: "bytes" });
  assert.equal(raw.status, 403);
  await raw.body?.cancel();
  const byKey = await fetch(`${server.url}/api/v1/assets/${id}`, {
    method: "PATCH",
    headers: { "X-API-Key": key, "Content-Type": "application/json" },
    body: '{"title":"Changed"}',
  });
  assert.equal(byKey.status, 403);
  await byKey.body?.cancel();
});

Deno.test("pages of a read-only tenant say so and offer no upload", async () => {
  const { person, client, assetId: id } = await openTenant("resting-pages");
  await setStatus(person.tenantId, "read_only");
  for (const language of ["en", "pt-BR"]) {
    const headers = { "Accept-Language": language };
    await client.json("PATCH", "/api/v1/auth/me", { language });
    const page = await (await client.fetch("/", { headers })).text();
    assert.match(page, language === "en" ? /is read-only here/ : /somente leitura/);
    assert.doesNotMatch(page, /data-upload/);
    const form = new URLSearchParams({ title: "Changed" });
    const answer = await client.fetch(`/assets/${id}`, { method: "POST", body: form, headers });
    assert.equal(answer.status, 403);
    assert.match(await answer.text(), language === "en" ? /is read-only</ : /somente leitura</);
  }
});

Deno.test("a read-only tenant is changed by superusers, and by its members once it is active again", async () => {
  const { person, client, assetId: id } = await openTenant("waking");
  await setStatus(person.tenantId, "read_only");
  const signedIn = await server.client(person);
  await root.json("PATCH", `/api/v1/assets/${id}?tenant_code=waking`, { title: "By a superuser" });
  await client.json("POST", "/api/v1/auth/logout");
  await setStatus(person.tenantId, "active");
  await signedIn.json("PATCH", `/api/v1/assets/${id}`, { title: "Changed" });
});

Deno.test("a superuser cannot suspend their own tenant", async () => {
  await makeTenant("elsewhere");
  const { tenant_id }: User = await root.json("GET", "/api/v1/auth/me");
  const own = `${TENANTS}/${tenant_id}`;
  await root.json("PATCH", own, { status: "suspended" }, 409);
  await root.json("PATCH", own, { status: "suspended", tenant_code: "elsewhere" }, 409);
});

async function makeTenant(code: string): Promise<Tenant> {
  return await root.json("POST", TENANTS, { code, name: code }, 201);
}

/** A tenant with an administrator and an asset "Kept". */
async function openTenant(tenant: string) {
  const person = await server.addPerson({ tenant });
  const client = await server.client(person);
  const asset = { title: "Kept", asset_type: "video" };
  const { id: assetId }: { id: string } = await client.json("POST", "/api/v1/assets", asset, 201);
  return { person, client, assetId };
}

async function setStatus(tenantId: string, status: string): Promise<void> {
  await root.json("PATCH", `${TENANTS}/${tenantId}`, { status });
}
