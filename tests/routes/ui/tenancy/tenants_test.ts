import assert from "node:assert/strict";
import { type HtmlPage, openVisitor, visit, type Visitor } from "../../../support/pages.ts";
import { seedAssets } from "../../../support/assets.ts";
import { openTestServer, PASSWORD, type TestServer } from "../../../support/server.ts";

const CREATE = "form[action='/admin/tenants']";
const LIMITS = "form.form--narrow";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("a tenant is opened with a link for its administrator, who comes in and administers it", async () => {
  const root = await visit(server, { superuser: true });
  const page = await root.submit(await root.get("/admin/tenants"), CREATE, {
    name: "TV Norte",
    code: "tv-norte",
    email: "norte@example.org",
  });
  assert.match(page.row("TV Norte")!, /tv-norte .*Active/);
  const guest = openVisitor(server);
  const form = await guest.get(page.value("#invitation-link")!);
  assert.equal(form.text("h1"), "Welcome to TV Norte");
  const home = await guest.submit(form, "form[action='/join']", {
    name: "Norte",
    password: "three blue herons",
  });
  assert.ok(home.has(".rail a[href='/admin']"));
  assert.equal((await guest.get("/admin/tenants")).status, 403);
});

Deno.test("a tenant needs a code, a name and an address; what was typed stays", async () => {
  const root = await visit(server, { superuser: true });
  const page = await root.submit(await root.get("/admin/tenants"), CREATE, {
    name: " ",
    code: "TV Norte",
    email: "norte",
    type: "archive",
  });
  assert.equal(page.status, 422);
  assert.match(page.text("#field-code-error"), /small letters, digits/);
  assert.equal(page.text("#field-name-error"), "Type a name of 1 to 255 characters.");
  assert.equal(page.text("#field-email-error"), "Type an e-mail address.");
  assert.equal(page.value("#field-code"), "TV Norte");
  assert.equal(page.value(`${CREATE} select`), "archive");
});

Deno.test("a tenant needs a code of its own", async () => {
  const root = await visit(server, { superuser: true, language: "pt-BR" });
  const page = await root.get("/admin/tenants");
  assert.equal(page.title, "Organizações");
  const taken = { name: "Another", code: "akashi", email: "another@example.org" };
  const refused = await root.submit(page, CREATE, taken);
  assert.equal(refused.status, 409);
  assert.equal(refused.text("#field-code-error"), "Outra organização tem este código.");
});

Deno.test("a suspended tenant is closed to its own members until it is resumed", async () => {
  const root = await visit(server, { superuser: true });
  const member = await visit(server, { tenant: "closing" });
  const neighbour = await visit(server, { tenant: "staying" });
  const action = `form[action='/admin/tenants/${member.person.tenantId}`;
  const suspended = await root.submit(
    await root.get(`/admin/tenants/${member.person.tenantId}`),
    `${action}/suspend']`,
  );
  assert.equal(suspended.text("#toasts .toast p"), "closing is suspended. Its people are signed out.");
  assert.match(suspended.row("closing")!, /Suspended/);
  assert.equal((await member.get("/")).path, "/sign-in");
  assert.equal((await neighbour.get("/")).path, "/");
  const { email } = member.person;
  const refused = await openVisitor(server).post("/sign-in", { email, password: PASSWORD });
  assert.equal(refused.status, 401);
  const resumed = await root.submit(suspended, `${action}/resume']`);
  assert.equal(resumed.text("#toasts .toast p"), "closing is open again.");
  assert.equal((await visit(server, { as: member.person })).person.email, email);
});

Deno.test("suspending asks first, and tells whom it concerns; the list does not suspend", async () => {
  const root = await visit(server, { superuser: true });
  const member = await visit(server, { tenant: "concerned", role: "editor" });
  await server.addPerson({ tenant: "concerned" });
  await seedAssets(server, member.person, 1);
  const suspend = `/admin/tenants/${member.person.tenantId}/suspend`;
  assert.ok(!(await root.get("/admin/tenants")).has(`form[action='${suspend}']`));
  const page = await root.get(`/admin/tenants/${member.person.tenantId}`);
  assert.ok(page.has(`[popover][role=dialog] form[action='${suspend}']`));
  assert.match(
    page.text("[role=dialog]"),
    /Suspend “concerned”\? 2 people are signed out .* 1 asset cannot be opened .* Nothing is deleted/,
  );
  assert.ok(!page.has("option[value=suspended]"));
});

Deno.test("the tenant that one works in can be neither suspended nor resumed", async () => {
  const root = await visit(server, { superuser: true });
  const page = await root.get("/admin/tenants");
  assert.ok(!page.has(`form[action='/admin/tenants/${root.person.tenantId}/suspend']`));
  const one = await root.get(`/admin/tenants/${root.person.tenantId}`);
  const states = one.all("#field-status option").map((option) => option.getAttribute("value"));
  assert.deepEqual(states, ["active", "read_only"]);
});

Deno.test("limits have to be numbers, and at least one type of file is accepted", async () => {
  const { root, page } = await openTenant("limited");
  const refused = await root.submit(page, LIMITS, {
    bytes: "much",
    users: "-1",
    ...Object.fromEntries(page.all("[name^=type_]").map((box) => [box.getAttribute("name")!, undefined])),
  });
  assert.equal(refused.status, 422);
  assert.equal(refused.text("#field-bytes-error"), "Type a number from 0 on, or leave it empty.");
  assert.ok(refused.has("#field-users-error"));
  assert.ok(!refused.has("#field-jobs-error"));
  assert.match(refused.text("fieldset"), /Choose at least one type/);
  assert.equal(refused.value("#field-bytes"), "much");
});

Deno.test("limits hold for the tenant, are shown to its administrator, and are written as one writes numbers", async () => {
  const { root, member, page } = await openTenant("half");
  const saved = await root.submit(page, LIMITS, { bytes: "0,5", users: "1", type_audio: undefined });
  assert.equal(saved.text("#toasts .toast p"), "half is saved.");
  assert.match(saved.text("main .table"), /500 MB/);
  assert.equal(saved.value("#field-bytes"), "0.5");
  assert.ok(!saved.has("[name=type_audio][checked]"));
  assert.match((await member.get("/admin/usage")).text("main .table"), /500 MB .*100%/);
  const portuguese = await visit(server, { superuser: true, language: "pt-BR" });
  assert.equal((await portuguese.get(page.path)).value("#field-bytes"), "0,5");
  assert.equal((await root.submit(saved, LIMITS, { bytes: "" })).value("#field-bytes"), "");
});

Deno.test("the rule about duplicates of a tenant is chosen on its page", async () => {
  const { root, member, page } = await openTenant("once");
  assert.equal(page.value("#field-duplicate_rule"), "keep");
  const saved = await root.submit(page, LIMITS, { duplicate_rule: "refuse" });
  assert.equal(saved.value("#field-duplicate_rule"), "refuse");
  const client = await server.client(member.person);
  const send = () => client.fetch("/api/v1/ingest/a.txt", { method: "PUT", body: "the same" });
  const statuses = [(await send()).status, (await send()).status];
  assert.deepEqual(statuses, [201, 409]);
});

Deno.test("members of a read-only tenant are told so, and change nothing", async () => {
  const { root, member, page } = await openTenant("held");
  await root.submit(page, LIMITS, { status: "read_only" });
  assert.match((await member.get("/")).text(".held"), /read-only/);
  const refused = await member.post("/admin/groups", { name: "Late" });
  assert.equal(refused.status, 403);
  assert.equal(refused.text("h1"), "Your organisation is read-only");
});

Deno.test("a tenant's second factor is required and freed with a notice", async () => {
  const { root, member } = await openTenant("enrolled");
  const action = `form[action='/admin/tenants/${member.person.tenantId}`;
  const required = await root.submit(
    await root.get("/admin/tenants"),
    `${action}/require-second-factor']`,
  );
  assert.equal(required.text("#toasts .toast p"), "Everybody in enrolled needs a second factor now.");
  assert.match(required.row("enrolled")!, /second factor required/);
  const freed = await root.submit(required, `${action}/free-second-factor']`);
  assert.match(freed.text("#toasts .toast p"), /everybody's own choice/);
});

Deno.test("changing one setting of a tenant keeps its others", async () => {
  const { root, member, page } = await openTenant("merged");
  const action = `form[action='/admin/tenants/${member.person.tenantId}`;
  await root.submit(page, LIMITS, { type_audio: undefined });
  const required = await root.submit(
    await root.get("/admin/tenants"),
    `${action}/require-second-factor']`,
  );
  const again = await root.get(page.path);
  assert.ok(!again.has("[name=type_audio][checked]"));
  const saved = await root.submit(again, LIMITS, { type_audio: "on" });
  assert.ok(saved.has("[name=type_audio][checked]"));
  assert.match(required.row("merged")!, /second factor required/);
  assert.match((await root.get("/admin/tenants")).row("merged")!, /second factor required/);
});

Deno.test("tenants are for superusers; their pages are not linked for others", async () => {
  const admin = await visit(server);
  const { page } = await openTenant("unseen");
  assert.ok(!(await admin.get("/admin")).has("a[href='/admin/tenants']"));
  assert.equal((await admin.get("/admin/tenants")).status, 403);
  assert.equal((await admin.get(page.path)).status, 403);
});

/** A tenant with an administrator of its own, and its page as a superuser sees it. */
async function openTenant(
  tenant: string,
): Promise<{ root: Visitor; member: Awaited<ReturnType<typeof visit>>; page: HtmlPage }> {
  const root = await visit(server, { superuser: true });
  const member = await visit(server, { tenant });
  return { root, member, page: await root.get(`/admin/tenants/${member.person.tenantId}`) };
}
