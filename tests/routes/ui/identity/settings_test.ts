import assert from "node:assert/strict";
import { openVisitor, PARTIAL, visit } from "../../../support/pages.ts";
import { openTestServer, PASSWORD, type TestServer } from "../../../support/server.ts";

const PROFILE = "form[action='/settings/profile']";
const CHANGE_PASSWORD = "form[action='/settings/password']";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("settings show the account, its tenant and its role", async () => {
  const member = await visit(server, { role: "viewer", language: "pt-BR" });
  const page = await member.get("/settings");
  assert.equal(page.title, "Ajustes");
  assert.equal(page.value("#field-email"), member.person.email);
  assert.match(page.text(".facts"), /Leitura/);
});

Deno.test("a profile needs a name; a new one is shown", async () => {
  const member = await visit(server);
  const page = await member.get("/settings");
  const refused = await member.submit(page, PROFILE, { name: " " });
  assert.equal(refused.status, 422);
  assert.match(refused.text("#field-name-error"), /1 to 255/);
  const saved = await member.submit(page, PROFILE, { name: "Ana Beatriz" });
  assert.equal(saved.path, "/settings");
  assert.equal(saved.text("#toasts .toast p"), "Saved.");
  assert.equal(saved.value("#field-name"), "Ana Beatriz");
  assert.ok(!(await member.get("/settings")).has("#toasts .toast"), "a notice is shown once");
});

Deno.test("without a mail server another address counts at once, unless it is taken or the sign-in is old", async () => {
  const member = await visit(server);
  const other = await server.addPerson();
  const page = await member.get("/settings");
  const taken = await member.submit(page, PROFILE, { email: other.email });
  assert.equal(taken.status, 409);
  assert.equal(taken.text("#field-email-error"), "This address has an account already.");
  const wrong = await member.submit(page, PROFILE, { email: "nothing" });
  assert.equal(wrong.text("#field-email-error"), "Type an e-mail address.");
  const email = `new-${member.person.email}`;
  const saved = await member.submit(page, PROFILE, { email: ` ${email.toUpperCase()} ` });
  assert.equal(saved.value("#field-email"), email);
  await server.platform.db.asSystem((sql) =>
    sql`update sessions set created_at = now() - interval '16 minutes' where user_id = ${member.person.id}`
  );
  const asked = await member.submit(page, PROFILE, { email: "late@example.org" });
  assert.equal(asked.path, "/sign-in?again=1&next=%2Fsettings");
  assert.match((await member.get("/settings")).text(".notice"), /To change your address/);
  assert.equal((await member.submit(page, PROFILE, { email, name: "Same" })).path, "/settings");
});

Deno.test("theme and language change on the page that one is on, without scripts", async () => {
  const member = await visit(server);
  const page = await member.get("/jobs");
  const light = await member.post("/settings/appearance", { theme: "light" }, {
    Referer: `${server.url}/jobs`,
  });
  assert.equal(light.path, "/jobs");
  assert.ok(light.has("html[data-theme=light]"));
  const form = page.all("form[action='/settings/appearance']");
  assert.ok(form.length > 0);
  const translated = await member.post("/settings/appearance", { language: "pt-BR" });
  assert.equal(translated.path, "/settings");
  assert.equal((await member.get("/jobs")).text("h1"), "Tarefas");
  assert.ok((await member.get("/jobs")).has("html[lang=pt-BR][data-theme=light]"));
});

Deno.test("htmx reloads the page for another language, and not for another theme", async () => {
  const member = await visit(server);
  const theme = await member.post("/settings/appearance", { theme: "system" }, PARTIAL);
  assert.equal(theme.status, 204);
  assert.equal(theme.headers.get("HX-Refresh"), null);
  const language = await member.post("/settings/appearance", { language: "pt-BR" }, PARTIAL);
  assert.equal(language.headers.get("HX-Refresh"), "true");
  assert.equal((await member.post("/settings/appearance", { theme: "pink" })).status, 422);
});

Deno.test("a password changes with the current one and a new one that is neither short nor common", async () => {
  const member = await visit(server);
  const page = await member.get("/settings");
  const refuse = (current_password: string, new_password: string) =>
    member.submit(page, CHANGE_PASSWORD, { current_password, new_password });
  const wrong = await refuse("wrong", "three blue herons");
  assert.equal(wrong.status, 422);
  assert.ok(wrong.has("#field-current_password[aria-invalid=true]"));
  assert.ok(!wrong.has("#field-new_password[aria-invalid=true]"));
  assert.match((await refuse(PASSWORD, "short")).text("#field-new_password-error"), /8/);
  assert.match((await refuse(PASSWORD, "password123")).text("#field-new_password-error"), /most common/);
  const changed = await member.submit(page, CHANGE_PASSWORD, {
    current_password: PASSWORD,
    new_password: "three blue herons",
  });
  assert.equal(changed.text("#toasts .toast p"), "The password is changed.");
  const { email } = member.person;
  const guest = openVisitor(server);
  assert.equal((await guest.post("/sign-in", { email, password: PASSWORD })).status, 401);
  assert.equal((await guest.post("/sign-in", { email, password: "three blue herons" })).path, "/");
});

Deno.test("another password gives this browser another session token and ends the token before it", async () => {
  const member = await visit(server);
  const before = member.cookies.get("akashi")!;
  await member.submit(await member.get("/settings"), CHANGE_PASSWORD, {
    current_password: PASSWORD,
    new_password: "three blue herons",
  });
  assert.notEqual(member.cookies.get("akashi"), before);
  // Requests already under way may use the token before it for 10 seconds.
  await server.platform.db.asSystem((sql) =>
    sql`update sessions set rotated_at = now() - interval '11 seconds' where user_id = ${member.person.id}`
  );
  assert.equal((await member.get("/settings")).path, "/settings");
  const thief = openVisitor(server);
  thief.cookies.set("akashi", before);
  assert.equal((await thief.get("/")).path, "/sign-in");
});

Deno.test("an account without a password is told where it signs in", async () => {
  const member = await visit(server);
  await server.platform.db.asSystem((sql) =>
    sql`update users set password_hash = null where id = ${member.person.id}`
  );
  const page = await member.get("/settings");
  assert.ok(!page.has("#field-current_password"));
});
