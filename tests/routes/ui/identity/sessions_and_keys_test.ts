import assert from "node:assert/strict";
import { visit } from "../../../support/pages.ts";
import { openTestServer, type TestServer } from "../../../support/server.ts";

const CREATE = "form[action='/settings/keys']";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("an API key is shown once, works, and stops when it is revoked", async () => {
  const editor = await visit(server, { role: "editor" });
  const created = await editor.submit(await editor.get("/settings/keys"), CREATE, {
    name: "Ingest station",
    expires_in_days: "30",
  });
  const key = created.value("#new-key")!;
  assert.equal(await statusOf(key), 200);
  const page = await editor.get("/settings/keys");
  assert.ok(!page.has("#new-key"));
  assert.match(page.row("Ingest station")!, /read .*Active/);
  const revoked = await editor.submit(page, "form[action$='/revoke']");
  assert.equal(revoked.text("#toasts .toast p"), "Ingest station is revoked.");
  assert.match(revoked.row("Ingest station")!, /Revoked/);
  assert.ok(!revoked.has("form[action$='/revoke']"));
  assert.equal(await statusOf(key), 401);
});

Deno.test("an API key needs a name", async () => {
  const editor = await visit(server, { role: "editor", language: "pt-BR" });
  const page = await editor.get("/settings/keys");
  assert.equal(page.title, "Chaves de API");
  const refused = await editor.submit(page, CREATE, { name: "", expires_in_days: "30" });
  assert.equal(refused.status, 422);
  assert.equal(refused.text("#field-name-error"), "Digite um nome de 1 a 255 caracteres.");
});

Deno.test("when an API key ends is chosen, and a list shows which never do", async () => {
  const editor = await visit(server, { role: "editor" });
  const page = await editor.get("/settings/keys");
  const refused = await editor.submit(page, CREATE, { name: "Archive", scope: "write" });
  assert.equal(refused.status, 422);
  assert.equal(refused.text("#field-expires_in_days-error"), "Choose when the key ends.");
  assert.deepEqual([refused.value("#field-name"), refused.value("#field-scope")], ["Archive", "write"]);
  const made = await editor.submit(refused, CREATE, { expires_in_days: "never" });
  assert.match(made.row("Archive")!, /Active never/);
});

Deno.test("long after sign-in, keys are created only after signing in again", async () => {
  const editor = await visit(server, { role: "editor" });
  const page = await editor.get("/settings/keys");
  await server.platform.db.asSystem((sql) =>
    sql`update sessions set created_at = now() - interval '16 minutes' where user_id = ${editor.person.id}`
  );
  const asked = await editor.submit(page, CREATE, { name: "Late", expires_in_days: "30" });
  assert.equal(asked.path, "/sign-in?again=1&next=%2Fsettings%2Fkeys");
  assert.match(asked.text(".notice"), /Prove once more/);
  const stale = await editor.get("/settings/keys");
  assert.ok(!stale.has(CREATE));
  assert.match(stale.text(".notice"), /To create a key, prove once more/);
});

Deno.test("an API key is offered no scope above the role of its owner", async () => {
  const scopesOf = async (role: string) => {
    const page = await (await visit(server, { role })).get("/settings/keys");
    return page.all("select[name=scope] option").map((option) => option.getAttribute("value"));
  };
  assert.deepEqual(await scopesOf("editor"), ["read", "write"]);
  assert.deepEqual(await scopesOf("admin"), ["read", "write", "admin"]);
});

Deno.test("signing out everywhere ends this session and, when ticked, the keys", async () => {
  const [here, there] = await twoSessions();
  const made = await here.submit(await here.get("/settings/keys"), CREATE, {
    name: "Nightly",
    expires_in_days: "never",
  });
  const key = made.value("#new-key")!;
  const all = "form[action='/settings/sessions/end-all']";
  const left = await here.submit(await here.get("/settings/sessions"), all, { end_api_keys: "true" });
  assert.equal(left.path, "/sign-in");
  assert.equal((await there.get("/")).path, "/sign-in");
  assert.equal(await statusOf(key), 401);
});

Deno.test("a session is ended from another", async () => {
  const [here, there] = await twoSessions();
  const page = await here.get("/settings/sessions");
  assert.match(page.row("this one")!, /this one/);
  const ended = await here.submit(page, "form[action$='/end']");
  assert.equal(ended.text("#toasts .toast p"), "The session has ended.");
  assert.equal(ended.all("tbody tr").length, 1);
  assert.equal((await there.get("/")).path, "/sign-in");
  assert.equal((await here.get("/")).path, "/");
});

Deno.test("long after sign-in, sessions are ended only after signing in again", async () => {
  const [here] = await twoSessions();
  await server.platform.db.asSystem((sql) =>
    sql`update sessions set created_at = now() - interval '16 minutes' where user_id = ${here.person.id}`
  );
  const page = await here.get("/settings/sessions");
  assert.ok(!page.has("form[action$='/end']"));
  const [link] = page.all(".notice a");
  assert.equal(link!.getAttribute("href"), "/sign-in?again=1&next=%2Fsettings%2Fsessions");
});

async function twoSessions() {
  const here = await visit(server);
  const there = await visit(server, { as: here.person });
  return [here, there] as const;
}

async function statusOf(key: string): Promise<number> {
  const response = await fetch(`${server.url}/api/v1/assets`, { headers: { "X-API-Key": key } });
  await response.body?.cancel();
  return response.status;
}
