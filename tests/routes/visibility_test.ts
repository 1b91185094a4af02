// Private assets: their maker, accounts they are shared with and administrators see them; all others get 404.
// Generated from the router and from the database's catalogue, so that new routes and tables are included.
import assert from "node:assert/strict";
import type { GroupDetail } from "../../lib/identity/groups/schema.ts";
import type { Access } from "../../lib/library/assets/schema.ts";
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
import { type Client, openTestServer, PASSWORD, type Person, type TestServer } from "../support/server.ts";

const NOUNS = ["assets", "jobs", "uploads"] as const;
type Hidden = Record<typeof NOUNS[number], string>;
const BYTES = tinyPng("the bytes of a secret");
const TUS = { "Tus-Resumable": "1.0.0", "Upload-Length": "10" };

/** Tables that a policy does not narrow to what one person may see, and why that is right. */
const OPEN_TABLES: Record<string, string> = {
  audit_entries: "for administrators by permission; whoever acts has to read the last hash of the chain",
};

/** One private thing of each kind, and an account that may not see them. No case changes them. */
interface Sealed {
  tenant: string;
  maker: Member;
  colleague: Member;
  credentials: { token: string; cookie: string };
  hidden: Hidden;
  /** Texts that the account must not be shown. */
  secrets: string[];
}

let server: TestServer;
let sealed: Sealed;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  sealed = await seal();
});
Deno.test.afterAll(() => server.close());

for (const layer of ["", " by the queries alone"]) {
  Deno.test(`routes answer for private things as for unknown ones${layer}`, async () => {
    const { hidden, credentials } = sealed;
    const send = senderOf(layer);
    const routes = routesOf(server.platform, NOUNS).filter((
      route,
    ): route is Route & { noun: keyof Hidden } => Boolean(route.noun));
    assert.ok(routes.length >= 20, "the router names its routes");
    for (const route of routes) {
      const ask = async (id: string) =>
        readMasked(await send(addressOf(route, id), requestTo(route, credentials)), id);
      const [one, none] = [await ask(hidden[route.noun]), await ask(UNKNOWN)];
      assert.deepEqual(one, none, `${route.method} ${route.path}`);
      assert.ok([404, 422].includes(one.status), `${route.method} ${route.path}: ${one.status}`);
    }
  });

  Deno.test(`lists, counts, pages and searches do not show private things${layer}`, async () => {
    const { hidden, credentials, secrets } = sealed;
    const send = senderOf(layer);
    const lists = routesOf(server.platform, NOUNS).filter(({ method, path }) =>
      method === "GET" && !/[:*]|events/.test(path)
    );
    for (const query of ["?search=Secret&q=Secret", "", "?status=deleted", "?status=processing"]) {
      for (const route of lists) {
        const response = await send(route.path + query, requestTo(route, credentials));
        const text = (await response.text()).replaceAll(
          /search=Secret|Results for “Secret”|value="Secret"/g,
          "",
        );
        for (const secret of secrets) {
          assert.ok(!text.includes(secret), `${route.path}${query} tells of ${secret}`);
        }
      }
    }
    const headers = { Authorization: `Bearer ${credentials.token}` };
    const read = async <T>(path: string): Promise<T> => await (await send(path, { headers })).json();
    assert.equal((await read<{ total: number }>("/api/v1/assets?search=Secret")).total, 0);
    assert.equal((await read<{ total: number }>("/api/v1/assets")).total, 0);
    assert.deepEqual(await read<unknown[]>(`/api/v1/jobs?asset_id=${hidden.assets}`), []);
  });
}

Deno.test("administrators see private assets, managers and keys without the scope admin do not", async () => {
  const { tenant, hidden } = sealed;
  const manager = await join(tenant, "manager");
  const admin = await join(tenant, "admin");
  await manager.json("GET", `/api/v1/assets/${hidden.assets}`, undefined, 404);
  const { processed }: { processed: number } = await manager.json("POST", "/api/v1/jobs/process-pending");
  assert.equal(processed, 0);
  assert.equal((await admin.json("GET", "/api/v1/assets?search=Secret")).total, 1);
  const key = await makeKey(admin);
  const byKey = await fetch(`${server.url}/api/v1/assets/${hidden.assets}`, {
    headers: { "X-API-Key": key },
  });
  assert.equal(byKey.status, 404, "a key without the scope admin has the rights of a manager");
  await byKey.body?.cancel();
});

Deno.test("ingesting the bytes of a private asset does not reveal it to other accounts", async () => {
  const { tenant, maker, id } = await hideAsset();
  const colleague = await join(tenant);
  const admin = await join(tenant, "admin");
  assert.equal((await bringIn(colleague, { title: "Mine" })).duplicate_of, null);
  const own = await bringIn(maker, { title: "Again", visibility: "private" });
  assert.equal(own.duplicate_of, id);
  // An administrator's copy names the original, and all members may read that copy.
  const shown = await bringIn(admin, { title: "Copy" });
  assert.equal(shown.duplicate_of, id);
  const read = (client: Client) => client.json("GET", `/api/v1/assets/${shown.asset_id}`);
  assert.equal((await read(colleague)).duplicate_of, null);
  assert.equal((await read(maker)).duplicate_of, id);
});

Deno.test("live events of a private asset reach only those who may see it", async () => {
  const { tenant, maker, id, share } = await hideAsset();
  const [admin, colleague, manager, demoted] = await Promise.all(
    ["admin", "editor", "manager", "admin"].map((role) => join(tenant, role)),
  ) as [Member, Member, Member, Member];
  const key = await makeKey(admin);
  const byKey: Client = {
    ...admin,
    fetch: (path, init) => fetch(server.url + path, { ...init, headers: { "X-API-Key": key } }),
  };
  const streams = await Promise.all([maker, admin, colleague, manager, demoted, byKey].map(listen));
  await admin.json("PATCH", `/api/v1/auth/users/${demoted.person.id}`, { role: "editor" });
  await maker.json("PATCH", `/api/v1/assets/${id}`, { description: "seen" });
  const visible: { id: string } = await maker.json("POST", "/api/v1/assets", {
    title: "For all",
    asset_type: "video",
  }, 201);
  await Promise.all(streams.map((stream) => stream.hears(visible.id)));
  const heard = streams.map((stream) => stream.heard().includes(id));
  assert.deepEqual(heard, [true, true, false, false, false, false]);
  assert.ok(!streams[0]!.heard().includes("audience"), "an event does not name its other recipients");
  await share({ users: [{ user_id: colleague.person.id }] });
  await streams[2]!.hears(id);
  await Promise.all(streams.map((stream) => stream.close()));
});

Deno.test("an account that a private asset is shared with reads it and changes nothing", async () => {
  const { tenant, id, job, accessPath, share } = await hideAsset();
  const colleague = await join(tenant);
  await share({ users: [{ user_id: colleague.person.id }] });
  const seen = await colleague.json("GET", `/api/v1/assets/${id}`);
  assert.deepEqual([seen.can_edit, seen.can_share, seen.visibility], [false, false, "private"]);
  assert.equal((await colleague.json("GET", "/api/v1/assets?search=Secret")).total, 1);
  assert.equal((await colleague.json("GET", `/api/v1/jobs/${job}`)).asset_id, id);
  await colleague.json("PATCH", `/api/v1/assets/${id}`, { title: "Mine now" }, 403);
  await colleague.json("DELETE", `/api/v1/assets/${id}`, undefined, 403);
  await colleague.json("POST", `/api/v1/jobs/${job}/cancel`, undefined, 403);
  await colleague.json("GET", accessPath, undefined, 403);
  const media = await colleague.fetch(`/media/assets/${id}/original?v=1`);
  assert.equal(media.headers.get("Cache-Control"), "private, no-cache");
  assert.deepEqual(new Uint8Array(await media.arrayBuffer()), BYTES);
});

Deno.test("signed URLs of a private asset live five minutes, those of other assets an hour", async () => {
  const { maker, id } = await hideAsset();
  const life = async (asset: string) => {
    const [location] = (await maker.json("GET", `/api/v1/assets/${asset}`)).storage_locations;
    return Number(new URL(location!.url, server.url).searchParams.get("expires")) - Date.now() / 1000;
  };
  assert.ok(await life(id) <= 300);
  assert.ok(await life((await bringIn(maker, {})).asset_id) > 3000);
});

Deno.test("an account with the right to edit changes a private asset until the right is revoked", async () => {
  const { tenant, id, share } = await hideAsset();
  const colleague = await join(tenant);
  await share({ users: [{ user_id: colleague.person.id, right: "edit" }] });
  await colleague.json("PATCH", `/api/v1/assets/${id}`, { description: "by a colleague" });
  await colleague.json("PATCH", `/api/v1/assets/${id}`, { visibility: "internal" }, 403);
  await share({});
  await colleague.json("GET", `/api/v1/assets/${id}`, undefined, 404);
  assert.equal((await colleague.json("GET", "/api/v1/assets")).total, 0);
  const media = await colleague.fetch(`/media/assets/${id}/original`);
  assert.equal(media.status, 404);
  await media.body?.cancel();
});

Deno.test("members of a group see what is shared with it, until they leave or it is deleted", async () => {
  const { tenant, id, share } = await hideAsset();
  const colleague = await join(tenant);
  const admin = await join(tenant, "admin");
  const group: GroupDetail = await admin.json("POST", "/api/v1/groups", { name: "Desk" }, 201);
  const member = `/api/v1/groups/${group.id}/members/${colleague.person.id}`;
  const ask = async () => {
    const response = await colleague.fetch(`/api/v1/assets/${id}`);
    await response.body?.cancel();
    return response.status;
  };
  const access = await share({ groups: [{ group_id: group.id, right: "edit" }] });
  assert.deepEqual(access.groups, [{ group_id: group.id, right: "edit", name: "Desk" }]);
  assert.equal(await ask(), 404);
  await admin.json("PUT", member);
  assert.equal(await ask(), 200);
  await admin.json("DELETE", member);
  assert.equal(await ask(), 404);
  await admin.json("PUT", member);
  await admin.json("DELETE", `/api/v1/groups/${group.id}`);
  assert.equal(await ask(), 404);
});

Deno.test("an internal asset is visible to all members, and to its maker alone when private again", async () => {
  const { tenant, maker, id, accessPath, share } = await hideAsset();
  const colleague = await join(tenant);
  const manager = await join(tenant, "manager");
  await maker.json("PATCH", `/api/v1/assets/${id}`, { visibility: "internal" });
  await colleague.json("GET", `/api/v1/assets/${id}`);
  await colleague.json("PATCH", `/api/v1/assets/${id}`, { visibility: "private" }, 403);
  const refused = await manager.json("PATCH", `/api/v1/assets/${id}`, { visibility: "private" }, 409);
  assert.match(refused.detail, /lose sight/);
  const self = { user_id: manager.person.id, right: "edit" };
  await manager.json("PUT", accessPath, { visibility: "private", users: [self] });
  await colleague.json("GET", `/api/v1/assets/${id}`, undefined, 404);
  await share({});
  await manager.json("GET", `/api/v1/assets/${id}`, undefined, 404);
});

Deno.test("grants to accounts and groups that the tenant does not have are refused by their path", async () => {
  const { tenant, maker, accessPath } = await hideAsset();
  const { person } = await join(tenant);
  const stranger = await server.addPerson({ tenant: "other" });
  const body = {
    visibility: "private",
    users: [{ user_id: person.id }, { user_id: stranger.id }, { user_id: person.id }],
    groups: [{ group_id: UNKNOWN }],
  };
  const { errors } = await maker.json("PUT", accessPath, body, 422);
  assert.deepEqual(errors.map(({ path }) => path), [
    "users.1.user_id",
    "users.2.user_id",
    "groups.0.group_id",
  ]);
  const access: Access = await maker.json("GET", accessPath);
  assert.deepEqual(access, { visibility: "private", users: [], groups: [] });
});

Deno.test("every change of access is audited", async () => {
  const { tenant, id, share } = await hideAsset();
  const { person } = await join(tenant);
  const admin = await join(tenant, "admin");
  for (const right of ["view", "edit"]) {
    await share({ users: [{ user_id: person.id, right }] });
    await share({});
  }
  await share({ users: [{ user_id: person.id }] });
  const { items } = await admin.json("GET", `/api/v1/audit?target_id=${id}&action=asset.share`);
  assert.ok(items.length >= 5);
  const after = items.at(-1)!.after as { users: Access["users"] };
  assert.equal(after.users[0]!.user_id, person.id);
  assert.deepEqual(items.at(-1)!.before, { visibility: "private", users: [], groups: [] });
});

Deno.test("row level security alone hides private things in every table when a query has no condition", async () => {
  const { colleague, hidden, secrets } = sealed;
  const { platform } = server;
  const { tenantId, id: viewer } = colleague.person;
  for (const name of (await tablesOf(server)).filter((table) => !(table in OPEN_TABLES))) {
    const shown = await platform.db.asTenant(
      tenantId,
      (sql) => sql<{ row: string }[]>`select t::text as row from ${sql(name)} t`,
      { viewer },
    );
    const text = shown.map(({ row }) => row).join("\n");
    for (const secret of secrets) assert.ok(!text.includes(secret), `${name} shows ${secret}`);
    const withoutViewer = await platform.db.asOwner(async (sql) => {
      await sql`select set_config('role', 'akashi_app', true), set_config('app.tenant_id', ${tenantId}, true)`;
      return await sql<{ row: string }[]>`select t::text as row from ${sql(name)} t`;
    });
    const leaked = withoutViewer.some(({ row }) => secrets.some((secret) => row.includes(secret)));
    assert.ok(!leaked, `${name} without a viewer`);
  }
  const all = await platform.db.asTenant(tenantId, (sql) => sql<{ id: string }[]>`select id from assets`);
  assert.ok(all.some(({ id }) => id === hidden.assets), "workers see their whole tenant");
});

Deno.test("every table with an asset_id has a restrictive policy", async () => {
  const bare = await server.platform.db.asOwner((sql) =>
    sql<{ name: string }[]>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'asset_id'
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not exists (
        select from pg_policies p where p.tablename = c.relname and p.permissive = 'RESTRICTIVE'
          and p.roles @> array['akashi_app'::name] and p.cmd in ('ALL', 'SELECT'))`
  );
  assert.deepEqual(bare.map(({ name }) => name), []);
});

Deno.test("row level security alone refuses changes to a private asset and grants to oneself", async () => {
  const { maker, colleague, hidden } = sealed;
  const { db } = server.platform;
  const { tenantId, id: viewer } = colleague.person;
  const { count } = await db.asTenant(tenantId, (sql) => sql`update assets set title = 'x'`, { viewer });
  assert.equal(count, 0);
  const grant = db.asTenant(
    tenantId,
    (sql) =>
      sql`insert into grants (id, tenant_id, asset_id, user_id, may)
          values (gen_random_uuid(), ${tenantId}, ${hidden.assets}, ${viewer}, 'edit')`,
    { viewer },
  );
  await assert.rejects(grant, /row-level security/);
  assert.equal((await maker.json("GET", `/api/v1/assets/${hidden.assets}`)).title, "Secret");
});

interface Member extends Client {
  person: Person;
}

async function join(tenant: string, role = "editor"): Promise<Member> {
  const person = await server.addPerson({ tenant, role });
  return { ...await server.client(person), person };
}

async function seal(): Promise<Sealed> {
  const tenant = "sealed";
  const [maker, colleague, third] = [await join(tenant), await join(tenant), await join(tenant)];
  const hidden = await hideThings(maker);
  // A grant to another account must be hidden as well.
  await maker.json("PUT", `/api/v1/assets/${hidden.assets}/access`, {
    visibility: "private",
    users: [{ user_id: third.person.id }],
  });
  return {
    tenant,
    maker,
    colleague,
    credentials: {
      token: colleague.token,
      cookie: await signInCookie(server.url, colleague.person.email, PASSWORD),
    },
    hidden,
    secrets: [...Object.values(hidden), "Secret"],
  };
}

/** A private asset in a tenant of its own. */
async function hideAsset() {
  const tenant = `tenant-${crypto.randomUUID()}`;
  const maker = await join(tenant);
  const { asset_id: id, jobs } = await bringIn(maker, { title: "Secret", visibility: "private" });
  const accessPath = `/api/v1/assets/${id}/access`;
  /** Replaces all grants. */
  const share = async (grants: object): Promise<Access> =>
    await maker.json("PUT", accessPath, { visibility: "private", ...grants });
  return { tenant, maker, id, job: jobs[0]!.id, accessPath, share };
}

async function hideThings(maker: Client): Promise<Hidden> {
  const { asset_id, jobs } = await bringIn(maker, { title: "Secret", visibility: "private" });
  const trashed = await bringIn(maker, { title: "Secret, thrown away", visibility: "private" });
  await maker.json("DELETE", `/api/v1/assets/${trashed.asset_id}`);
  const upload = await maker.fetch("/api/v1/uploads", {
    method: "POST",
    headers: { ...TUS, "Upload-Metadata": `filename ${btoa("Secret.png")},visibility ${btoa("private")}` },
  });
  return { assets: asset_id, jobs: jobs[0]!.id, uploads: upload.headers.get("Location")!.split("/").at(-1)! };
}

interface Ingested {
  asset_id: string;
  duplicate_of: string | null;
  jobs: { id: string }[];
}

async function bringIn(client: Client, fields: Record<string, string>): Promise<Ingested> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new File([BYTES], "a.png"));
  const response = await client.fetch("/api/v1/ingest", { method: "POST", body: form });
  assert.equal(response.status, 201);
  return await response.json();
}

/** A key that reads. */
async function makeKey(owner: Client): Promise<string> {
  const body = { name: "no admin", scopes: ["read"] };
  const { key }: { key: string } = await owner.json("POST", "/api/v1/api-keys", body, 201);
  return key;
}

/** Sends requests to the server, or to the same app with row level security reduced to the tenant. */
function senderOf(layer: string): (path: string, init: RequestInit) => Promise<Response> {
  const { url, platform } = server;
  if (layer === "") return (path, init) => fetch(url + path, init);
  const app = createApp(withoutViewer(platform));
  return async (path, init) => await app.request(url + path, init);
}

/** Row level security is reduced to the tenant, so that the queries alone must hide private things. */
function withoutViewer(platform: Platform): Platform {
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
