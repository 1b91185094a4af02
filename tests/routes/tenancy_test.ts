// Generated from the router: every route that takes an id is asked for another tenant's objects, and must answer exactly
// as for unknown ids. New routes are included automatically; one with an unknown kind of id fails.
import assert from "node:assert/strict";
import { createApi } from "../../routes/api/mod.ts";
import { createApp } from "../../routes/app.ts";
import { listRoutes } from "../../routes/declare.ts";
import { addressOf, readMasked, requestTo, routesOf, signInCookie, UNKNOWN } from "../support/router.ts";
import { type Client, openTestServer, PASSWORD, type TestServer } from "../support/server.ts";
import { makeThings, type ThingName, type Things } from "../support/things.ts";

const LISTS = ["auth/users", "auth/invitations", "api-keys", "groups", "providers", "audit", "audit/export"];

// Two tenants that no case changes: the owner has one thing of each kind, the intruder has accounts only.
let server: TestServer;
let owner: Client;
let intruder: Client;
let credentials: { token: string; cookie: string };
let things: Things;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  owner = await server.client(await server.addPerson({ tenant: "owner" }));
  things = await makeThings(server, owner, {
    name: "Secret",
    person: await server.addPerson({ tenant: "owner" }),
  });
  intruder = await server.client(await server.addPerson({ tenant: "intruder" }));
  const { email } = await server.addPerson({ tenant: "intruder" });
  credentials = { token: intruder.token, cookie: await signInCookie(server.url, email, PASSWORD) };
});
Deno.test.afterAll(() => server.close());

Deno.test("routes answer for objects of another tenant as for unknown ids, and leave them unchanged", async (t) => {
  const routes = routesOf(server.platform, Object.keys(things)).filter(({ path }) =>
    /:(id|purpose)/.test(path)
  );
  assert.ok(routes.length >= 15, "the router names its routes");
  for (const route of routes) {
    const { method, path } = route;
    const noun = route.noun as ThingName | undefined;
    assert.ok(noun, `${method} ${path}: name what its id stands for in tests/support/things.ts`);
    await t.step(`${method} ${path}`, async () => {
      const ask = async (id: string) =>
        readMasked(await fetch(server.url + addressOf(route, id), requestTo(route, credentials)), id);
      const [foreign, unknown] = [await ask(things[noun]), await ask(UNKNOWN)];
      assert.deepEqual(foreign, unknown);
      assert.ok(
        [404, 412, 422].includes(foreign.status) || foreign.status === 303 ||
          (noun === "tenants" && foreign.status === 403),
        `status ${foreign.status}`,
      );
      assert.ok(!foreign.text.includes("Secret"), "nothing leaks");
    });
  }
  const asset = await owner.json("GET", `/api/v1/assets/${things.assets}`);
  assert.equal(asset.title, "Secret");
  assert.equal((await owner.json("GET", `/api/v1/jobs/${things.jobs}`)).status, "pending");
});

Deno.test("lists, counts and pages show nothing of another tenant", async () => {
  assert.equal((await intruder.json("GET", "/api/v1/assets?status=processing")).total, 0);
  assert.deepEqual(await intruder.json("GET", "/api/v1/jobs"), []);
  assert.deepEqual(await intruder.json("GET", `/api/v1/jobs?asset_id=${things.assets}`), []);
  const { processed }: { processed: number } = await intruder.json("POST", "/api/v1/jobs/process-pending");
  assert.equal(processed, 0);
  for (const list of LISTS) {
    const text = await (await intruder.fetch(`/api/v1/${list}`)).text();
    assert.ok(!/secret|owner/i.test(text), `${list}: ${text}`);
  }
  const page = await fetch(server.url + "/", { headers: { Cookie: credentials.cookie } });
  assert.ok(!(await page.text()).includes("Secret"));
});

Deno.test("row level security alone shows no row of another tenant when a query has no condition", async () => {
  const { db } = server.platform;
  const [tenant] = await db.asSystem((sql) =>
    sql<{ id: string }[]>`select id from tenants where code = 'intruder'`
  );
  const tables = await db.asOwner((sql) =>
    sql<{ name: string }[]>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'`
  );
  assert.ok(tables.length >= 9);
  for (const { name } of tables) {
    const rows = await db.asTenant(
      tenant!.id,
      (sql) => sql<{ tenant_id: string }[]>`select tenant_id from ${sql(name)}`,
    );
    assert.deepEqual(rows.filter((row) => row.tenant_id !== tenant!.id), [], name);
    const none = await db.asTenant(UNKNOWN, (sql) => sql`select 1 from ${sql(name)}`);
    assert.equal(none.length, 0, `${name} without a tenant`);
  }
  // Rows with an asset_id are visible only together with the asset, by a restrictive policy.
  const unsealed = await db.asOwner((sql) =>
    sql<{ name: string }[]>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'asset_id'
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        and not exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive)`
  );
  assert.deepEqual(unsealed.map(({ name }) => name), []);
  const moved = db.asTenant(
    tenant!.id,
    (sql) =>
      sql`insert into pending_objects (id, tenant_id, bucket, path, expires_at)
        select gen_random_uuid(), ${UNKNOWN}::uuid, 'b', 'p', now()`,
  );
  await assert.rejects(moved, /row-level security/);
});

Deno.test("every route but the public ones refuses anonymous requests", async () => {
  for (const { method, path, policy } of listRoutes(createApp(server.platform))) {
    const least = policy.orElse?.who ?? policy.who;
    if (least === "public" || least === "signed_url") continue;
    const address = path.replaceAll(/:id(\{[^}]*\})?/g, things.assets).replaceAll(/:\w+(\{[^}]*\})?/g, "x")
      .replaceAll("*", "x");
    const response = await fetch(server.url + address, {
      method,
      redirect: "manual",
      headers: { "Tus-Resumable": "1.0.0" },
    });
    await response.body?.cancel();
    const away = response.status === 401 ||
      (response.status === 303 && /sign-in/.test(response.headers.get("Location")!));
    assert.ok(away, `${method} ${path} answered ${response.status}`);
  }
});

Deno.test("openapi describes every route of the API and no other", async () => {
  const api = createApi();
  const document: { openapi: string; paths: Record<string, object> } =
    await (await fetch(`${server.url}/api/v1/openapi.json`)).json();
  assert.equal(document.openapi, "3.1.0");
  const described = Object.entries(document.paths)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  const real = api.routes.filter(({ method, path }) => method !== "ALL" && !/openapi\.json|docs/.test(path))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`)
    // Hono answers HEAD by the GET handler; the document calls it by its own name.
    .map((name) => name === "GET /uploads/{id}" ? "HEAD /uploads/{id}" : name);
  const plain = (names: string[]) =>
    [...new Set(names.map((name) => name.replace(/(.)\/$/, "$1")))].toSorted();
  assert.deepEqual(plain(described), plain(real));
  const docs = await (await fetch(`${server.url}/api/v1/docs`)).text();
  for (const path of Object.keys(document.paths)) assert.ok(docs.includes(`/api/v1${path}`), path);
});
