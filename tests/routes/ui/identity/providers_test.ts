import assert from "node:assert/strict";
import { openFakeProvider } from "../../../support/fake_provider.ts";
import { type HtmlPage, openVisitor, visit, type Visitor } from "../../../support/pages.ts";
import { openTestServer, type TestServer } from "../../../support/server.ts";

const CREATE = "form[action='/admin/providers']";
const SAVE = "form.sheet";
const FIELDS = {
  name: "TV login",
  issuer: "https://login.example.org",
  client_id: "akashi",
  client_secret: "a secret of ours",
};

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("a provider needs an issuer that is an address; what was typed stays, but the secret", async () => {
  const admin = await visit(server, { tenant: "issuer" });
  const page = await admin.submit(await admin.get("/admin/providers"), CREATE, {
    ...FIELDS,
    issuer: "login.example.org",
  });
  assert.equal(page.status, 422);
  assert.match(page.text("#field-issuer-error"), /such as https:\/\/login\.example\.org/);
  assert.equal(page.value("#field-issuer"), "login.example.org");
  assert.equal(page.value("#field-client_id"), "akashi");
  assert.equal(page.value("#field-client_secret"), "");
});

Deno.test("an issuer that calls itself something else is refused under its field, with what it calls itself", async () => {
  const fake = await openFakeProvider();
  const admin = await visit(server, { tenant: "named" });
  const issuer = fake.issuer.replace("127.0.0.1", "localhost");
  const page = await admin.submit(await admin.get("/admin/providers"), CREATE, { ...FIELDS, issuer });
  assert.equal(page.status, 422);
  assert.match(page.text("#field-issuer-error"), new RegExp(`calls itself ${fake.issuer}`));
  await fake.close();
});

Deno.test("a new provider shows its redirect address and a button for its tenant", async () => {
  const admin = await visit(server, { tenant: "button" });
  const page = await create(admin);
  const id = page.path.split("/").at(-1)!;
  assert.equal(page.title, "TV login");
  assert.equal(page.value("#redirect-uri"), `${server.url}/sign-in/back/${id}`);
  assert.match(page.text("#field-client_secret-hint"), /One is kept/);
  assert.match((await admin.get("/admin/providers")).row("TV login")!, /open/);
  const offer = await openVisitor(server, "pt-BR").get("/sign-in?tenant=button&next=/jobs");
  assert.equal(offer.text(".ways a"), "Continuar com TV login");
  assert.match(
    offer.all(".ways a")[0]!.getAttribute("href")!,
    new RegExp(`/sign-in/with/${id}\\?next=%2Fjobs`),
  );
});

Deno.test("groups of a provider get roles, the lines come back sorted with empty ones for more", async () => {
  const admin = await visit(server, { tenant: "grants" });
  const saved = await admin.submit(await create(admin), SAVE, {
    creates_users: "true",
    scopes: "openid email profile groups",
    group_claim: "groups",
    group_0: "newsroom",
    role_0: "editor",
    group_1: "chiefs",
    role_1: "manager",
  });
  assert.equal(saved.text("#toasts .toast p"), "“TV login” is saved.");
  assert.equal(saved.value("[name=group_0]"), "chiefs");
  assert.equal(saved.value("[name=role_0]"), "manager");
  assert.equal(saved.value("[name=group_1]"), "newsroom");
  assert.equal(saved.value("[name=group_3]"), "");
  assert.ok(saved.has("[name=creates_users][checked]"));
  assert.ok(!saved.has("[name=is_strong][checked]"));
});

Deno.test("a provider's domains have to be domains", async () => {
  const admin = await visit(server, { tenant: "domains", language: "pt-BR" });
  const page = await admin.submit(await create(admin), SAVE, { email_domains: "not a domain!" });
  assert.equal(page.status, 422);
  assert.equal(
    page.text("#field-email_domains-error"),
    "Digite domínios como example.org, separados por espaços.",
  );
});

Deno.test("a closed provider has no button, and its address says that it is not open", async () => {
  const admin = await visit(server, { tenant: "closed" });
  const page = await create(admin);
  await admin.submit(page, SAVE, { is_enabled: undefined });
  const guest = openVisitor(server);
  assert.ok(!(await guest.get("/sign-in?tenant=closed")).has(".ways a"));
  const refused = await guest.get(`/sign-in/with/${page.path.split("/").at(-1)}`);
  assert.equal(refused.text("[role=alert]"), "This way to sign in is not open. Choose another one.");
});

Deno.test("a provider is removed with its button", async () => {
  const admin = await visit(server, { tenant: "removed" });
  const page = await create(admin);
  assert.match(page.text("#delete-provider"), /Remove “TV login”\?/);
  const after = await admin.submit(page, `form[action='${page.path}/delete']`);
  assert.equal(after.path, "/admin/providers");
  assert.equal(after.text("#toasts .toast p"), "“TV login” is removed.");
  assert.ok(!(await openVisitor(server).get("/sign-in?tenant=removed")).has(".ways a"));
});

Deno.test("providers of another tenant are not found, and only administrators see any", async () => {
  const north = await create(await visit(server, { tenant: "sso-north" }));
  const south = await visit(server, { tenant: "sso-south" });
  assert.equal((await south.get(north.path)).status, 404);
  assert.equal((await south.post(`${north.path}/delete`)).status, 404);
  const manager = await visit(server, { tenant: "sso-south", role: "manager" });
  assert.equal((await manager.get("/admin/providers")).status, 403);
});

async function create(admin: Visitor): Promise<HtmlPage> {
  const page = await admin.submit(await admin.get("/admin/providers"), CREATE, FIELDS);
  assert.equal(page.status, 200);
  return page;
}
