// Sign-in at a provider as it is seen on the pages; `tests/routes/single_sign_on_test.ts` tests the protocol.
import assert from "node:assert/strict";
import { type FakeProvider, openFakeProvider, type Tale } from "../../../support/fake_provider.ts";
import { stopClock } from "../../../support/authenticator.ts";
import { type HtmlPage, openVisitor, visit, type Visitor } from "../../../support/pages.ts";
import { openTestServer, type TestServer } from "../../../support/server.ts";

const FACTOR = "/settings/security/totp";

let server: TestServer;
let fake: FakeProvider;
let codeOf: ReturnType<typeof stopClock>;
let accounts = 0;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  fake = await openFakeProvider();
  codeOf = stopClock(server);
});
Deno.test.afterAll(async () => {
  await server.close();
  await fake.close();
});

Deno.test("an account that a provider knows and the tenant does not is told whom to ask", async () => {
  await addProvider("strangers", { creates_users: false });
  const page = await enter(openVisitor(server), "strangers", { claims: someone() });
  assert.equal(page.status, 403);
  assert.match(page.text("[role=alert]"), /TV login knows you, but .* invite you/);
  assert.ok(page.has("#field-password"));
});

Deno.test("an account that comes by a provider is led on, has no password, and sees its provider", async () => {
  await addProvider("guests");
  const guest = openVisitor(server);
  const jobs = await enter(guest, "guests", { claims: someone() }, "/jobs");
  assert.equal(jobs.path, "/jobs");
  assert.match((await guest.get("/settings/security")).text("#security-providers + ul"), /TV login/);
  assert.ok(!(await guest.get("/settings")).has("#field-current_password"));
});

Deno.test("a provider that declines or is away is named, and sign-in by password stays", async () => {
  const admin = await addProvider("away");
  const guest = openVisitor(server, "pt-BR");
  const leaving = await follow(guest, "away");
  const declined = fake.answer(leaving, {});
  declined.searchParams.delete("code");
  declined.searchParams.set("error", "access_denied");
  const page = await guest.get(declined.pathname + declined.search);
  assert.match(page.text("[role=alert]"), /TV login não confirmou/);
  const [link] = (await admin.get("/admin/providers")).all("main tbody a");
  const provider = await admin.get(link!.getAttribute("href")!);
  await admin.submit(provider, "form.sheet", { issuer: "http://127.0.0.1:9", client_secret: "another one" });
  const away = await openVisitor(server).get(`/sign-in/with/${provider.path.split("/").at(-1)}`);
  assert.equal(away.status, 503);
  assert.match(away.text(".notice--bad[role=alert]"), /TV login does not answer right now/);
  assert.ok(away.has("#field-password"));
});

Deno.test("a second factor is set up after a provider's sign-in where it is required, and asked for then", async () => {
  const admin = await addProvider("guarded");
  await requireFactor("guarded");
  const claims = someone();
  const guest = openVisitor(server);
  const gate = await enter(guest, "guarded", { claims }, "/jobs");
  assert.equal(gate.path, "/settings/security");
  const setup = await guest.submit(gate, `form[action='${FACTOR}']`);
  const secret = setup.text(".secret").replaceAll(" ", "");
  await guest.submit(setup, `form[action='${FACTOR}/confirm']`, { code: codeOf(secret, -1) });

  const next = openVisitor(server);
  const step = await enter(next, "guarded", { claims }, "/jobs");
  assert.equal(step.path, "/sign-in/second-step?next=%2Fjobs");
  const jobs = await next.submit(step, "form[action='/sign-in/second-step']", { otp: codeOf(secret) });
  assert.equal(jobs.path, "/jobs");
  await requireFactor("guarded", false);
  const audit = await admin.get("/admin/audit?action=session.create");
  assert.ok(audit.row("Kind: browser Method: totp Provider: TV login"));
});

Deno.test("a provider that asks for a second factor itself stands for ours", async () => {
  await addProvider("strong", { is_strong: true });
  await requireFactor("strong");
  const page = await enter(openVisitor(server), "strong", { claims: someone() }, "/jobs");
  assert.equal(page.path, "/jobs");
});

Deno.test("to change how one signs in, one is asked again by the provider", async () => {
  await addProvider("again");
  const claims = someone();
  const guest = openVisitor(server);
  await enter(guest, "again", { claims });
  await server.platform.db.asSystem((sql) =>
    sql`update sessions set created_at = now() - interval '16 minutes' where revoked_at is null`
  );
  const stale = await guest.get("/settings/security");
  assert.ok(!stale.has(`form[action='${FACTOR}']`));
  const form = await guest.get(stale.all(".notice a")[0]!.getAttribute("href")!);
  const leaving = (await guest.get(form.all(".ways a")[0]!.getAttribute("href")!)).leavesTo!;
  assert.equal(new URL(leaving).searchParams.get("prompt"), "login");
  const auth_time = Math.floor(Date.now() / 1000);
  const { pathname, search } = fake.answer(leaving, { claims: { ...claims, auth_time } });
  const back = await guest.get(pathname + search);
  assert.equal(back.path, "/settings/security");
  assert.ok(back.has(`form[action='${FACTOR}']`));
});

function someone() {
  const sub = `account-${++accounts}`;
  return { sub, email: `${sub}@example.org`, email_verified: true };
}

/** Adds the provider to a tenant of this name; returns its administrator. */
async function addProvider(tenant: string, fields: object = {}): Promise<Visitor> {
  const admin = await visit(server, { tenant });
  const client = await server.client(admin.person);
  const connection = {
    name: "TV login",
    issuer: fake.issuer,
    client_id: "akashi",
    client_secret: "a secret of ours",
  };
  await client.json("POST", "/api/v1/providers", { ...connection, creates_users: true, ...fields }, 201);
  return admin;
}

function requireFactor(tenant: string, required = true) {
  return server.platform.db.asSystem((sql) =>
    sql`update tenants set settings = ${sql.json({ require_second_factor: required })} where code = ${tenant}`
  );
}

/** From the sign-in page to the provider; returns the address there. */
async function follow(visitor: Visitor, tenant: string, next = "/"): Promise<string> {
  const page = await visitor.get(`/sign-in?tenant=${tenant}&next=${encodeURIComponent(next)}`);
  return (await visitor.get(page.all(".ways a")[0]!.getAttribute("href")!)).leavesTo!;
}

/** From the sign-in page to the provider and back with its answer. */
async function enter(visitor: Visitor, tenant: string, tale: Tale, next?: string): Promise<HtmlPage> {
  const { pathname, search } = fake.answer(await follow(visitor, tenant, next), tale);
  return await visitor.get(pathname + search);
}
