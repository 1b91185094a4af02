// Generated from the declarations: every route is asked by every role, by a key that may only read and anonymously,
// about things of the actor's own tenant and of another. docs/routes.md is the same list for people to read.
import assert from "node:assert/strict";
import { ROLES } from "../../lib/access/context.ts";
import { may, type Permission } from "../../lib/access/permissions.ts";
import { createApp } from "../../routes/app.ts";
import { listRoutes, undeclared } from "../../routes/declare.ts";
import { isPermission, type Policy, type Who } from "../../routes/policy.ts";
import { tinyPng } from "../support/media.ts";
import { formOf, nounOf } from "../support/router.ts";
import { type Client, openTestServer, PASSWORD } from "../support/server.ts";
import { FITTING, makeThings } from "../support/things.ts";

interface Case {
  method: string;
  path: string;
  policy: Policy;
  who: Who;
  accepts?: string;
}

const TUS = { "Tus-Resumable": "1.0.0" };
const SAFE = ["GET", "HEAD", "OPTIONS"];
/** What an allowed request may meet: it is done, the thing is gone or of somebody else, its state or the body differ. */
const MET = [200, 201, 202, 204, 302, 303, 404, 409, 412, 415, 422];

type Things = Record<string, string>;

interface Asker {
  name: string;
  client(): Promise<Client>;
  mayAsk(permission: Permission, method: string): boolean;
}

Deno.test("permissions", async (t) => {
  // With a token of its own `/metrics` is held by the permission; in tests it is open without one.
  const server = await openTestServer({ settings: { METRICS_TOKEN: "the-token-of-prometheus" } });
  const app = createApp(server.platform);
  const cases: Case[] = listRoutes(app).flatMap((route) => [
    { ...route, who: route.policy.who },
    ...(route.policy.variants ?? []).map(({ query, who }) => ({
      ...route,
      path: `${route.path}?${query}`,
      who,
    })),
  ]);
  const maker = await server.client(await server.addPerson({ tenant: "own" }));
  const other = await server.client(await server.addPerson({ tenant: "foreign" }));
  const thingsOf = async (client: Client, tenant: string): Promise<Things> =>
    await makeThings(server, client, {
      name: "Thing",
      person: await server.addPerson({ tenant, role: "user" }),
    });
  const foreign = await thingsOf(other, "foreign");
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

  await t.step("every route declares who may use it", () => {
    assert.ok(cases.length > 150, `${cases.length} routes`);
    assert.deepEqual(undeclared(app), []);
  });

  for (const asker of askers) {
    let client = await asker.client();
    const things = await thingsOf(maker, "own");
    await t.step(`${asker.name} may do what the table says and nothing else`, async () => {
      for (const route of cases) {
        const { method, path, who, policy } = route;
        if (!isPermission(who)) continue;
        const allowed = asker.mayAsk(who, method);
        const own = await ask(client, route, things);
        assert.ok(
          allowed ? MET.includes(own) : own === 403,
          `${asker.name}: ${method} ${path} answered ${own} for a thing of the own tenant`,
        );
        if (policy.endsSession) client = await asker.client();
        if (path.endsWith("/require-second-factor")) await freeTenants();
        if (!/:(id|purpose)/.test(path)) continue;
        const theirs = await ask(client, route, foreign);
        const hidden = who.startsWith("tenants.") ? MET : [404, 412];
        assert.ok(
          allowed ? hidden.includes(theirs) : [403, 404].includes(theirs),
          `${asker.name}: ${method} ${path} answered ${theirs} for a thing of another tenant`,
        );
      }
    });
  }

  await t.step("anonymous requests get nothing but what is public", async () => {
    const anonymous: Client = { ...maker, fetch: (path, init) => fetch(server.url + path, init) };
    for (const route of cases) {
      const { method, path, who, policy } = route;
      const status = await ask(anonymous, route, foreign);
      const name = `${method} ${path} answered ${status}`;
      if (who === "signed_url") assert.ok([403, 404].includes(status), name);
      // Where credentials are sent they are wrong ones here.
      else if (who === "public") assert.ok(policy.rate === "standard" || status !== 401, name);
      else assert.equal(status, policy.surface === "page" ? 303 : 401, name);
    }
  });

  console.log(`${cases.length} routes, ${asked} requests`);
  await server.close();

  /** An account that must set up a second factor may ask nothing else. */
  function freeTenants() {
    return server.platform.db.asSystem((sql) => sql`update tenants set settings = '{}'`);
  }

  async function ask(client: Client, route: Case, things: Things): Promise<number> {
    asked++;
    const { method, path } = route;
    const noun = nounOf(path, Object.keys(things));
    const address = path.replace(/:id(\{[^}]*\})?/, things[noun ?? ""] ?? "x").replace(":purpose", "original")
      .replace(":user_id", things.users!)
      .replaceAll(/:\w+/g, "x.png").replace("*", "x");
    const response = await client.fetch(address, {
      method,
      redirect: "manual",
      ...requestFor(route, things),
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

/** A request whose body fits, so that nothing but the right to make it is in question. */
function requestFor({ method, path, policy, accepts }: Case, things: Things): RequestInit {
  if (path.startsWith("/api/v1/uploads")) return uploadRequest(method, path);
  if (["GET", "HEAD", "DELETE"].includes(method)) return {};
  if (accepts === "multipart/form-data") {
    const form = new FormData();
    form.set("file", new File([tinyPng()], "a.png"));
    return { body: form };
  }
  if (accepts === "application/octet-stream") return { body: tinyPng() };
  const unique = crypto.randomUUID().slice(0, 13);
  const fields = {
    ...FITTING,
    role: "viewer",
    code: unique,
    // The asker's own address stays: the test signs in by it again.
    ...(!/^\/api\/v1\/auth\/me$|^\/settings\/profile$/.test(path) && { email: `${unique}@example.org` }),
    password: PASSWORD,
    current_password: "not the one",
    new_password: "three blue herons",
    user_id: things.users!,
    issuer: "https://login.example.org",
    client_id: unique,
  };
  if (policy.surface === "page") return { body: formOf(fields) };
  return { body: JSON.stringify(fields), headers: { "Content-Type": "application/json" } };
}

function uploadRequest(method: string, path: string): RequestInit {
  if (path === "/api/v1/uploads" && method === "POST") {
    return { headers: { ...TUS, "Upload-Length": "10", "Upload-Metadata": `filename ${btoa("a.png")}` } };
  }
  if (!["PATCH", "POST"].includes(method)) return { headers: TUS };
  const headers = {
    ...TUS,
    "Upload-Offset": "0",
    "Content-Type": "application/offset+octet-stream",
    ...(method === "POST" && { "X-HTTP-Method-Override": "PATCH" }),
  };
  return { headers, body: new Uint8Array(10) };
}
