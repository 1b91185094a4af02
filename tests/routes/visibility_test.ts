// Private assets: their maker, accounts they are shared with and administrators see them; all others get 404.
// Generated from the router and from the database's catalogue, so that neither a new route nor a new table is forgotten.
import assert from "node:assert/strict";
import type { Platform } from "../../lib/platform/platform.ts";
import { createApp } from "../../routes/app.ts";
import { listen } from "../support/events.ts";
import { tinyPng } from "../support/media.ts";
import {
  addressOf,
  readMasked,
  requestTo,
  type Route,
  routesOf,
  signInCookie,
  UNKNOWN,
} from "../support/router.ts";
import { type Client, openTestServer, PASSWORD, type TestServer } from "../support/server.ts";

const NOUNS = ["assets", "jobs", "uploads"] as const;
type Hidden = Record<typeof NOUNS[number], string>;
const BYTES = tinyPng("the bytes of a secret");
const TUS = { "Tus-Resumable": "1.0.0", "Upload-Length": "10" };

/** Tables that a policy does not narrow to what one person may see, and why that is right. */
const OPEN_TABLES: Record<string, string> = {
  audit_entries: "for administrators by permission; whoever acts has to read the last hash of the chain",
};

Deno.test("visibility", async (t) => {
  const server = await openTestServer();
  const { platform, url } = server;
  const people = {
    maker: await server.addPerson({ role: "editor" }),
    colleague: await server.addPerson({ role: "editor" }),
    manager: await server.addPerson({ role: "manager" }),
    admin: await server.addPerson({ role: "admin" }),
  };
  const [maker, colleague, manager, admin] = await Promise.all(
    [people.maker, people.colleague, people.manager, people.admin].map((person) => server.client(person)),
  ) as [Client, Client, Client, Client];
  const hidden = await hideThings(maker);
  const secrets = [hidden.assets, hidden.jobs, hidden.uploads, "Secret"];
  const accessPath = `/api/v1/assets/${hidden.assets}/access`;
  const asColleague = {
    token: colleague.token,
    cookie: await signInCookie(url, people.colleague.email, PASSWORD),
  };
  const routes = routesOf(platform, NOUNS);
  const app = createApp(withoutNet(platform));
  const doors: Record<string, (path: string, init: RequestInit) => Promise<Response>> = {
    "": (path, init) => fetch(url + path, init),
    "with the net taken away, the queries alone": (path, init) =>
      Promise.resolve(app.request(url + path, init)),
  };
  const share = (grants: object, visibility = "private") =>
    maker.json("PUT", accessPath, { visibility, ...grants });

  for (const [how, knock] of Object.entries(doors)) {
    const isAboutThings = routes.filter((route): route is Route & { noun: keyof Hidden } =>
      Boolean(route.noun)
    );
    assert.ok(isAboutThings.length >= 20, "the router names its routes");
    await t.step(`${isAboutThings.length} routes answer as if it were not there ${how}`, async () => {
      for (const route of isAboutThings) {
        const ask = async (id: string) =>
          readMasked(await knock(addressOf(route, id), requestTo(route, asColleague)), id);
        const [one, none] = [await ask(hidden[route.noun]), await ask(UNKNOWN)];
        assert.deepEqual(one, none, `${route.method} ${route.path}`);
        assert.ok([404, 422].includes(one.status), `${route.method} ${route.path}: ${one.status}`);
      }
    });

    await t.step(`no list, count, page or search shows it ${how}`, async () => {
      const lists = routes.filter(({ method, path }) => method === "GET" && !/[:*]|events/.test(path));
      for (const query of ["?search=Secret&q=Secret", "", "?status=deleted", "?status=processing"]) {
        for (const route of lists) {
          const response = await knock(route.path + query, requestTo(route, asColleague));
          const text = (await response.text()).replaceAll(
            /search=Secret|Results for “Secret”|value="Secret"/g,
            "",
          );
          for (const secret of secrets) {
            assert.ok(!text.includes(secret), `${route.path}${query} tells of ${secret}`);
          }
        }
      }
      const headers = { Authorization: `Bearer ${asColleague.token}` };
      const page = async (path: string) => await (await knock(path, { headers })).json();
      assert.equal((await page("/api/v1/assets?search=Secret")).total, 0);
      assert.equal((await page("/api/v1/assets")).total, 0);
      assert.deepEqual(await page(`/api/v1/jobs?asset_id=${hidden.assets}`), []);
    });
  }

  await t.step("managers see it no more than others, administrators do", async () => {
    await manager.json("GET", `/api/v1/assets/${hidden.assets}`, undefined, 404);
    assert.equal((await manager.json("POST", "/api/v1/jobs/process-pending")).processed, 0);
    assert.equal((await admin.json("GET", "/api/v1/assets?search=Secret")).total, 1);
    const key = await admin.json("POST", "/api/v1/api-keys", { name: "no admin", scopes: ["read"] }, 201);
    const byKey = await fetch(`${url}/api/v1/assets/${hidden.assets}`, { headers: { "X-API-Key": key.key } });
    assert.equal(byKey.status, 404, "a key without the scope admin is a manager's");
    await byKey.body?.cancel();
  });

  await t.step("the same bytes brought in by somebody else tell nothing of it", async () => {
    const { asset_id, duplicate_of } = await bringIn(colleague, { title: "Mine" });
    assert.equal(duplicate_of, null);
    const own = await bringIn(maker, { title: "Again", visibility: "private" });
    assert.equal(own.duplicate_of, hidden.assets);
    // An administrator's copy names the original, and all members may read that copy.
    const shown = await bringIn(admin, { title: "Copy" });
    assert.equal(shown.duplicate_of, hidden.assets);
    const read = (client: Client) => client.json("GET", `/api/v1/assets/${shown.asset_id}`);
    assert.equal((await read(colleague)).duplicate_of, null);
    assert.equal((await read(maker)).duplicate_of, hidden.assets);
    for (const id of [asset_id, own.asset_id, shown.asset_id]) {
      await admin.json("DELETE", `/api/v1/assets/${id}?hard_delete=true`);
    }
  });

  await t.step("live events of it reach those who may see it and nobody else", async () => {
    const { key } = await admin.json("POST", "/api/v1/api-keys", { name: "hears", scopes: ["read"] }, 201);
    const demoted = await server.addPerson({ role: "admin" });
    const streams = await Promise.all([
      ...[maker, admin, colleague, manager].map(listen),
      listen(await server.client(demoted)),
      listen({
        ...admin,
        fetch: (path, init) => fetch(url + path, { ...init, headers: { "X-API-Key": key } }),
      }),
    ]);
    await admin.json("PATCH", `/api/v1/auth/users/${demoted.id}`, { role: "editor" });
    await maker.json("PATCH", `/api/v1/assets/${hidden.assets}`, { description: "seen" });
    const { id } = await maker.json("POST", "/api/v1/assets", { title: "For all" }, 201);
    await Promise.all(streams.map((stream) => stream.hears(id)));
    const heard = streams.map((stream) => stream.heard().includes(hidden.assets));
    assert.deepEqual(heard, [true, true, false, false, false, false]);
    assert.ok(!streams[0]!.heard().includes("audience"), "who else hears of it is nobody's business");
    await share({ users: [{ user_id: people.colleague.id }] });
    await streams[2]!.hears(hidden.assets);
    await Promise.all(streams.map((stream) => stream.close()));
    await admin.json("DELETE", `/api/v1/assets/${id}?hard_delete=true`);
  });

  await t.step("shared, it is there at the next request, to look at alone", async () => {
    const seen = await colleague.json("GET", `/api/v1/assets/${hidden.assets}`);
    assert.deepEqual([seen.can_edit, seen.can_share, seen.visibility], [false, false, "private"]);
    assert.equal((await colleague.json("GET", "/api/v1/assets?search=Secret")).total, 1);
    assert.equal((await colleague.json("GET", `/api/v1/jobs/${hidden.jobs}`)).asset_id, hidden.assets);
    await colleague.json("PATCH", `/api/v1/assets/${hidden.assets}`, { title: "Mine now" }, 403);
    await colleague.json("DELETE", `/api/v1/assets/${hidden.assets}`, undefined, 403);
    await colleague.json("POST", `/api/v1/jobs/${hidden.jobs}/cancel`, undefined, 403);
    await colleague.json("GET", accessPath, undefined, 403);
    const media = await colleague.fetch(`/media/assets/${hidden.assets}/original?v=1`);
    assert.equal(media.headers.get("Cache-Control"), "private, no-cache");
    assert.deepEqual(new Uint8Array(await media.arrayBuffer()), BYTES);
  });

  await t.step("its signed addresses live five minutes, those of other assets an hour", async () => {
    const life = async (id: string) => {
      const [location] = (await maker.json("GET", `/api/v1/assets/${id}`)).storage_locations;
      return Number(new URL(location!.url, url).searchParams.get("expires")) - Date.now() / 1000;
    };
    assert.ok(await life(hidden.assets) <= 300);
    const { asset_id } = await bringIn(maker, {});
    assert.ok(await life(asset_id) > 3000);
    await admin.json("DELETE", `/api/v1/assets/${asset_id}?hard_delete=true`);
  });

  await t.step(
    "with the right to change it changes; taken back, it is gone at the next request",
    async () => {
      await share({ users: [{ user_id: people.colleague.id, right: "edit" }] });
      await colleague.json("PATCH", `/api/v1/assets/${hidden.assets}`, { description: "by a colleague" });
      await colleague.json("PATCH", `/api/v1/assets/${hidden.assets}`, { visibility: "internal" }, 403);
      await share({});
      await colleague.json("GET", `/api/v1/assets/${hidden.assets}`, undefined, 404);
      assert.equal((await colleague.json("GET", "/api/v1/assets")).total, 0);
      assert.equal((await colleague.fetch(`/media/assets/${hidden.assets}/original`)).status, 404);
    },
  );

  await t.step("a group sees what is shared with it, for as long as one is in it", async () => {
    const group = await admin.json("POST", "/api/v1/groups", { name: "Desk" }, 201);
    const member = `/api/v1/groups/${group.id}/members/${people.colleague.id}`;
    const asked = async () => (await colleague.fetch(`/api/v1/assets/${hidden.assets}`)).status;
    const access = await share({ groups: [{ group_id: group.id, right: "edit" }] });
    assert.deepEqual(access.groups, [{ group_id: group.id, right: "edit", name: "Desk" }]);
    assert.equal(await asked(), 404);
    await admin.json("PUT", member);
    assert.equal(await asked(), 200);
    await admin.json("DELETE", member);
    assert.equal(await asked(), 404);
    await admin.json("PUT", member);
    await admin.json("DELETE", `/api/v1/groups/${group.id}`);
    assert.equal(await asked(), 404);
  });

  await t.step("internal it is everybody's, private again nobody else's", async () => {
    await maker.json("PATCH", `/api/v1/assets/${hidden.assets}`, { visibility: "internal" });
    await colleague.json("GET", `/api/v1/assets/${hidden.assets}`);
    await colleague.json("PATCH", `/api/v1/assets/${hidden.assets}`, { visibility: "private" }, 403);
    const lost = await manager.json(
      "PATCH",
      `/api/v1/assets/${hidden.assets}`,
      { visibility: "private" },
      409,
    );
    assert.match(lost.detail, /lose sight/);
    const self = { user_id: people.manager.id, right: "edit" };
    await manager.json("PUT", accessPath, { visibility: "private", users: [self] });
    await colleague.json("GET", `/api/v1/assets/${hidden.assets}`, undefined, 404);
    await share({});
    await manager.json("GET", `/api/v1/assets/${hidden.assets}`, undefined, 404);
  });

  await t.step("who is nobody of the tenant is refused by the path", async () => {
    const stranger = await server.addPerson({ tenant: "other" });
    const { id } = people.colleague;
    const body = {
      visibility: "private",
      users: [{ user_id: id }, { user_id: stranger.id }, { user_id: id }],
      groups: [{ group_id: UNKNOWN }],
    };
    const { errors } = await maker.json("PUT", accessPath, body, 422);
    assert.deepEqual(errors.map((error: { path: string }) => error.path), [
      "users.1.user_id",
      "users.2.user_id",
      "groups.0.group_id",
    ]);
    const sane = await maker.json("GET", accessPath);
    assert.deepEqual(sane, { visibility: "private", users: [], groups: [] });
  });

  await t.step("every change of rights is in the audit", async () => {
    const { items } = await admin.json("GET", `/api/v1/audit?target_id=${hidden.assets}&action=asset.share`);
    assert.ok(items.length >= 5);
    assert.equal((items.at(-1)!.after as any).users[0].user_id, people.colleague.id);
    assert.deepEqual(items.at(-1)!.before, { visibility: "private", users: [], groups: [] });
  });

  await t.step("row level security alone hides it, in every table, whatever the query forgot", async () => {
    const { tenantId, id: viewer } = people.colleague;
    const tables = await tablesOf(server);
    await share({ users: [{ user_id: people.manager.id }] });
    for (const name of tables.filter((table) => !(table in OPEN_TABLES))) {
      const read = (who?: string) =>
        platform.db.asTenant(tenantId, (sql) => sql`select t::text as row from ${sql(name)} t`, {
          viewer: who,
        });
      const text = (await read(viewer)).map(({ row }) => row).join("\n");
      for (const secret of secrets) assert.ok(!text.includes(secret), `${name} shows ${secret}`);
      const unsaid = await platform.db.asOwner(async (sql) => {
        await sql`select set_config('role', 'akashi_app', true), set_config('app.tenant_id', ${tenantId}, true)`;
        return await sql`select t::text as row from ${sql(name)} t`;
      });
      assert.ok(!unsaid.some(({ row }) => secrets.some((secret) => row.includes(secret))), `${name}, unsaid`);
    }
    const all = await platform.db.asTenant(tenantId, (sql) => sql`select id from assets`);
    assert.ok(all.some(({ id }) => id === hidden.assets), "workers see their whole tenant");
  });

  await t.step("every table that hangs on an asset has a policy that hides it, rows or none", async () => {
    const bare = await platform.db.asOwner((sql) =>
      sql<{ name: string }[]>`
        select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'asset_id'
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not exists (
          select from pg_policies p where p.tablename = c.relname and p.permissive = 'RESTRICTIVE'
            and p.roles @> array['akashi_app'::name] and p.cmd in ('ALL', 'SELECT'))`
    );
    assert.deepEqual(bare.map(({ name }) => name), []);
  });

  await t.step("row level security alone lets nobody change it, nor give themselves a right", async () => {
    const { tenantId, id: viewer } = people.colleague;
    const as = { viewer };
    const { count } = await platform.db.asTenant(tenantId, (sql) => sql`update assets set title = 'x'`, as);
    assert.equal(count, 0);
    const give = platform.db.asTenant(
      tenantId,
      (sql) =>
        sql`insert into grants (id, tenant_id, asset_id, user_id, may)
            values (gen_random_uuid(), ${tenantId}, ${hidden.assets}, ${viewer}, 'edit')`,
      as,
    );
    await assert.rejects(give, /row-level security/);
    assert.equal((await maker.json("GET", `/api/v1/assets/${hidden.assets}`)).title, "Secret");
  });

  await server.close();
});

async function hideThings(maker: Client): Promise<Hidden> {
  const { asset_id, jobs } = await bringIn(maker, { title: "Secret", visibility: "private" });
  const trashed = await bringIn(maker, { title: "Secret, thrown away", visibility: "private" });
  await maker.json("DELETE", `/api/v1/assets/${trashed.asset_id}`);
  const upload = await maker.fetch("/api/v1/uploads", {
    method: "POST",
    headers: { ...TUS, "Upload-Metadata": `filename ${btoa("Secret.png")},visibility ${btoa("private")}` },
  });
  return { assets: asset_id, jobs: jobs[0].id, uploads: upload.headers.get("Location")!.split("/").at(-1)! };
}

async function bringIn(client: Client, fields: Record<string, string>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new File([BYTES], "a.png"));
  const response = await client.fetch("/api/v1/ingest", { method: "POST", body: form });
  assert.equal(response.status, 201);
  return await response.json();
}

/** The same app with row level security reduced to the tenant, so that the queries alone must hold. */
function withoutNet(platform: Platform): Platform {
  const { db } = platform;
  const asTenant: typeof db.asTenant = (tenantId, work) => db.asTenant(tenantId, work);
  return { ...platform, db: { ...db, asTenant } };
}

async function tablesOf({ platform }: TestServer): Promise<string[]> {
  const tables = await platform.db.asOwner((sql) =>
    sql<{ name: string }[]>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`
  );
  assert.ok(tables.length >= 12);
  return tables.map(({ name }) => name);
}
