// Generated from the router: every route that takes an id is asked for another tenant's objects, and must answer exactly
// as for unknown ids. New routes are included automatically; one with an unknown kind of id fails.
import assert from "node:assert/strict";
import { createApi } from "../../routes/api/mod.ts";
import { createApp } from "../../routes/app.ts";
import { listRoutes } from "../../routes/declare.ts";
import { addressOf, readMasked, requestTo, routesOf, signInCookie, UNKNOWN } from "../support/router.ts";
import { openTestServer, PASSWORD } from "../support/server.ts";
import { makeThings, type ThingName } from "../support/things.ts";

Deno.test("tenancy", async (t) => {
  const server = await openTestServer();
  const owner = await server.client(await server.addPerson({ tenant: "owner" }));
  const things = await makeThings(server, owner, {
    name: "Secret",
    person: await server.addPerson({ tenant: "owner" }),
  });
  const intruder = await server.client(await server.addPerson({ tenant: "intruder" }));
  const app = createApp(server.platform);
  const other = await server.addPerson({ tenant: "intruder" });
  const by = { token: intruder.token, cookie: await signInCookie(server.url, other.email, PASSWORD) };

  const routes = routesOf(server.platform, Object.keys(things)).filter(({ path }) =>
    /:(id|purpose)/.test(path)
  );
  assert.ok(routes.length >= 15, "the router names its routes");

  for (const route of routes) {
    const { method, path } = route;
    const noun = route.noun as ThingName | undefined;
    assert.ok(noun, `${method} ${path}: name what its id stands for in tests/support/things.ts`);
    await t.step(`${method} ${path} tells nothing of another tenant`, async () => {
      const ask = async (id: string) =>
        readMasked(await fetch(server.url + addressOf(route, id), requestTo(route, by)), id);
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

  await t.step("lists, counts and files of another tenant show nothing of it", async () => {
    assert.equal((await intruder.json("GET", "/api/v1/assets?status=processing")).total, 0);
    assert.deepEqual(await intruder.json("GET", "/api/v1/jobs"), []);
    assert.deepEqual(await intruder.json("GET", `/api/v1/jobs?asset_id=${things.assets}`), []);
    assert.equal((await intruder.json("POST", "/api/v1/jobs/process-pending")).processed, 0);
    for (
      const list of [
        "auth/users",
        "auth/invitations",
        "api-keys",
        "groups",
        "providers",
        "audit",
        "audit/export",
      ]
    ) {
      const text = await (await intruder.fetch(`/api/v1/${list}`)).text();
      assert.ok(!/secret|owner/i.test(text), `${list}: ${text}`);
    }
    const page = await fetch(server.url + "/", { headers: { Cookie: by.cookie } });
    assert.ok(!(await page.text()).includes("Secret"));
  });

  await t.step("what was asked for still belongs to its owner, unchanged", async () => {
    const asset = await owner.json("GET", `/api/v1/assets/${things.assets}`);
    assert.equal(asset.title, "Secret");
    assert.equal((await owner.json("GET", `/api/v1/jobs/${things.jobs}`)).status, "pending");
  });

  await t.step("row level security alone shows nothing foreign, whatever the query forgot", async () => {
    const { db } = server.platform;
    const [tenant] = await db.asSystem((sql) => sql`select id from tenants where code = 'intruder'`);
    const tables = await db.asOwner((sql) =>
      sql`select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
          where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'`
    );
    assert.ok(tables.length >= 9);
    for (const { name } of tables) {
      const rows = await db.asTenant(tenant!.id, (sql) => sql`select tenant_id from ${sql(name)}`);
      assert.deepEqual(rows.filter((row) => row.tenant_id !== tenant!.id), [], name);
      const none = await db.asTenant(UNKNOWN, (sql) => sql`select 1 from ${sql(name)}`);
      assert.equal(none.length, 0, `${name} without a tenant`);
    }
    // What hangs on an asset is seen with it, by a restrictive policy.
    const unsealed = await db.asOwner((sql) =>
      sql`select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'asset_id'
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

  await t.step("every route but the public ones refuses anonymous requests", async () => {
    for (const { method, path, policy } of listRoutes(app)) {
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

  await server.close();
});

Deno.test("openapi describes every route of the API and no other", async () => {
  const server = await openTestServer();
  const api = createApi();
  const document = await (await fetch(`${server.url}/api/v1/openapi.json`)).json();
  assert.equal(document.openapi, "3.1.0");
  const described = Object.entries(document.paths as Record<string, object>)
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
  await server.close();
});
