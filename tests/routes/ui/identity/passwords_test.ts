import assert from "node:assert/strict";
import { type Mailbox, openMailbox, tokenIn } from "../../../support/mailbox.ts";
import { openVisitor } from "../../../support/pages.ts";
import { openTestServer, PASSWORD, type TestServer } from "../../../support/server.ts";

const NEW_PASSWORD = "three blue herons";

let server: TestServer;
let mailbox: Mailbox;
Deno.test.beforeAll(async () => {
  mailbox = await openMailbox();
  server = await openTestServer({ settings: { SMTP_URL: mailbox.url, MAIL_FROM: "akashi@example.org" } });
});
Deno.test.afterAll(async () => {
  await server.close();
  await mailbox.close();
});

Deno.test("a link for a forgotten password needs an e-mail address", async () => {
  const guest = openVisitor(server);
  const page = await guest.get("/forgot");
  assert.equal(page.title, "Forgotten password");
  const refused = await guest.submit(page, "form[action='/forgot']", { email: "nothing" });
  assert.equal(refused.status, 422);
  assert.equal(refused.text("#field-email-error"), "Type an e-mail address.");
});

Deno.test("the page says the same whether or not the address has an account", async () => {
  const guest = openVisitor(server, "pt-BR");
  const form = await guest.get("/forgot");
  const sent = await guest.submit(form, "form[action='/forgot']", { email: "none@example.org" });
  assert.equal(sent.status, 200);
  assert.equal(sent.text("h1"), "Confira seu e-mail");
});

Deno.test("a forgotten password is chosen anew by the link in the mail, once", async () => {
  const { email } = await server.addPerson({ role: "editor" });
  const token = await requestToken(email);
  const guest = openVisitor(server);
  const page = await guest.get(`/reset?token=${token}`);
  assert.match(page.text("main"), new RegExp(email));
  for (const [password, problem] of [["short", /8/], ["password123", /most common/]] as const) {
    const refused = await guest.submit(page, "form[action='/reset']", { new_password: password });
    assert.equal(refused.status, 422);
    assert.match(refused.text("#field-new_password-error"), problem);
  }
  const done = await guest.submit(page, "form[action='/reset']", { new_password: NEW_PASSWORD });
  assert.equal(done.path, "/reset?done=1");
  assert.equal(done.text("h1"), "Your password is changed");
  assert.equal((await guest.post("/sign-in", { email, password: NEW_PASSWORD })).path, "/");
  const spent = await openVisitor(server).get(`/reset?token=${token}`);
  assert.equal(spent.status, 404);
  assert.equal(spent.text("h1"), "This link has ended");
  const late = await openVisitor(server).post("/reset", { token, new_password: "four blue herons" });
  assert.equal(late.status, 404);
});

Deno.test("a new password by a link ends API keys only when that is ticked", async () => {
  const person = await server.addPerson({ role: "editor" });
  const { id } = await (await server.client(person)).json("POST", "/api/v1/api-keys", { name: "k" }, 201);
  const choose = async (fields: Record<string, string>) => {
    const guest = openVisitor(server);
    const page = await guest.get(`/reset?token=${await requestToken(person.email)}`);
    await guest.submit(page, "form[action='/reset']", { new_password: PASSWORD, ...fields });
    return (await (await server.client(person)).json("GET", `/api/v1/api-keys/${id}`)).revoked_at;
  };
  assert.equal(await choose({}), null);
  assert.ok(await choose({ end_api_keys: "true" }));
});

async function requestToken(email: string): Promise<string> {
  const guest = openVisitor(server);
  await guest.submit(await guest.get("/forgot"), "form[action='/forgot']", { email });
  // Notices to the same address may come before.
  let text = "";
  while (!text.includes("/reset?")) text = (await mailbox.next(email)).text;
  return tokenIn(text, "reset");
}
