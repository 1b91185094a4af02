import assert from "node:assert/strict";
import { openVisitor, PARTIAL, visit } from "../../../support/pages.ts";
import { openTestServer, PASSWORD, type TestServer } from "../../../support/server.ts";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("sign-in leads back to the page that was asked for", async () => {
  const person = await server.addPerson();
  const visitor = openVisitor(server);
  const page = await visitor.get("/jobs?status=failed");
  assert.equal(page.path, "/sign-in?next=%2Fjobs%3Fstatus%3Dfailed");
  assert.equal(page.title, "Sign in");
  const jobs = await visitor.submit(page, "form[action='/sign-in']", {
    email: person.email,
    password: PASSWORD,
  });
  assert.equal(jobs.path, "/jobs?status=failed");
  assert.equal(jobs.text("h1"), "Jobs");
});

Deno.test("sign-in leads to no other site", async () => {
  const person = await server.addPerson();
  const visitor = openVisitor(server);
  const page = await visitor.get("/sign-in?next=https://evil.example/");
  const home = await visitor.submit(page, "form[action='/sign-in']", {
    email: person.email,
    password: PASSWORD,
  });
  assert.equal(home.path, "/");
});

Deno.test("sign-in says that e-mail or password is wrong, and keeps the e-mail", async () => {
  const person = await server.addPerson();
  const visitor = openVisitor(server);
  const form = await visitor.get("/sign-in?next=%2Fjobs");
  const wrong = await visitor.submit(form, "form[action='/sign-in']", {
    email: person.email,
    password: "wrong",
  });
  assert.equal(wrong.status, 401);
  assert.equal(wrong.text(".notice--bad[role=alert]"), "E-mail or password is not right.");
  assert.equal(wrong.value("#field-email"), person.email);
  assert.equal(wrong.value("form[action='/sign-in'] [name=next]"), "/jobs");
  assert.equal(wrong.value("#field-password"), "", "a password is never sent back");
});

Deno.test("sign-in asks for what is missing", async () => {
  const visitor = openVisitor(server, "pt-BR");
  const page = await visitor.submit(await visitor.get("/sign-in"), "form[action='/sign-in']");
  assert.equal(page.status, 422);
  assert.equal(page.text("[role=alert]"), "Digite seu e-mail e sua senha.");
});

Deno.test("sign-in is in the language of the browser", async () => {
  const portuguese = await openVisitor(server, "pt-BR").get("/sign-in");
  assert.equal(portuguese.title, "Entrar");
  assert.ok(portuguese.has("html[lang=pt-BR]"));
  assert.equal((await openVisitor(server).get("/sign-in")).text("h1"), "Sign in to Akashi");
});

Deno.test("sign-in asks for the tenant when the address belongs to several", async () => {
  const email = "both@example.org";
  await server.addPerson({ email, tenant: "both-one" });
  await server.addPerson({ email, tenant: "both-two" });
  const visitor = openVisitor(server);
  const form = { email, password: PASSWORD };
  const page = await visitor.submit(await visitor.get("/sign-in"), "form[action='/sign-in']", form);
  assert.equal(page.status, 409);
  assert.match(page.text("#field-tenant_code-hint"), /several organisations/);
  const home = await visitor.submit(page, "form[action='/sign-in']", { ...form, tenant_code: "both-two" });
  assert.equal(home.path, "/");
  assert.match((await visitor.get("/settings")).text(".facts"), /both-two/);
});

Deno.test("an account that is signed in is sent on, and stays signed in until it signs out", async () => {
  const visitor = await visit(server);
  const home = await visitor.get("/sign-in");
  assert.equal(home.path, "/");
  const gone = await visitor.submit(home, "form[action='/sign-out']");
  assert.equal(gone.path, "/sign-in");
  assert.equal((await visitor.get("/")).path, "/sign-in");
});

Deno.test("htmx is told to leave the page for sign-in for a request without a session", async () => {
  const visitor = openVisitor(server);
  const part = await visitor.get("/jobs", { ...PARTIAL, "HX-Target": "main#page" });
  assert.equal(part.status, 401);
  assert.equal(part.headers.get("HX-Redirect"), "/sign-in?next=%2Fjobs");
  const change = await visitor.post("/settings/profile", {}, {
    ...PARTIAL,
    "HX-Current-URL": `${server.url}/settings`,
  });
  assert.equal(change.headers.get("HX-Redirect"), "/sign-in?next=%2Fsettings");
});
