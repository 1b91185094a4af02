// Generated from the router: every route is asked by every role, by a key that may only read and by a stranger, about
// things of their own tenant and of another. A route that is not in the table below fails: say who may use it.
import assert from "node:assert/strict";
import { ROLES } from "../../lib/access/context.ts";
import { may, type Permission } from "../../lib/access/permissions.ts";
import { createApp } from "../../routes/app.ts";
import { tinyPng } from "../support/media.ts";
import { type Client, openTestServer, PASSWORD, type Person, type TestServer } from "../support/server.ts";

/** `public` is for strangers too, `signed` for whoever holds a signed address. */
const NEEDED: Record<string, Permission | "public" | "signed"> = {
  "GET /static/:build/:name": "public",
  "GET /livez": "public",
  "GET /readyz": "public",
  "GET /metrics": "public", // In production: metrics.read.
  "GET /objects/*": "signed",
  "PUT /objects/*": "signed",
  "GET /media/assets/:id/:purpose": "media.read",
  "GET /events": "events.read",
  "GET /events/logs": "logs.read",

  "GET /api/v1/openapi.json": "public",
  "GET /api/v1/docs": "public",
  "GET /api/v1/health": "public",
  "GET /api/v1/health/live": "public",
  "GET /api/v1/health/ready": "public",
  "POST /api/v1/auth/login": "public",
  "POST /api/v1/auth/login/passkey": "public",
  "POST /api/v1/auth/login/passkey/options": "public",
  "POST /api/v1/auth/refresh": "public",
  "POST /api/v1/auth/register": "users.change",
  "POST /api/v1/auth/password-reset": "public",
  "POST /api/v1/auth/password-reset/confirm": "public",
  "POST /api/v1/auth/logout": "sessions.change",
  "POST /api/v1/auth/logout-all": "sessions.change",
  "GET /api/v1/auth/sessions": "sessions.read",
  "DELETE /api/v1/auth/sessions/:id": "sessions.change",
  "GET /api/v1/auth/me": "account.read",
  "PATCH /api/v1/auth/me": "account.change",
  "POST /api/v1/auth/me/change-password": "account.change",
  "GET /api/v1/auth/me/second-factor": "account.read",
  "POST /api/v1/auth/me/second-factor/totp": "account.change",
  "POST /api/v1/auth/me/second-factor/totp/confirm": "account.change",
  "DELETE /api/v1/auth/me/second-factor/totp": "account.change",
  "POST /api/v1/auth/me/second-factor/recovery-codes": "account.change",
  "GET /api/v1/auth/me/passkeys": "account.read",
  "POST /api/v1/auth/me/passkeys": "account.change",
  "POST /api/v1/auth/me/passkeys/options": "account.change",
  "PATCH /api/v1/auth/me/passkeys/:id": "account.change",
  "DELETE /api/v1/auth/me/passkeys/:id": "account.change",
  "GET /api/v1/auth/me/identities": "account.read",
  "DELETE /api/v1/auth/me/identities/:id": "account.change",
  "GET /api/v1/auth/users": "users.read",
  "GET /api/v1/auth/users/:id": "users.read",
  "PATCH /api/v1/auth/users/:id": "users.change",
  "DELETE /api/v1/auth/users/:id": "users.change",
  "DELETE /api/v1/auth/users/:id/second-factor": "users.change",
  "GET /api/v1/auth/invitations": "invitations.read",
  "POST /api/v1/auth/invitations": "invitations.change",
  "DELETE /api/v1/auth/invitations/:id": "invitations.change",
  "GET /api/v1/api-keys": "api_keys.read",
  "POST /api/v1/api-keys": "api_keys.change",
  "GET /api/v1/api-keys/:id": "api_keys.read",
  "PATCH /api/v1/api-keys/:id": "api_keys.change",
  "DELETE /api/v1/api-keys/:id": "api_keys.change",
  "POST /api/v1/api-keys/:id/revoke": "api_keys.change",
  "GET /api/v1/groups": "groups.read",
  "POST /api/v1/groups": "groups.change",
  "GET /api/v1/groups/:id": "groups.read",
  "PATCH /api/v1/groups/:id": "groups.change",
  "DELETE /api/v1/groups/:id": "groups.change",
  "PUT /api/v1/groups/:id/members/:user_id": "groups.change",
  "DELETE /api/v1/groups/:id/members/:user_id": "groups.change",
  "GET /api/v1/providers": "providers.read",
  "POST /api/v1/providers": "providers.change",
  "GET /api/v1/providers/:id": "providers.read",
  "PATCH /api/v1/providers/:id": "providers.change",
  "DELETE /api/v1/providers/:id": "providers.change",
  "GET /api/v1/tenants": "tenants.read",
  "POST /api/v1/tenants": "tenants.change",
  "GET /api/v1/tenants/:id": "tenants.read",
  "PATCH /api/v1/tenants/:id": "tenants.change",
  "GET /api/v1/usage": "usage.read",
  "GET /api/v1/audit": "audit.read",
  "GET /api/v1/audit/export": "audit.read",
  "POST /api/v1/ingest": "assets.change",
  "PUT /api/v1/ingest/:filename": "assets.change",
  "OPTIONS /api/v1/uploads": "uploads.read",
  "POST /api/v1/uploads": "uploads.change",
  "GET /api/v1/uploads/:id": "uploads.read",
  "PATCH /api/v1/uploads/:id": "uploads.change",
  "DELETE /api/v1/uploads/:id": "uploads.change",
  "GET /api/v1/assets": "assets.read",
  "POST /api/v1/assets": "assets.change",
  "GET /api/v1/assets/:id": "assets.read",
  "PATCH /api/v1/assets/:id": "assets.change",
  "DELETE /api/v1/assets/:id": "assets.change",
  "DELETE /api/v1/assets/:id?hard_delete=true": "assets.delete",
  "POST /api/v1/assets/:id/restore": "assets.change",
  "GET /api/v1/assets/:id/access": "assets.share", // And whoever made it.
  "PUT /api/v1/assets/:id/access": "assets.share",
  "POST /api/v1/assets/:id/upload": "assets.change",
  "GET /api/v1/jobs": "jobs.read",
  "POST /api/v1/jobs/process-pending": "jobs.hurry",
  "GET /api/v1/jobs/:id": "jobs.read",
  "POST /api/v1/jobs/:id/retry": "jobs.change",
  "POST /api/v1/jobs/:id/cancel": "jobs.change",

  "GET /sign-in": "public",
  "POST /sign-in": "public",
  "GET /sign-in/second-step": "public",
  "POST /sign-in/second-step": "public",
  "POST /sign-in/second-step/options": "public",
  "POST /sign-in/second-step/passkey": "public",
  "POST /sign-in/passkey": "public",
  "GET /sign-in/with/:provider": "public",
  "GET /sign-in/back/:provider": "public",
  "POST /sign-out": "public",
  "GET /join": "public",
  "POST /join": "public",
  "GET /forgot": "public",
  "POST /forgot": "public",
  "GET /reset": "public",
  "POST /reset": "public",
  "GET /": "assets.read",
  "GET /activity": "jobs.read",
  "GET /assets/cards": "assets.read",
  "GET /assets/:id": "assets.read",
  "GET /assets/:id/card": "assets.read",
  "GET /assets/:id/panel": "assets.read",
  "GET /assets/:id/stage": "assets.read",
  "POST /assets/:id": "assets.change",
  "POST /assets/:id/access": "assets.share",
  "POST /assets/:id/trash": "assets.change",
  "POST /assets/:id/restore": "assets.change",
  "GET /jobs": "jobs.read",
  "GET /jobs/list": "jobs.read",
  "GET /jobs/:id/row": "jobs.read",
  "POST /jobs/:id/retry": "jobs.change",
  "POST /jobs/:id/cancel": "jobs.change",
  "GET /settings": "account.read",
  "POST /settings/appearance": "account.change",
  "POST /settings/profile": "account.change",
  "POST /settings/password": "account.change",
  "GET /settings/security": "account.read",
  "POST /settings/security/totp": "account.change",
  "GET /settings/security/totp": "account.change",
  "POST /settings/security/totp/confirm": "account.change",
  "POST /settings/security/totp/delete": "account.change",
  "POST /settings/security/recovery-codes": "account.change",
  "POST /settings/security/passkeys": "account.change",
  "POST /settings/security/identities/:id/delete": "account.change",
  "POST /settings/security/passkeys/:id/delete": "account.change",
  "GET /settings/sessions": "sessions.read",
  "POST /settings/sessions/:id/end": "sessions.change",
  "GET /settings/keys": "api_keys.read",
  "POST /settings/keys": "api_keys.change",
  "POST /settings/keys/:id/revoke": "api_keys.change",
  "GET /admin": "users.read",
  "POST /admin": "invitations.change",
  "POST /admin/invitations/:id/delete": "invitations.change",
  "POST /admin/people/:id": "users.change",
  "POST /admin/people/:id/deactivate": "users.change",
  "POST /admin/people/:id/reactivate": "users.change",
  "POST /admin/people/:id/reset-second-factor": "users.change",
  "GET /admin/groups": "groups.read",
  "POST /admin/groups": "groups.change",
  "GET /admin/groups/:id": "groups.read",
  "POST /admin/groups/:id": "groups.change",
  "POST /admin/groups/:id/delete": "groups.change",
  "POST /admin/groups/:id/members": "groups.change",
  "POST /admin/groups/:id/members/:user_id/delete": "groups.change",
  "GET /admin/providers": "providers.read",
  "POST /admin/providers": "providers.change",
  "GET /admin/providers/:id": "providers.read",
  "POST /admin/providers/:id": "providers.change",
  "POST /admin/providers/:id/delete": "providers.change",
  "GET /admin/usage": "usage.read",
  "GET /admin/audit": "audit.read",
  "GET /admin/tenants": "tenants.read",
  "POST /admin/tenants": "tenants.change",
  "GET /admin/tenants/:id": "tenants.read",
  "POST /admin/tenants/:id": "tenants.change",
  "POST /admin/tenants/:id/suspend": "tenants.change",
  "POST /admin/tenants/:id/resume": "tenants.change",
  "POST /admin/tenants/:id/require-second-factor": "tenants.change",
  "POST /admin/tenants/:id/free-second-factor": "tenants.change",
};

const TUS = { "Tus-Resumable": "1.0.0" };
const SAFE = ["GET", "HEAD", "OPTIONS"];
const ENDS_SESSION = /logout|sign-out/;
/** What an allowed request may meet: it is done, the thing is gone or of somebody else, its state or the body differ. */
const MET = [200, 201, 202, 204, 302, 303, 404, 409, 412, 415, 422];

type Things = Record<string, string>;

interface Asker {
  name: string;
  client(): Promise<Client>;
  mayAsk(permission: Permission, method: string): boolean;
}

Deno.test("permissions", async (t) => {
  const server = await openTestServer();
  const routes = [
    ...createApp(server.platform).routes.filter((route) => route.method !== "ALL")
      .map(({ method, path }) => `${method} ${path}`),
    "DELETE /api/v1/assets/:id?hard_delete=true",
  ];
  const maker = await server.client(await server.addPerson({ tenant: "own" }));
  const other = await server.client(await server.addPerson({ tenant: "foreign" }));
  const victim = (tenant: string) => server.addPerson({ tenant, role: "user" });
  const foreign = await makeThings(other, await victim("foreign"), server);
  // Superusers may suspend it, and then nobody of it could be asked any more.
  foreign.tenants = (await server.addPerson({ tenant: "third" })).tenantId;
  let asked = 0;

  const askers: Asker[] = await Promise.all([...ROLES, "superuser" as const].map(async (role) => {
    const superuser = role === "superuser";
    const person = await server.addPerson({ tenant: "own", role: superuser ? "admin" : role, superuser });
    const actor = {
      tenantId: person.tenantId,
      tenantCode: "own",
      userId: person.id,
      sessionId: null,
      role: superuser ? "admin" as const : role,
      isSuperuser: superuser,
    };
    return {
      name: role,
      client: () => server.client(person),
      mayAsk: (permission: Permission) => may({ actor }, permission),
    };
  }));
  askers.push(await readingKey(maker));

  await t.step("every route says who may use it, and no other does", () => {
    assert.deepEqual([...new Set(routes)].toSorted(), Object.keys(NEEDED).toSorted());
  });

  for (const asker of askers) {
    let client = await asker.client();
    const things = await makeThings(maker, await victim("own"), server);
    await t.step(`${asker.name} may do what the table says and nothing else`, async () => {
      for (const [route, permission] of Object.entries(NEEDED)) {
        if (permission === "public" || permission === "signed") continue;
        const method = route.split(" ")[0]!;
        const allowed = asker.mayAsk(permission, method);
        const own = await ask(client, route, things);
        assert.ok(
          allowed ? MET.includes(own) : own === 403,
          `${asker.name}: ${route} answered ${own} for a thing of the own tenant`,
        );
        if (ENDS_SESSION.test(route)) client = await asker.client();
        if (/require-second-factor/.test(route)) await freeTenants();
        if (!/:(id|purpose)/.test(route)) continue;
        const theirs = await ask(client, route, foreign);
        const hidden = permission.startsWith("tenants.") ? MET : [404, 412];
        assert.ok(
          allowed ? hidden.includes(theirs) : [403, 404].includes(theirs),
          `${asker.name}: ${route} answered ${theirs} for a thing of another tenant`,
        );
      }
    });
  }

  await t.step("strangers get nothing but what is public", async () => {
    const nobody: Client = { ...maker, fetch: (path, init) => fetch(server.url + path, init) };
    for (const [route, permission] of Object.entries(NEEDED)) {
      const status = await ask(nobody, route, foreign);
      const isPage = !/^\w+ \/(api|media|events)/.test(route);
      if (permission === "signed") assert.ok([403, 404].includes(status), route);
      else if (permission === "public") assert.ok(/\/auth\/|sign-in/.test(route) || status !== 401, route);
      else assert.equal(status, isPage ? 303 : 401, route);
    }
  });

  console.log(`${Object.keys(NEEDED).length} routes, ${asked} requests`);
  await server.close();

  /** Who has to set up a second factor may ask nothing else. */
  function freeTenants() {
    return server.platform.db.asSystem((sql) => sql`update tenants set settings = '{}'`);
  }

  async function ask(client: Client, route: string, things: Things): Promise<number> {
    asked++;
    const [method, path] = route.split(" ") as [string, string];
    const noun = path.split("/").findLast((part) => part in things);
    const address = path.replace(/:id(\{[^}]*\})?/, things[noun ?? ""] ?? "x").replace(":purpose", "original")
      .replace(":user_id", things.users!)
      .replaceAll(/:\w+/g, "x.png").replace("*", "x");
    const response = await client.fetch(address, {
      method,
      redirect: "manual",
      ...requestFor(method, path, things),
    });
    await response.body?.cancel();
    return response.status;
  }

  async function readingKey(by: Client): Promise<Asker> {
    const { key } = await by.json("POST", "/api/v1/api-keys", { name: "reads", scopes: ["read"] }, 201);
    const send = (path: string, init?: RequestInit) =>
      fetch(server.url + path, {
        ...init,
        headers: { ...init?.headers as Record<string, string>, "X-API-Key": key },
      });
    const actor = { tenantId: "", tenantCode: "", userId: "", sessionId: null, isSuperuser: false };
    return {
      name: "an administrator's key that reads",
      client: () => Promise.resolve({ ...by, token: key, fetch: send }),
      mayAsk: (permission, method) =>
        SAFE.includes(method) && may({ actor: { ...actor, role: "manager" } }, permission),
    };
  }
});

/** One thing of each kind that an address can name. */
async function makeThings(client: Client, person: Person, server: TestServer): Promise<Things> {
  const form = new FormData();
  form.set("file", new File([tinyPng()], "a.png"));
  const { asset_id, jobs } = await (await client.fetch("/api/v1/ingest", { method: "POST", body: form }))
    .json();
  const upload = await client.fetch("/api/v1/uploads", {
    method: "POST",
    headers: { ...TUS, "Upload-Length": "10", "Upload-Metadata": `filename ${btoa("a.png")}` },
  });
  const email = `guest-${crypto.randomUUID()}@example.org`;
  const invitation = await client.json("POST", "/api/v1/auth/invitations", { email }, 201);
  const key = await client.json("POST", "/api/v1/api-keys", { name: "a key" }, 201);
  const group = await client.json("POST", "/api/v1/groups", { name: email }, 201);
  const house = { name: "A house", issuer: "https://login.example.org", client_id: "akashi" };
  const provider = await client.json("POST", "/api/v1/providers", house, 201);
  await client.json("PUT", `/api/v1/groups/${group.id}/members/${person.id}`);
  const [session] = await client.json("GET", "/api/v1/auth/sessions");
  const { tenant_id } = await client.json("GET", "/api/v1/auth/me");
  return {
    assets: asset_id,
    jobs: jobs[0].id,
    uploads: upload.headers.get("Location")!.split("/").at(-1)!,
    users: person.id,
    people: person.id,
    passkeys: await server.addPasskey(person),
    invitations: invitation.id,
    sessions: session.id,
    groups: group.id,
    providers: provider.id,
    identities: provider.id,
    "api-keys": key.id,
    keys: key.id,
    tenants: tenant_id,
  };
}

/** A request whose body fits, so that nothing but the right to make it is in question. */
function requestFor(method: string, path: string, things: Things): RequestInit {
  if (path.startsWith("/api/v1/uploads")) return uploadRequest(method);
  if (["GET", "HEAD", "DELETE"].includes(method)) return {};
  if (/\/ingest$|\/upload$/.test(path)) {
    const form = new FormData();
    form.set("file", new File([tinyPng()], "a.png"));
    return { body: form };
  }
  if (path.includes("/ingest/")) return { body: tinyPng() };
  const unique = crypto.randomUUID().slice(0, 13);
  const fields = {
    title: "A title",
    name: "A name",
    role: "viewer",
    code: unique,
    email: `${unique}@example.org`,
    password: PASSWORD,
    current_password: "not the one",
    new_password: "three blue herons",
    user_id: things.users!,
    visibility: "internal",
    issuer: "https://login.example.org",
    client_id: unique,
  };
  if (!path.startsWith("/api/")) return { body: new URLSearchParams(fields) };
  return { body: JSON.stringify(fields), headers: { "Content-Type": "application/json" } };
}

function uploadRequest(method: string): RequestInit {
  if (method === "POST") {
    return { headers: { ...TUS, "Upload-Length": "10", "Upload-Metadata": `filename ${btoa("a.png")}` } };
  }
  if (method !== "PATCH") return { headers: TUS };
  const headers = { ...TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream" };
  return { headers, body: new Uint8Array(10) };
}
