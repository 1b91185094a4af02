import assert from "node:assert/strict";
import { stopClock } from "../../../support/authenticator.ts";
import { type HtmlPage, openVisitor, visit, type Visitor } from "../../../support/pages.ts";
import { openTestServer, PASSWORD, type Person, type TestServer } from "../../../support/server.ts";

const PATH = "/settings/security";
const CONFIRM = `form[action='${PATH}/totp/confirm']`;
const STEP = "form[action='/sign-in/second-step']";

let server: TestServer;
let codeOf: ReturnType<typeof stopClock>;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  codeOf = stopClock(server);
});
Deno.test.afterAll(() => server.close());

Deno.test("an app is set up by the code that it shows, and recovery codes are shown once", async () => {
  const member = await visit(server);
  const before = member.cookies.get("akashi");
  const setup = await member.submit(await member.get(PATH), `form[action='${PATH}/totp']`);
  assert.ok(setup.has("svg.qr, .qr"));
  const refused = await member.submit(setup, CONFIRM, { code: "000000" });
  assert.equal(refused.status, 422);
  assert.equal(refused.text("#field-code-error"), "This code is not right. Type the one that is shown now.");
  const secret = secretOn(setup);
  assert.equal(secretOn(refused), secret);
  const codes = await member.submit(refused, CONFIRM, { code: codeOf(secret) });
  assert.equal(codes.value("#recovery-codes")!.trim().split("\n").length, 10);
  assert.notEqual(member.cookies.get("akashi"), before, "another session token");
  const page = await member.get(`${PATH}/totp`);
  assert.equal(page.path, PATH, "what was confirmed is not shown again");
  assert.match(page.text("main"), /10 codes are left/);
});

Deno.test("an app is removed with a notice, new recovery codes replace the old ones", async () => {
  const { member } = await withApp();
  const renewed = await member.submit(await member.get(PATH), `form[action='${PATH}/recovery-codes']`);
  assert.ok(renewed.has("#recovery-codes"));
  const removed = await member.submit(await member.get(PATH), `form[action='${PATH}/totp/delete']`);
  assert.equal(removed.text("#toasts .toast p"), "The authenticator app is removed.");
  assert.ok(!removed.has("#security-codes"));
});

Deno.test("sign-in asks for the code of the app and leads back to the page that was asked for", async () => {
  const { member: { person }, secret } = await withApp();
  const guest = openVisitor(server);
  const step = await enter(guest, person, "/jobs");
  assert.equal(step.path, "/sign-in/second-step?next=%2Fjobs");
  assert.equal(step.title, "Confirm it is you");
  assert.equal((await guest.submit(step, STEP, { otp: "" })).text("[role=alert]"), "Type a code.");
  const wrong = await guest.submit(step, STEP, { otp: "000000" });
  assert.equal(wrong.status, 422);
  assert.match(wrong.text(".notice--bad"), /not right, or it was used before/);
  assert.equal((await guest.get("/")).path, "/sign-in", "half a sign-in is not enough");
  const jobs = await guest.submit(wrong, STEP, { otp: codeOf(secret, 1) });
  assert.equal(jobs.path, "/jobs");
});

Deno.test("sign-in takes a recovery code once", async () => {
  const { member: { person }, codes } = await withApp();
  const guest = openVisitor(server, "pt-BR");
  const step = await enter(guest, person);
  assert.equal(step.title, "Confirme que é você");
  assert.equal((await guest.submit(step, STEP, { otp: codes[3] })).path, "/");
  const other = openVisitor(server);
  const again = await other.submit(await enter(other, person), STEP, { otp: codes[3] });
  assert.equal(again.status, 422);
});

Deno.test("a second step that took too long starts again with the password", async () => {
  const person = await server.addPerson();
  await server.addPasskey(person);
  const guest = openVisitor(server);
  assert.equal((await guest.get("/sign-in/second-step")).path, "/sign-in");
  const step = await enter(guest, person);
  assert.ok(step.has("passkey-form"));
  await server.platform.db.asSystem((sql) =>
    sql`update challenges set expires_at = now() where user_id = ${person.id}`
  );
  const over = await guest.submit(step, STEP, { otp: "123456" });
  assert.equal(over.status, 401);
  assert.equal(over.text("[role=alert]"), "That took too long. Sign in again.");
});

Deno.test("a passkey is listed as unused and can be removed", async () => {
  const member = await visit(server);
  const id = await server.addPasskey(member.person);
  const page = await member.get(PATH);
  assert.match(page.text(".methods li"), /Secret passkey Synced between devices .* unused/);
  const removed = await member.submit(page, `form[action='${PATH}/passkeys/${id}/delete']`);
  assert.equal(removed.text("#toasts .toast p"), "Secret passkey is removed.");
  assert.ok(!removed.has(".methods li"));
});

Deno.test("a passkey that the device did not make is refused on the page", async () => {
  const member = await visit(server, { language: "pt-BR" });
  const page = await member.submit(await member.get(PATH), `form[action='${PATH}/passkeys']`);
  assert.equal(page.status, 422);
  assert.match(page.text(".notice--bad"), /Nenhuma chave de acesso foi criada/);
  const guest = openVisitor(server);
  const refused = await guest.submit(await guest.get("/sign-in"), "form[action='/sign-in/passkey']");
  assert.equal(refused.status, 422);
  assert.match(refused.text(".notice--bad"), /not known/);
});

Deno.test("long after sign-in one proves again who one is; the session before ends", async () => {
  const member = await visit(server);
  await server.platform.db.asSystem((sql) =>
    sql`update sessions set created_at = now() - interval '16 minutes' where user_id = ${member.person.id}`
  );
  const before = member.cookies.get("akashi")!;
  const page = await member.get(PATH);
  assert.ok(!page.has("main form"));
  const [link] = page.all(".notice a");
  const form = await member.get(link!.getAttribute("href")!);
  assert.equal(form.value("#field-email"), member.person.email);
  const back = await member.submit(form, "form[action='/sign-in']", { password: PASSWORD });
  assert.ok(back.has(`form[action='${PATH}/totp']`));
  const thief = openVisitor(server);
  thief.cookies.set("akashi", before);
  assert.equal((await thief.get("/")).path, "/sign-in");
});

Deno.test("a tenant that requires a second factor leads to it first, and then lets on", async () => {
  await server.platform.db.asSystem((sql) =>
    sql`
      insert into tenants (id, code, name, settings)
      values (${crypto.randomUUID()}, 'strict', 'TV Strict', ${sql.json({ require_second_factor: true })})`
  );
  const person = await server.addPerson({ tenant: "strict", role: "editor" });
  const guest = openVisitor(server);
  const gate = await enter(guest, person, "/jobs");
  assert.equal(gate.path, PATH);
  assert.equal(gate.text("h1"), "Set up a second factor");
  assert.match(gate.text("main"), /TV Strict asks everybody/);
  assert.ok(!gate.has(".rail, a[href='/']"), "no way around it");
  assert.ok(gate.has("form[action='/sign-out']"));
  assert.equal((await guest.get("/jobs")).path, PATH);
  const setup = await guest.submit(gate, `form[action='${PATH}/totp']`);
  const codes = await guest.submit(setup, CONFIRM, { code: codeOf(secretOn(setup)) });
  assert.ok(codes.has("#recovery-codes"));
  assert.equal((await guest.get("/jobs")).path, "/jobs");
});

Deno.test("another role gives another session token; the one before it ends", async () => {
  const admin = await visit(server);
  const member = await visit(server, { role: "viewer" });
  const before = member.cookies.get("akashi")!;
  await admin.post(`/admin/people/${member.person.id}`, { role: "editor" });
  await member.get("/jobs");
  assert.notEqual(member.cookies.get("akashi"), before);
  await server.platform.db.asSystem((sql) =>
    sql`update sessions set rotated_at = now() - interval '11 seconds' where user_id = ${member.person.id}`
  );
  const thief = openVisitor(server);
  thief.cookies.set("akashi", before);
  assert.equal((await thief.get("/")).path, "/sign-in");
  assert.equal((await member.get("/jobs")).path, "/jobs");
});

async function withApp() {
  const member = await visit(server);
  const setup = await member.submit(await member.get(PATH), `form[action='${PATH}/totp']`);
  const secret = secretOn(setup);
  const shown = await member.submit(setup, CONFIRM, { code: codeOf(secret) });
  return { member, secret, codes: shown.value("#recovery-codes")!.trim().split("\n") };
}

function secretOn(page: HtmlPage): string {
  return page.text(".secret").replaceAll(" ", "");
}

async function enter(guest: Visitor, { email, tenantCode }: Person, next = "/"): Promise<HtmlPage> {
  const page = await guest.get(`/sign-in?next=${encodeURIComponent(next)}`);
  return await guest.submit(page, "form[action='/sign-in']", {
    email,
    password: PASSWORD,
    tenant_code: tenantCode,
  });
}
