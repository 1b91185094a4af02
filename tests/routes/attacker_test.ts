// An attacker with a viewer's account of one tenant and all ids of another one: every route
// with every id, searches, tenant_code, the event stream, signed addresses, and the time that an answer takes.
import assert from "node:assert/strict";
import type { User } from "../../lib/identity/users/schema.ts";
import type { Platform } from "../../lib/platform/platform.ts";
import { signUrl } from "../../lib/platform/storage/signed.ts";
import { leastRole } from "../../lib/access/permissions.ts";
import { createApp } from "../../routes/app.ts";
import { isPermission, isSafe } from "../../routes/policy.ts";
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

const SECRET_BYTES = tinyPng("what the other tenant filmed");
const AWAY = [303, 400, 401, 403, 404, 405, 409, 412, 415, 422];

interface Credentials {
  token: string;
  cookie: string;
}

/** A viewer and an editor of the tenant "attacker", and the ids of everything in the tenant "victim". */
interface Attack {
  owner: Person;
  victim: Client;
  prey: Prey;
  attacker: Client;
  editor: Client;
  credentials: Credentials;
  /** Of an administrator of the attacker's tenant. */
  head: Credentials;
  routes: Route[];
  /** Texts that no answer may contain. */
  secrets: string[];
}

let server: TestServer;
let attack: Attack;
Deno.test.beforeAll(async () => {
  // In test mode metrics are open unless a token is set.
  server = await openTestServer({ settings: { METRICS_TOKEN: "a token for Prometheus alone" } });
  attack = await prepareAttack();
});
Deno.test.afterAll(() => server.close());

Deno.test("routes answer for each id of another tenant as for an unknown one", async () => {
  const { prey, routes, credentials } = attack;
  const ids = Object.values(prey.ids);
  let asked = 0;
  for (const route of routes.filter(({ path }) => /:\w/.test(path) && !path.startsWith("/static/"))) {
    const ask = async (id: string) =>
      readMasked(await fetch(server.url + addressOf(route, id), requestTo(route, credentials)), id);
    const none = await ask(UNKNOWN);
    // An object of the route's kind, and in turn two of other kinds.
    const others = [0, 1].map((step) => ids[(asked + step) % ids.length]!);
    for (const id of new Set([...(route.noun ? [prey.ids[route.noun]!] : []), ...others])) {
      const one = await ask(id);
      assert.deepEqual(one, none, `${route.method} ${route.path}`);
      assert.ok(AWAY.includes(one.status), `${route.method} ${route.path}: ${one.status}`);
      requireSilence(one.text, route.path);
      asked++;
    }
  }
  assert.ok(asked > 100, `${asked} requests`);
});

Deno.test("lists, pages and searches do not tell of another tenant, whatever is searched for", async () => {
  const { prey, routes, credentials, head } = attack;
  const lists = routes.filter(({ method, path }) =>
    method === "GET" && !/[:*]|events|openapi|docs/.test(path)
  );
  const wishes = ["Secret", prey.assetId, prey.sha256, "%", "secret-owner@example.org"];
  for (const [route, who] of lists.flatMap((route) => [[route, credentials], [route, head]] as const)) {
    for (const wish of wishes) {
      const said = new URLSearchParams({ search: wish, q: wish, target_id: wish, asset_id: prey.assetId });
      const response = await fetch(`${server.url}${route.path}?${said}`, requestTo(route, who));
      const text = decodeURIComponent((await response.text()).replaceAll(/%(?![0-9a-f]{2})/gi, ""));
      // Pages repeat the words that were searched for.
      const own = text.replaceAll(wish, "").replaceAll(prey.assetId, "");
      if (wish !== "%") requireSilence(own, `${route.path} for ${wish}`);
    }
  }
});

Deno.test("naming another tenant is refused in query, body and form", async () => {
  const { editor, routes, credentials } = attack;
  for (
    const route of routes.filter(({ method, path }) => method === "GET" && /^\/api\/v1\/\w+$/.test(path))
  ) {
    const response = await fetch(
      `${server.url}${route.path}?tenant_code=victim`,
      requestTo(route, credentials),
    );
    const text = await response.text();
    if (/openapi|docs|health/.test(route.path)) continue;
    assert.equal(response.status, 403, route.path);
    requireSilence(text, route.path, "victim");
  }
  await editor.json("POST", "/api/v1/assets", { title: "x", tenant_code: "victim" }, 403);
  const form = new FormData();
  form.set("tenant_code", "victim");
  form.set("file", new File([tinyPng()], "x.png"));
  const sent = await editor.fetch("/api/v1/ingest", { method: "POST", body: form });
  assert.equal(sent.status, 403);
  await sent.body?.cancel();
});

Deno.test("what concerns the whole installation is for superusers, whatever a tenant's administrator asks", async () => {
  const { routes, head } = attack;
  const wide = routes.filter(({ policy }) =>
    isPermission(policy.who) && leastRole(policy.who) === "superuser"
  );
  const named = ["/metrics", "/events/logs", "/api/v1/tenants", "/admin/tenants"];
  assert.deepEqual(named.filter((path) => !wide.some((route) => route.path === path)), []);
  for (const route of wide) {
    const response = await fetch(server.url + addressOf(route, UNKNOWN), requestTo(route, head));
    const text = await response.text();
    assert.equal(response.status, 403, `${route.method} ${route.path}`);
    requireSilence(text, route.path);
  }
});

Deno.test("an administrator changes nothing of another tenant, by any route and with any id", async () => {
  const { owner, prey, routes } = attack;
  const before = await rowsOf(owner.tenantId);
  assert.ok(Object.keys(before).length > 10);
  const changing = routes.filter(({ method, policy }) =>
    !isSafe(method) && !policy.endsSession && policy.who !== "public"
  );
  for (const route of changing) {
    for (const query of ["", "?tenant_code=victim"]) {
      const { head } = attack;
      const address = addressOf(route, prey.ids[route.noun ?? ""] ?? UNKNOWN);
      const response = await fetch(server.url + address + query, requestTo(route, head));
      await response.body?.cancel();
      assert.ok(response.status < 500, `${route.method} ${route.path}: ${response.status}`);
    }
  }
  assert.deepEqual(await rowsOf(owner.tenantId), before);
});

Deno.test("lies in the cache reach no event stream, and do not end it", async () => {
  const { editor, attacker } = attack;
  const stream = await listen(attacker);
  const { tenant_id } = await attacker.json("GET", "/api/v1/auth/me");
  const { cache } = server.platform;
  const type = "asset\ndata: Planted";
  const audience = { people: "everyone", administrators: null };
  for (
    const lie of [null, 7, "Planted", [], {}, { type: 1 }, { type }, { event: { type: "asset" }, audience }]
  ) {
    await cache.publish(`tenant:${tenant_id}`, lie as object);
    await cache.publish(`tenant:${tenant_id}:sealed`, lie as object);
  }
  const { id } = await editor.json("POST", "/api/v1/assets", { title: "own", asset_type: "video" }, 201);
  await stream.hears(id);
  assert.ok(!stream.heard().includes("Planted"));
  await stream.close();
});

Deno.test("the event stream is silent about the work of another tenant", async () => {
  const { victim, prey, attacker, editor } = attack;
  const stream = await listen(attacker);
  await victim.json("PATCH", `/api/v1/assets/${prey.assetId}`, { description: "Secret again" });
  await victim.json("POST", "/api/v1/assets", { title: "Secret, more of it", asset_type: "video" }, 201);
  const { id }: { id: string } = await editor.json("POST", "/api/v1/assets", {
    title: "own",
    asset_type: "video",
  }, 201);
  await stream.hears(id);
  requireSilence(stream.heard(), "the stream");
  await stream.close();
});

Deno.test("a signed URL opens only its own object, by its method and until it expires", async () => {
  const { prey, editor } = attack;
  const { platform, url } = server;
  const own = await bringIn(editor, tinyPng(), "Own");
  const mine = new URL(await signedUrl(editor, own.asset_id), url);
  assert.equal(await statusOf(mine), 200, "the attacker's own URL works");
  const theirs = new URL(prey.url, url);
  const { config, storage } = platform;
  const past = { now: () => Date.now() - 7_200_000 };
  const ref = {
    bucket: "originals" as const,
    key: decodeURIComponent(theirs.pathname.split("/").slice(3).join("/")),
  };
  const expired = signUrl(config, "GET", ref, { expiresSeconds: 3600 }, past);
  const others = {
    ...config,
    AKASHI_SECRET: "a secret of the attacker's own making, long enough",
    AKASHI_SECRET_PREVIOUS: undefined,
  };
  const forged = signUrl(others, "GET", ref, { expiresSeconds: 3600 });
  const change = (edit: (url: URL) => void, from = mine) => {
    const changed = new URL(from);
    edit(changed);
    return changed;
  };
  const tries: Record<string, URL> = {
    "another key": change((to) => to.pathname = theirs.pathname),
    "a key above": change((to) => to.pathname = to.pathname.replace(/[^/]+$/, `..%2F..%2F${ref.key}`)),
    "a key below": change((to) => to.pathname += "/more"),
    "another bucket": change((to) => to.pathname = to.pathname.replace(/-originals\//, "-proxies/")),
    "a later end": change((to) => to.searchParams.set("expires", "99999999999")),
    "no end": change((to) => to.searchParams.delete("expires")),
    "two ends": change((to) => to.searchParams.append("expires", "99999999999"), new URL(expired, url)),
    "another name": change((to) => to.searchParams.set("download", "x.html")),
    "another type": change((to) => to.searchParams.set("type", "text/html")),
    "no signature": change((to) => to.searchParams.delete("signature")),
    "half a signature": change((to) =>
      to.searchParams.set("signature", to.searchParams.get("signature")!.slice(0, 20))
    ),
    "the victim's, expired": new URL(expired, url),
    "one made with another secret": new URL(forged, url),
    "the victim's for another method": change((to) => to.searchParams.set("method", "PUT"), theirs),
  };
  for (const [what, address] of Object.entries(tries)) {
    assert.ok([403, 404].includes(await statusOf(address)), what);
  }
  for (const method of ["PUT", "POST", "DELETE", "PATCH"]) {
    const body = new TextEncoder().encode("defaced");
    for (const address of [mine, theirs]) {
      const status = await statusOf(address, { method, body });
      assert.ok([303, 403, 404].includes(status), `${method} ${status}`);
    }
  }
  const kept = await storage.get(ref);
  assert.deepEqual(new Uint8Array(await new Response(kept!.body).arrayBuffer()), SECRET_BYTES);
});

Deno.test({
  name:
    "the object store opens the object of a link alone, to read and for its time, and nothing without a link",
  ignore: !Deno.env.get("S3_ENDPOINT"),
  fn: async () => {
    const open = await openTestServer({ settings: { S3_PUBLIC_ENDPOINT: Deno.env.get("S3_ENDPOINT")! } });
    const link = await ingestAndLink(open, "attacker");
    const prey = await ingestAndLink(open, "victim");
    assert.equal(await statusAt(link), 200);
    const [, bucket] = link.pathname.split("/");
    const changed = (change: (url: URL) => void) => {
      const url = new URL(link);
      change(url);
      return url;
    };
    const refused: Record<string, [url: URL, method?: string]> = {
      "another tenant's object": [changed((url) => url.pathname = prey.pathname)],
      "a path that climbs": [changed((url) => url.pathname = `${link.pathname}/%2e%2e/${prey.pathname}`)],
      "a list of the bucket": [changed((url) => {
        url.pathname = `/${bucket}`;
        url.searchParams.set("list-type", "2");
      })],
      "another lifetime": [changed((url) => url.searchParams.set("X-Amz-Expires", "604800"))],
      "another type": [changed((url) => url.searchParams.set("response-content-type", "text/html"))],
      "writing": [link, "PUT"],
      "deleting": [link, "DELETE"],
      "no signature": [new URL(link.pathname, link)],
      "no signature, another tenant": [new URL(prey.pathname, link)],
      "a list without a signature": [new URL(`/${bucket}?list-type=2&prefix=victim/`, link)],
    };
    for (const [what, [url, method]] of Object.entries(refused)) {
      const status = await statusAt(url, method);
      assert.ok([400, 403, 404].includes(status), `${what}: ${status}`);
    }
    assert.equal(await statusAt(prey), 200, "the object that was to be overwritten is there");
    await open.close();
  },
});

/** Ingests a picture in this tenant; answers the link of the object store to its original. */
async function ingestAndLink(open: TestServer, tenant: string): Promise<URL> {
  const client = await open.client(await open.addPerson({ tenant, role: "editor" }));
  const body = await tinyPng(tenant);
  const made = await client.fetch("/api/v1/ingest/still.png", { method: "PUT", body: body as BodyInit });
  const { asset_id } = await made.json();
  const answer = await client.fetch(`/media/assets/${asset_id}/original`, { redirect: "manual" });
  await answer.body?.cancel();
  assert.equal(answer.status, 302);
  return new URL(answer.headers.get("Location")!);
}

async function statusAt(url: URL, method = "GET"): Promise<number> {
  const answer = await fetch(url, { method, body: method === "PUT" ? "planted" : undefined });
  await answer.body?.cancel();
  return answer.status;
}

Deno.test("an id of another tenant costs the same work as an unknown one", async () => {
  const { owner, prey, routes, credentials, head } = attack;
  const { platform, url } = server;
  const work: string[] = [];
  const app = createApp(recording(platform, work));
  // Administrators get further with an id than viewers do.
  for (const [route, who] of routes.flatMap((route) => [[route, credentials], [route, head]] as const)) {
    if (!route.noun) continue;
    const costOf = async (id: string) => {
      work.length = 0;
      await (await app.request(url + addressOf(route, id), requestTo(route, who))).body?.cancel();
      return [...work];
    };
    assert.deepEqual(
      await costOf(prey.ids[route.noun]!),
      await costOf(UNKNOWN),
      `${route.method} ${route.path}`,
    );
  }
  const signIn = async (email: string) => {
    work.length = 0;
    const body = JSON.stringify({ email, password: "not the one" });
    const headers = { "Content-Type": "application/json" };
    const response = await app.request(`${url}/api/v1/auth/login`, { method: "POST", headers, body });
    const { request_id: _, ...answer }: Record<string, unknown> = await response.json();
    assert.ok(work.length > 0, "the work is recorded");
    return { answer, work: [...work] };
  };
  assert.deepEqual(await signIn(owner.email), await signIn("nobody@example.org"));
});

async function prepareAttack(): Promise<Attack> {
  const owner = await server.addPerson({ tenant: "victim", email: "secret-owner@example.org" });
  const victim = await server.client(owner);
  const prey = await makePrey(victim);
  const person = await server.addPerson({ tenant: "attacker", role: "viewer" });
  const attacker = await server.client(person);
  const chief = await server.addPerson({ tenant: "attacker" });
  return {
    owner,
    victim,
    prey,
    attacker,
    editor: await server.client(await server.addPerson({ tenant: "attacker", role: "editor" })),
    credentials: {
      token: attacker.token,
      cookie: await signInCookie(server.url, person.email, PASSWORD),
    },
    head: {
      token: (await server.client(chief)).token,
      cookie: await signInCookie(server.url, chief.email, PASSWORD),
    },
    routes: routesOf(server.platform, Object.keys(prey.ids)),
    secrets: [...Object.values(prey.ids), "Secret", "secret-owner", "victim"],
  };
}

/** A fingerprint of each table's rows of a tenant. */
async function rowsOf(tenantId: string): Promise<Record<string, string>> {
  return await server.platform.db.asOwner(async (sql) => {
    const tables = await sql<{ name: string }[]>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by name`;
    const found: Record<string, string> = {};
    for (const { name } of tables) {
      const [row] = await sql<{ print: string | null }[]>`
        select md5(string_agg(t::text, '' order by t::text)) as print from ${
        sql(name)
      } t where tenant_id = ${tenantId}`;
      found[name] = row!.print ?? "";
    }
    return found;
  });
}

/** Nothing of the victim but what the attacker said themselves. */
function requireSilence(text: string, where: string, said = ""): void {
  const rest = said ? text.replaceAll(said, "") : text;
  for (const secret of attack.secrets) assert.ok(!rest.includes(secret), `${where} tells of ${secret}`);
}

interface Prey {
  /** By the word that stands before an id in addresses. */
  ids: Record<string, string>;
  assetId: string;
  sha256: string;
  url: string;
}

async function makePrey(victim: Client): Promise<Prey> {
  const { asset_id, jobs } = await bringIn(victim, SECRET_BYTES, "Secret");
  const upload = await victim.fetch("/api/v1/uploads", {
    method: "POST",
    headers: {
      "Tus-Resumable": "1.0.0",
      "Upload-Length": "10",
      "Upload-Metadata": `filename ${btoa("Secret")}`,
    },
  });
  const invitation: { id: string } = await victim.json(
    "POST",
    "/api/v1/auth/invitations",
    { email: "secret@example.org" },
    201,
  );
  const key: { id: string } = await victim.json("POST", "/api/v1/api-keys", { name: "Secret" }, 201);
  const group: { id: string } = await victim.json("POST", "/api/v1/groups", { name: "Secret" }, 201);
  const issuer = { name: "Secret", issuer: "https://secret.example.org", client_id: "akashi" };
  const provider: { id: string } = await victim.json("POST", "/api/v1/providers", issuer, 201);
  const me: User = await victim.json("GET", "/api/v1/auth/me");
  const [session]: { id: string }[] = await victim.json("GET", "/api/v1/auth/sessions");
  const { checksum_sha256 } = await victim.json("GET", `/api/v1/assets/${asset_id}`);
  return {
    ids: {
      assets: asset_id,
      jobs: jobs[0]!.id,
      uploads: upload.headers.get("Location")!.split("/").at(-1)!,
      users: me.id,
      people: me.id,
      tenants: me.tenant_id,
      sessions: session!.id,
      groups: group.id,
      providers: provider.id,
      invitations: invitation.id,
      "api-keys": key.id,
      keys: key.id,
    },
    assetId: asset_id,
    sha256: checksum_sha256!,
    url: await signedUrl(victim, asset_id),
  };
}

interface Ingested {
  asset_id: string;
  jobs: { id: string }[];
}

async function bringIn(client: Client, bytes: Uint8Array<ArrayBuffer>, title: string): Promise<Ingested> {
  const form = new FormData();
  form.set("title", title);
  form.set("file", new File([bytes], `${title}.png`));
  return await (await client.fetch("/api/v1/ingest", { method: "POST", body: form })).json();
}

async function signedUrl(client: Client, id: string): Promise<string> {
  return (await client.json("GET", `/api/v1/assets/${id}`)).storage_locations[0]!.url;
}

async function statusOf(address: URL, init?: RequestInit): Promise<number> {
  const response = await fetch(address, { redirect: "manual", ...init });
  await response.body?.cancel();
  return response.status;
}

/** The same app, recording each SQL statement and each call to the object store. */
function recording(platform: Platform, work: string[]): Platform {
  const { db } = platform;
  const spy = <S extends object>(sql: S): S =>
    new Proxy(sql, {
      apply(target, self, given: unknown[]) {
        const [text] = given;
        const words = Array.isArray(text) && "raw" in text ? text.join("?").replaceAll(/\s+/g, " ") : "";
        // A session is touched once a minute, depending on the clock and not on the request.
        if (words && !words.startsWith(" update sessions set last_used_at")) work.push(words);
        return Reflect.apply(target as unknown as () => unknown, self, given as []);
      },
    });
  const storage = new Proxy(platform.storage, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value === "function" && name !== "bucketName") work.push(`storage.${String(name)}`);
      return value;
    },
  });
  const asTenant: typeof db.asTenant = (tenantId, task, options) =>
    db.asTenant(tenantId, (sql) => task(spy(sql)), options);
  const asSystem: typeof db.asSystem = (task) => db.asSystem((sql) => task(spy(sql)));
  return { ...platform, storage, db: { ...db, asTenant, asSystem } };
}
