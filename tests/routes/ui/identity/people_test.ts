import assert from "node:assert/strict";
import { openVisitor, visit, type Visitor } from "../../../support/pages.ts";
import { openTestServer, type TestServer } from "../../../support/server.ts";
import { until } from "../../../support/until.ts";

const INVITE = "form[action='/admin']";
const JOIN = "form[action='/join']";
const PASSWORD = "three blue herons";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("an invitation needs an e-mail address and keeps what was typed", async () => {
  const admin = await visit(server);
  const page = await admin.submit(await admin.get("/admin"), INVITE, { email: "nothing", role: "manager" });
  assert.equal(page.status, 422);
  assert.equal(page.text("#field-email-error"), "Type an e-mail address.");
  assert.equal(page.value("#field-email"), "nothing");
  assert.equal(page.value(`${INVITE} select`), "manager");
  assert.ok(!page.has("#invitation-link"));
});

Deno.test("an invitation is refused for an address that has an account", async () => {
  const admin = await visit(server, { language: "pt-BR" });
  const page = await admin.submit(await admin.get("/admin"), INVITE, { email: admin.person.email });
  assert.equal(page.status, 409);
  assert.equal(page.text("#field-email-error"), "Este endereço já tem uma conta.");
});

Deno.test("an invitation is refused when the tenant has as many members as it may", async () => {
  const admin = await visit(server, { tenant: "full-house" });
  await server.platform.db.asSystem((sql) =>
    sql`update tenants set quota_users = 1 where code = 'full-house'`
  );
  const page = await admin.submit(await admin.get("/admin"), INVITE, { email: "late@example.org" });
  assert.equal(page.status, 409);
  assert.equal(page.text("#field-email-error"), "Your organisation has as many people as it may.");
});

Deno.test("an invitation's link is shown once and leads to an account with its role, once", async () => {
  const admin = await visit(server);
  const shown = await invite(admin, "bia@example.org", "editor");
  assert.match(shown.text(".once p"), /Send this link to bia@example\.org/);
  const link = shown.value("#invitation-link")!;
  const again = await admin.get("/admin");
  assert.ok(!again.has("#invitation-link"));
  assert.match(again.row("bia@example.org")!, /Editor/);

  const guest = openVisitor(server);
  const home = await guest.submit(await guest.get(link), JOIN, { name: "Bia", password: PASSWORD });
  assert.equal(home.path, "/");
  assert.ok(home.has("[data-upload]"), "an editor uploads");
  assert.ok(!home.has(".rail a[href='/admin']"));
  const spent = await openVisitor(server).get(link);
  assert.equal(spent.status, 404);
  assert.equal(spent.text("h1"), "This invitation has ended");
});

Deno.test("an invitation is accepted with a name and a password that is neither short nor common", async () => {
  const admin = await visit(server);
  const link = (await invite(admin, "caio@example.org")).value("#invitation-link")!;
  const guest = openVisitor(server);
  const page = await guest.get(link);
  assert.equal(page.text("h1"), "Welcome to akashi");
  const empty = await guest.submit(page, JOIN, { password: "short" });
  assert.equal(empty.status, 422);
  assert.equal(empty.text("#field-name-error"), "Type a name of 1 to 255 characters.");
  assert.match(empty.text("#field-password-error"), /8/);
  const weak = await guest.submit(page, JOIN, { name: "Caio", password: "password123" });
  assert.equal(weak.status, 422);
  assert.match(weak.text("#field-password-error"), /not among the most common/);
  assert.equal(weak.value("#field-name"), "Caio");
  const foreign = await openVisitor(server, "pt-BR").get(link);
  assert.equal(foreign.title, "Aceitar o convite");
});

Deno.test("an invitation that is taken back leads nowhere", async () => {
  const admin = await visit(server);
  const page = await invite(admin, "dora@example.org");
  const link = page.value("#invitation-link")!;
  const forms = page.all("form[action^='/admin/invitations/']");
  const form = forms.find((each) => each.text.includes("dora@example.org"))!;
  const after = await admin.submit(page, `form[action='${form.getAttribute("action")}']`);
  assert.match(after.text("#toasts .toast p"), /dora@example\.org/);
  assert.ok(!after.row("dora@example.org"));
  const spent = await openVisitor(server, "pt-BR").get(link);
  assert.equal(spent.status, 404);
  assert.equal(spent.text("h1"), "Este convite não vale mais");
});

Deno.test("another role holds from the member's next page on", async () => {
  const admin = await visit(server);
  const member = await visit(server, { role: "editor" });
  assert.ok((await member.get("/")).has("[data-upload]"));
  const form = `form[action='/admin/people/${member.person.id}']`;
  const page = await admin.submit(await admin.get("/admin"), form, { role: "viewer" });
  assert.equal(page.text("#toasts .toast p"), "editor is changed.");
  assert.equal(page.value(`${form} select`), "viewer");
  assert.ok(!(await member.get("/")).has("[data-upload]"));
});

Deno.test("a member who is deactivated is out at the next page; the notice brings the account back", async () => {
  const admin = await visit(server);
  const member = await visit(server, { role: "editor" });
  const { id, email } = member.person;
  const page = await admin.submit(await admin.get("/admin"), `form[action='/admin/people/${id}/deactivate']`);
  assert.match(page.row(email)!, /Deactivated/);
  assert.equal((await member.get("/jobs")).path, "/sign-in?next=%2Fjobs");
  const undone = await admin.submit(page, `#toasts form[action='/admin/people/${id}/reactivate']`);
  assert.equal(undone.text("#toasts .toast p"), "editor may sign in again.");
  assert.match(undone.row(email)!, /Active/);
  assert.ok(!undone.has("#toasts form"), "nothing to undo");
});

Deno.test("an administrator resets the second factor of a member who lost it", async () => {
  const admin = await visit(server, { tenant: "lost" });
  const member = await server.addPerson({ role: "viewer", tenant: "lost" });
  await server.addPasskey(member);
  const form = `form[action='/admin/people/${member.id}/reset-second-factor']`;
  const page = await admin.get("/admin");
  assert.match(page.row(member.email)!, /second factor/);
  const after = await admin.submit(page, form);
  assert.match(after.text("#toasts .toast p"), /viewer/);
  assert.ok(!after.has(form));
  assert.equal((await (await visit(server, { as: member })).get("/")).path, "/");
});

Deno.test("members of other tenants are not listed and cannot be changed", async () => {
  const admin = await visit(server);
  const stranger = await server.addPerson({ tenant: "elsewhere" });
  assert.ok(!(await admin.get("/admin")).row(stranger.email));
  const refused = await admin.post(`/admin/people/${stranger.id}/deactivate`);
  assert.equal(refused.status, 404);
});

Deno.test("the page of members is for administrators", async () => {
  const manager = await visit(server, { role: "manager" });
  const page = await manager.get("/admin");
  assert.equal(page.status, 403);
  assert.equal(page.text("h1"), "You may not do this");
});

Deno.test("the page of members says that links are passed on by hand where no mail is set up", async () => {
  const admin = await visit(server, { language: "pt-BR" });
  const { mail } = server.platform;
  try {
    server.platform.mail = { ...mail, kind: "none" };
    const page = await admin.get("/admin");
    assert.equal(page.title, "Pessoas");
    assert.match(page.text(".notice"), /repasse você mesmo os links/);
  } finally {
    server.platform.mail = mail;
  }
});

Deno.test("what is only logged is not called sent, and pages say where it is", async () => {
  const admin = await visit(server, { tenant: "logged" });
  const page = await invite(admin, "somebody@logged.example");
  assert.match(page.text(".notice"), /messages are written to the server's log and reach no mailbox/);
  assert.match(page.row("somebody@logged.example")!, /not sent/);
  await until("the letter is logged", async () => {
    const [row] = await server.platform.db.asSystem((sql) => sql`select count(*) from mails`);
    return row!.count === 0;
  });
  assert.match((await admin.get("/admin")).row("somebody@logged.example")!, /not sent/);
  const guest = openVisitor(server);
  const asked = await guest.submit(await guest.get("/forgot"), "form", { email: admin.person.email });
  assert.equal(asked.text("h1"), "Look into the server's log");
});

async function invite(admin: Visitor, email: string, role = "editor") {
  return await admin.submit(await admin.get("/admin"), INVITE, { email, role });
}
