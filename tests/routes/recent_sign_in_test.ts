// Generated from the declarations: long after signing in, what gives lasting access or changes how a person signs in is
// refused, and nothing else is.
import assert from "node:assert/strict";
import { newId } from "../../lib/platform/ids.ts";
import type { Session } from "../../lib/identity/sessions/schema.ts";
import { addressOf, formOf, requestTo, type Route, routesOf, signInCookie } from "../support/router.ts";
import { type Client, openTestServer, PASSWORD, type Person, type TestServer } from "../support/server.ts";
import { makeThings } from "../support/things.ts";

const SAFE = ["GET", "HEAD", "OPTIONS"];
const CREDENTIAL = {
  id: "AA",
  rawId: "AA",
  type: "public-key",
  response: { clientDataJSON: "AA", attestationObject: "AA" },
};

/** What forms send as text. */
const FORM = { credential: JSON.stringify(CREDENTIAL), scopes: "openid", expires_in_days: "30" };

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("an old session is refused what the declarations say, and nothing else", async () => {
  const tenant = "old";
  const admin = await server.addPerson({ tenant });
  const client = await server.client(admin);
  const things: Record<string, string> = await makeThings(server, client, {
    name: "Old",
    person: await server.addPerson({ tenant, role: "user" }),
  });
  await client.json("POST", "/api/v1/auth/me/second-factor/totp", undefined, 201);
  things.people = (await server.addPerson({ tenant, role: "user" })).id;
  await client.json("DELETE", `/api/v1/auth/users/${things.people}`);
  await server.client(admin);
  const sessions: Session[] = await client.json("GET", "/api/v1/auth/sessions");
  things.sessions = sessions.find((each) => !each.is_current)!.id;
  const cookie = await signInCookie(server.url, admin.email, PASSWORD);
  await age(admin);
  const unsafe = routesOf(server.platform, Object.keys(things)).filter(({ method, policy }) =>
    !SAFE.includes(method) && !["public", "signed_url"].includes(policy.who)
  );
  // What ends sessions or deletes things comes after what must be refused.
  const order = ({ policy }: Route) => policy.recent ? 0 : policy.endsSession ? 2 : 1;
  const refused: string[] = [];
  for (const route of unsafe.toSorted((a, b) => order(a) - order(b))) {
    if (await isRefused(route, client, cookie, things)) refused.push(nameOf(route));
  }
  const declared = unsafe.filter(({ policy }) => policy.recent).map(nameOf);
  assert.ok(declared.length > 25, `${declared.length} routes`);
  assert.deepEqual(refused.toSorted(), declared.toSorted());
});

Deno.test("a key with the scope admin lets people in, but neither administrators nor other ways to sign in", async () => {
  const client = await server.client(await server.addPerson({ tenant: "keys" }));
  const { key } = await client.json("POST", "/api/v1/api-keys", { name: "admits", scopes: ["admin"] }, 201);
  const ask = async (method: string, path: string, body: object) => {
    const headers = { "X-API-Key": key, "Content-Type": "application/json" };
    const response = await fetch(server.url + path, { method, headers, body: JSON.stringify(body) });
    const { id } = await response.json();
    return { status: response.status, id };
  };
  const account = (role: string) => ({ email: `${newId()}@example.org`, password: PASSWORD, role });
  const { status, id } = await ask("POST", "/api/v1/auth/register", account("viewer"));
  assert.equal(status, 201);
  const path = `/api/v1/auth/users/${id}`;
  assert.equal((await ask("PATCH", path, { role: "manager" })).status, 200);
  assert.equal((await ask("PATCH", path, { role: "admin" })).status, 403);
  assert.equal((await ask("POST", "/api/v1/auth/register", account("admin"))).status, 403);
  const invitation = { email: `${newId()}@example.org` };
  assert.equal((await ask("POST", "/api/v1/auth/invitations", { ...invitation, role: "admin" })).status, 403);
  assert.equal((await ask("POST", "/api/v1/auth/invitations", invitation)).status, 201);
});

function nameOf({ method, path }: Route): string {
  return `${method} ${path}`;
}

/** True when the request is refused because the sign-in is too old. */
async function isRefused(
  route: Route,
  { token }: Client,
  cookie: string,
  things: Record<string, string>,
): Promise<boolean> {
  const init = requestTo(route, { token, cookie });
  const isPage = route.policy.surface === "page";
  if (init.body && isPage) init.body = formOf({ ...fields(), ...FORM });
  else if (typeof init.body === "string") init.body = JSON.stringify({ ...fields(), credential: CREDENTIAL });
  const response = await fetch(server.url + addressOf(route, things[route.noun ?? ""] ?? "x"), init);
  const text = await response.text();
  const isLed = response.headers.get("Location")?.startsWith("/sign-in?again=1");
  return isPage ? Boolean(isLed) : text.includes('"reason":"session.sign_in_too_old"');
}

/** Values with which every request that needs a recent sign-in asks for more access. */
function fields() {
  const unique = newId().slice(-12);
  return {
    title: "changed",
    name: "changed",
    role: "admin",
    email: `${unique}@example.org`,
    password: PASSWORD,
    issuer: "https://login.example.org",
    client_id: unique,
    default_role: "viewer",
    code: "123456",
  };
}

function age({ id }: Person) {
  return server.platform.db.asSystem((sql) =>
    sql`update sessions set created_at = now() - interval '20 days' where user_id = ${id}`
  );
}
