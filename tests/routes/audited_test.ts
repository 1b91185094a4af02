// Generated from the declarations: every route that changes something is brought to success, and must leave one of the
// audit entries that it declares, or none where it says why not.
import assert from "node:assert/strict";
import type { Audited } from "../../routes/policy.ts";
import { isSafe } from "../../routes/policy.ts";
import { stopClock } from "../support/authenticator.ts";
import { type Drive, type Driver, driverOf, DRIVES, type World } from "../support/drives.ts";
import { openMailbox } from "../support/mailbox.ts";
import { tinyPng } from "../support/media.ts";
import { formOf, type Route, routesOf, UNKNOWN } from "../support/router.ts";
import { openTestServer, PASSWORD } from "../support/server.ts";
import { FITTING, makeThings } from "../support/things.ts";
import { until } from "../support/until.ts";

/** Need a device that proves who holds it: tests/e2e has one. */
const BY_DEVICE = [
  "POST /api/v1/auth/login/passkey",
  "POST /api/v1/auth/me/passkeys",
  "POST /settings/security/passkeys",
  "POST /sign-in/passkey",
  "POST /sign-in/second-step/passkey",
];
/** What such a request takes away, others need: the things are made anew after it. */
const CONSUMES =
  /^DELETE|\/(delete|revoke|trash|restore|deactivate|reactivate|cancel|retry|confirm|reset-second-factor)$|\/uploads\/:id/;

Deno.test("every route that changes something leaves the audit entry that it declares", async (t) => {
  const mailbox = await openMailbox();
  const server = await openTestServer({
    settings: { SMTP_URL: mailbox.url, MAIL_FROM: "akashi@example.org" },
  });
  const codeOf = stopClock(server);
  // Superusers may do everything; every administrator of the tenant would be told of each key by mail.
  const driver = async (role: string) =>
    await driverOf(server, await server.addPerson({ tenant: "own", role, superuser: true }));
  const fresh = () => driver("viewer");
  const root = await driver("admin");
  const make = async () => {
    // A tenant has a few providers at most.
    await server.platform.db.asSystem((sql) => sql`delete from providers`);
    return await makeThings(server, root.client, {
      name: "Thing",
      person: await server.addPerson({ tenant: "own", role: "user" }),
    });
  };
  const world: World = { server, root, things: await make(), mailbox, codeOf, fresh };
  const routes = routesOf(server.platform, Object.keys(world.things))
    .filter(({ method, policy }) => !isSafe(method) && policy.who !== "signed_url");
  assert.ok(routes.length > 80, `${routes.length} routes`);

  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    if (BY_DEVICE.includes(name)) continue;
    await t.step(name, async () => {
      const given = await DRIVES[name]?.(world) ?? {};
      const drive = { as: await standardDriver(route), ...given };
      const audit = route.policy.audit!;
      const before = await count(audit);
      const response = await ask(route, drive);
      const said = await response.text();
      assert.ok(isDone(route, response), `answered ${response.status}: ${said.slice(0, 2000)}`);
      if ("none" in audit) {
        assert.equal(await count(audit), before, `left an entry; declared: none, ${audit.none}`);
      } else {
        // Some are written after the answer, which must not tell whether an account exists.
        await until(`an entry of ${audit.join(", ")}`, async () => await count(audit) > before);
      }
    });
    if (CONSUMES.test(name)) world.things = await make();
  }
  await server.close();
  await mailbox.close();

  /** A browser that is signed in would lose its session by signing in again. */
  async function standardDriver({ policy }: Route): Promise<Driver> {
    if (policy.endsSession) return await fresh();
    return policy.who === "public" ? { ...root, cookie: "" } : root;
  }

  /** How many entries there are of these kinds, or of any kind, in all tenants. */
  async function count(audit: Audited): Promise<number> {
    const [row] = await server.platform.db.asSystem((sql) =>
      sql<{ count: number }[]>`
        select count(*) from audit_entries
        where ${"none" in audit ? sql`true` : sql`action = any(${[...audit]})`}`
    );
    return row!.count;
  }

  function ask(route: Route, { as, ...drive }: Drive & { as: Driver }): Promise<Response> {
    const { method, path, policy } = route;
    const isPage = policy.surface === "page";
    const id = drive.id ?? world.things[route.noun as keyof World["things"]] ?? "x";
    const address = path.replace(/:id(\{[^}]*\})?/, id)
      .replace(":purpose", "thumbnail").replace(":user_id", drive.user_id ?? world.things.users).replaceAll(
        /:\w+/g,
        "x.png",
      );
    const headers: Record<string, string> = isPage
      ? { Cookie: as.cookie, "Sec-Fetch-Site": "same-origin" }
      : { Authorization: `Bearer ${as.client.token}` };
    const request = bodyOf(route, drive);
    return fetch(server.url + address, {
      method,
      redirect: "manual",
      headers: { ...headers, ...request.headers },
      body: request.body,
    });
  }

  function bodyOf({ method, path, policy, accepts }: Route, drive: Drive): Drive {
    if (drive.body || drive.headers) return drive;
    const fields = { ...plausible(), ...drive.fields };
    if (path.startsWith("/api/v1/uploads")) {
      const headers = { "Tus-Resumable": "1.0.0", "Upload-Offset": "0" };
      if (method !== "PATCH") return { headers };
      return { headers: { ...headers, "Content-Type": accepts! }, body: new Uint8Array(10) };
    }
    if (method === "DELETE") return {};
    if (accepts === "multipart/form-data") {
      const form = new FormData();
      form.set("file", new File([tinyPng()], "a.png"));
      return { body: form };
    }
    if (accepts === "application/octet-stream") return { body: tinyPng() };
    if (policy.surface === "page") return { body: formOf(fields) };
    return { body: JSON.stringify(fields), headers: { "Content-Type": "application/json" } };
  }

  function plausible(): Record<string, string | number> {
    const unique = crypto.randomUUID().slice(0, 13);
    return {
      ...FITTING,
      title: `changed ${unique}`,
      name: `changed ${unique}`,
      role: "editor",
      code: unique,
      email: `${unique}@example.org`,
      password: PASSWORD,
      user_id: world.things.users ?? UNKNOWN,
      issuer: "https://login.example.org",
      client_id: unique,
    };
  }
});

/** True for what was done: a page leads elsewhere then, to the sign-in only when it ends the session. */
function isDone({ policy }: Route, { status, headers }: Response): boolean {
  if (status !== 303) return status >= 200 && status < 300;
  return policy.endsSession === true || !/^\/sign-in(\?|$)/.test(headers.get("Location") ?? "");
}
