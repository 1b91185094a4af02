// Mail of invitations, password resets and security notices, read from a mail server.
import assert from "node:assert/strict";
import type { Invitation } from "../../lib/identity/invitations/schema.ts";
import { wakeMailDelivery } from "../../lib/mails/mails.ts";
import type { Problem } from "../support/answers.ts";
import { stopClock } from "../support/authenticator.ts";
import { type Mailbox, openMailbox, tokenIn } from "../support/mailbox.ts";
import type { User } from "../../lib/identity/users/schema.ts";
import { statusOf } from "../support/anonymous.ts";
import { openVisitor, visit } from "../support/pages.ts";
import { openTestServer, PASSWORD, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const NEW_PASSWORD = "three blue herons";

let mailbox: Mailbox;
let server: TestServer;
Deno.test.beforeAll(async () => {
  mailbox = await openMailbox();
  const settings = { SMTP_URL: mailbox.url, MAIL_FROM: "Akashi <akashi@example.org>" };
  server = await openTestServer({ settings });
});
Deno.test.afterAll(async () => {
  await server.close();
  await mailbox.close();
});

Deno.test("an invitation is mailed in the chosen language, is valid once, and shows whether it was sent", async () => {
  const client = await server.client(await server.addPerson({ tenant: "tv-norte" }));
  const email = "bia@example.org";
  const input = { email, role: "editor", language: "pt-BR" };
  const made: Invitation & { token: string } = await client.json(
    "POST",
    "/api/v1/auth/invitations",
    input,
    201,
  );
  assert.equal(made.mail_status, "waiting");
  const letter = await mailbox.next(email);
  assert.equal(letter.from, "akashi@example.org");
  assert.equal(letter.subject, "Convite para tv-norte");
  assert.match(letter.text, /Você foi convidado/);
  assert.match(letter.html, /<html lang="pt-BR">/);
  assert.equal(tokenIn(letter.text, "join"), made.token);
  assert.equal(tokenIn(letter.html, "join"), made.token);
  await until("the invitation is listed as sent", async () => {
    const [invitation] = await client.json("GET", "/api/v1/auth/invitations");
    return invitation!.mail_status === "sent";
  });
  await outboxIsEmpty();
  const account = { token: made.token, name: "Bia", password: PASSWORD };
  const [first, second] = [await post("/auth/register", account), await post("/auth/register", account)];
  assert.deepEqual([first.status, second.status], [201, 422]);
  await Promise.all([first.body?.cancel(), second.body?.cancel()]);
});

Deno.test("owners and administrators are told of new lasting access, each in their language", async () => {
  const [ana, bia] = [
    await server.addPerson({ tenant: "tv-told" }),
    await server.addPerson({ tenant: "tv-told" }),
  ];
  await server.platform.db.asSystem((sql) => sql`update users set language = 'pt-BR' where id = ${bia.id}`);
  const editor = await server.addPerson({ tenant: "tv-told", role: "editor" });
  const [admin, theirs] = [await server.client(ana), await server.client(editor)];
  await theirs.json("POST", "/api/v1/api-keys", { name: "Ingest" }, 201);
  const own = await mailbox.next(editor.email);
  assert.equal(own.subject, "New access to tv-told");
  assert.match(own.text, /made the API key “Ingest”[^]*\/settings\/keys/);
  await admin.json("POST", "/api/v1/api-keys", { name: "Full", scopes: ["admin"] }, 201);
  assert.match((await mailbox.next(bia.email)).text, /“Full”, que pode administrar tv-told/);
  const provider = { name: "Casa", issuer: "https://login.example.org", client_id: "akashi" };
  const { id } = await admin.json("POST", "/api/v1/providers", provider, 201);
  assert.match((await mailbox.next(bia.email)).text, /configurou “Casa”[^]*\/admin\/providers/);
  await admin.json("PATCH", `/api/v1/providers/${id}`, { links_users: true });
  assert.match((await mailbox.next(bia.email)).text, /mudou “Casa”/);
  await admin.json("PATCH", `/api/v1/auth/users/${editor.id}`, { role: "admin" });
  const told = await mailbox.next(bia.email);
  assert.match(told.text, new RegExp(`${editor.email} agora faz parte da administração`));
  await admin.json("POST", "/api/v1/auth/invitations", { email: "new@tv-told.example", role: "admin" }, 201);
  assert.match((await mailbox.next(bia.email)).text, /convidou new@tv-told\.example/);
  await outboxIsEmpty();
});

Deno.test("another address counts when its link is used, once; sessions stay and the old address is told", async () => {
  const person = await server.addPerson({ tenant: "tv-address", role: "editor" });
  const theirs = await server.client(person);
  const me = (): Promise<User> => theirs.json("GET", "/api/v1/auth/me");
  const change = (email: string): Promise<User> => theirs.json("PATCH", "/api/v1/auth/me", { email });
  const [first, email] = [`first-${person.email}`, `second-${person.email}`];
  const asked = await change(first);
  assert.deepEqual([asked.email, asked.pending_email], [person.email, first]);
  const replaced = tokenIn((await mailbox.next(first)).text, "confirm-email");
  await change(email);
  const letter = await mailbox.next(email);
  assert.equal(letter.subject, "Confirm your new address");
  const token = tokenIn(letter.text, "confirm-email");
  await askReset(person.email);
  const reset = tokenIn((await mailbox.next(person.email)).text, "reset");
  const confirm = (token: string) => statusOf(post("/auth/confirm-email", { token }));
  assert.deepEqual([await confirm(replaced), await confirm("x")], [422, 422]);
  const both = await Promise.all([confirm(token), confirm(token)]);
  assert.deepEqual(both.toSorted(), [200, 422]);
  assert.deepEqual([(await me()).email, (await me()).pending_email], [email, null]);
  assert.match(
    (await mailbox.next(person.email)).text,
    /no longer the address of your account at tv-address/,
  );
  assert.equal((await confirmReset(reset)).status, 422, "a link that went to the old address is void");
  await change(`third-${person.email}`);
  assert.equal((await change(email)).pending_email, null, "the present address takes the change back");
});

Deno.test("an address that somebody else has got meanwhile is not confirmed", async () => {
  const [one, two] = [
    await server.addPerson({ tenant: "tv-race" }),
    await server.addPerson({ tenant: "tv-race" }),
  ];
  const email = "wanted@tv-race.example";
  const admin = await server.client(one);
  await admin.json("PATCH", `/api/v1/auth/users/${two.id}`, { email });
  const token = tokenIn((await mailbox.next(email)).text, "confirm-email");
  await server.addPerson({ tenant: "tv-race", email });
  assert.equal(await statusOf(post("/auth/confirm-email", { token })), 409);
  const page = await visit(server, { as: one });
  const asked = await page.get(`/confirm-email?token=${token}`);
  const refused = await page.submit(asked, "form[action='/confirm-email']");
  assert.deepEqual([refused.status, refused.text("h1")], [409, "This link has ended"]);
});

Deno.test("the page behind the link asks before the address changes", async () => {
  const member = await visit(server, { tenant: "tv-page", role: "viewer" });
  const email = `page-${member.person.email}`;
  const settings = await member.get("/settings");
  const pending = await member.submit(settings, "form[action='/settings/profile']", { email });
  assert.match(pending.text(".notice"), new RegExp(`A link was sent to ${email}`));
  const token = tokenIn((await mailbox.next(email)).text, "confirm-email");
  const page = await openVisitor(server, "pt-BR").get(`/confirm-email?token=${token}`);
  assert.match(page.text("main"), new RegExp(`tv-page passará a ter o endereço ${email}`));
  assert.equal((await member.get("/settings")).value("#field-email"), member.person.email);
  const done = await openVisitor(server).submit(page, "form[action='/confirm-email']");
  assert.equal(done.text("h1"), "Your address is changed");
  assert.equal((await member.get("/settings")).value("#field-email"), email);
  assert.equal((await member.get(`/confirm-email?token=${token}`)).status, 404);
});

Deno.test("an address that the mail server refuses is shown to administrators", async () => {
  const client = await server.client(await server.addPerson({ tenant: "tv-refused" }));
  await client.json("POST", "/api/v1/auth/invitations", { email: "nobody@example.org" }, 201);
  await until("the invitation is listed as failed", async () => {
    const invitations = await client.json("GET", "/api/v1/auth/invitations");
    return invitations.some((each) => each.mail_status === "failed");
  });
  await outboxIsEmpty();
});

Deno.test("a name with line breaks and markup is escaped in headers and HTML", async () => {
  const client = await server.client(await server.addPerson({ tenant: "evil" }));
  await server.platform.db.asOwner((sql) =>
    sql`update tenants set name = ${"A\r\nBcc: all@example.org <b>x</b>"} where code = 'evil'`
  );
  await client.json("POST", "/api/v1/auth/invitations", { email: "eva@example.org" }, 201);
  const letter = await mailbox.next("eva@example.org");
  assert.equal(letter.subject, "Invitation to A Bcc: all@example.org <b>x</b>");
  assert.ok(!letter.html.includes("<b>"));
  assert.ok(!mailbox.letters.some((each) => each.to === "all@example.org"));
});

Deno.test("a password is reset by a link, once, which revokes every session", async () => {
  const client = await server.client(await server.addPerson({ tenant: "tv-reset" }));
  const person = await server.addPerson({ tenant: "tv-reset", role: "editor" });
  const theirs = await server.client(person);
  assert.equal((await askReset(person.email.toUpperCase())).status, 202);
  const letter = await mailbox.next(person.email);
  assert.equal(letter.subject, "Choose a new password");
  const token = tokenIn(letter.text, "reset");
  assert.deepEqual(await confirmReset(token, "short"), { status: 422, paths: ["new_password"] });
  assert.deepEqual(await confirmReset(token, "password123"), { status: 422, paths: ["new_password"] });
  await theirs.json("GET", "/api/v1/auth/me");
  const tries = await Promise.all([confirmReset(token), confirmReset(token)]);
  assert.deepEqual(tries.map((each) => each.status).toSorted(), [200, 422]);
  await theirs.json("GET", "/api/v1/auth/me", undefined, 401);
  assert.equal(await logIn(person.email, PASSWORD), 401);
  assert.equal(await logIn(person.email, NEW_PASSWORD), 200);
  const entries = (await client.json("GET", `/api/v1/audit?target_id=${person.id}`)).items;
  assert.deepEqual(entries.map(({ action }) => action), ["password.reset", "password.ask"]);
  assert.ok(!JSON.stringify(entries).includes(token));
});

Deno.test("using a newer link invalidates older ones; an expired one is refused", async () => {
  const { email, id } = await server.addPerson();
  const tokens: string[] = [];
  for (let time = 0; time < 2; time++) tokens.push(await mailedToken(email));
  assert.equal((await confirmReset(tokens[1]!)).status, 200);
  await wakeMailDelivery(server.platform);
  assert.match((await mailbox.next(email)).text, /A new password was chosen/);
  assert.deepEqual(await confirmReset(tokens[0]!), { status: 422, paths: ["token"] });
  const late = await mailedToken(email);
  await server.platform.db.asSystem((sql) =>
    sql`update password_resets set expires_at = now() where user_id = ${id}`
  );
  assert.deepEqual(await confirmReset(late), { status: 422, paths: ["token"] });
  assert.equal((await fetch(`${server.url}/reset?token=${late}`)).status, 404);
});

Deno.test("an address in two tenants gets one mail with a link for each", async () => {
  const email = "both@example.org";
  const north = await server.addPerson({ tenant: "norte", email });
  await server.addPerson({ tenant: "sul", email });
  await server.platform.db.asSystem((sql) => sql`update users set language = 'pt-BR' where id = ${north.id}`);
  await askReset(email);
  const letter = await mailbox.next(email);
  assert.equal(letter.subject, "Escolha uma nova senha");
  const links = [...letter.text.matchAll(/Nova senha para (\S+)\s+\S+\/reset\?token=([\w-]+)/g)];
  const tokens = Object.fromEntries(links.map(([, tenant, token]) => [tenant!, token!]));
  assert.deepEqual(Object.keys(tokens).toSorted(), ["norte", "sul"]);
  assert.equal((await confirmReset(tokens["sul"]!)).status, 200);
  assert.equal(await logIn(email, NEW_PASSWORD, "sul"), 200);
  assert.equal(await logIn(email, PASSWORD, "norte"), 200);
});

Deno.test("every change to how an account signs in is mailed to its owner, in their language", async () => {
  const admin = await server.client(await server.addPerson({ tenant: "tv-notices" }));
  const person = await server.addPerson({ tenant: "tv-notices", role: "editor" });
  const theirs = await server.client(person);
  await theirs.json("PATCH", "/api/v1/auth/me", { language: "pt-BR" });
  const { clock } = server.platform;
  const codeOf = stopClock(server);
  const factor = "/api/v1/auth/me/second-factor";
  const noticeSays = async (text: RegExp) => {
    // Notices are found by polling, every two seconds.
    await wakeMailDelivery(server.platform);
    const letter = await mailbox.next(person.email);
    assert.equal(letter.subject, "Sua forma de entrar em tv-notices mudou");
    assert.match(letter.text, text);
    assert.match(letter.text, /\/forgot/);
  };
  const { secret }: { secret: string } = await theirs.json("POST", `${factor}/totp`, undefined, 201);
  const { recovery_codes }: { recovery_codes: string[] } = await theirs.json(
    "POST",
    `${factor}/totp/confirm`,
    { code: codeOf(secret) },
  );
  server.platform.clock = clock;
  await noticeSays(/aplicativo autenticador foi configurado/);
  await theirs.json("POST", `${factor}/recovery-codes`, undefined, 201);
  await noticeSays(/Novos códigos/);
  await theirs.json("DELETE", `${factor}/totp`);
  await noticeSays(/aplicativo autenticador .* foi removido/);
  const change = { current_password: PASSWORD, new_password: NEW_PASSWORD };
  await theirs.json("POST", "/api/v1/auth/me/change-password", change);
  await noticeSays(/senha de .* foi alterada/);
  await server.addPasskey(person);
  await admin.json("DELETE", `/api/v1/auth/users/${person.id}/second-factor`);
  await noticeSays(/Um administrador de tv-notices removeu/);
  await confirmReset(await mailedToken(person.email), "four grey cranes");
  await noticeSays(/Uma nova senha foi escolhida/);
  const secrets = [secret, ...recovery_codes, NEW_PASSWORD];
  assert.ok(!mailbox.letters.some(({ text }) => secrets.some((each) => text.includes(each))));
});

Deno.test("unknown, deactivated and suspended accounts get the same answer and no mail", async () => {
  const known = await server.addPerson();
  const gone = await server.addPerson();
  const closed = await server.addPerson({ tenant: "closed" });
  await server.platform.db.asSystem(async (sql) => {
    await sql`update users set is_active = false where id = ${gone.id}`;
    await sql`update tenants set status = 'suspended' where code = 'closed'`;
  });
  const answers = await Promise.all(
    ["stranger@example.org", gone.email, closed.email, known.email].map(askReset),
  );
  assert.equal(new Set(answers.map((each) => JSON.stringify(each))).size, 1);
  await mailbox.next(known.email);
  await outboxIsEmpty();
  const strangers = ["stranger@example.org", gone.email, closed.email];
  assert.ok(!mailbox.letters.some((each) => strangers.includes(each.to)));
});

Deno.test("one address gets at most five mails an hour", async () => {
  const email = "flooded@example.org";
  const statuses: number[] = [];
  for (let time = 0; time < 6; time++) statuses.push((await askReset(email)).status);
  assert.deepEqual(statuses, [202, 202, 202, 202, 202, 429]);
});

function post(path: string, body: unknown): Promise<Response> {
  return fetch(`${server.url}/api/v1${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Answers the status. */
async function logIn(email: string, password: string, tenant_code?: string): Promise<number> {
  const response = await post("/auth/login", { email, password, tenant_code });
  await response.body?.cancel();
  return response.status;
}

async function askReset(email: string): Promise<{ status: number; body: string }> {
  const response = await post("/auth/password-reset", { email });
  return { status: response.status, body: await response.text() };
}

/** Asks for a reset and answers the token of the link in the mail. */
async function mailedToken(email: string): Promise<string> {
  await askReset(email);
  return tokenIn((await mailbox.next(email)).text, "reset");
}

/** Answers the status and the paths of what is invalid. */
async function confirmReset(token: string, new_password = NEW_PASSWORD) {
  const response = await post("/auth/password-reset/confirm", { token, new_password });
  const { errors = [] }: Partial<Problem> = await response.json();
  return { status: response.status, paths: errors.map(({ path }) => path) };
}

/** The outcome is stored before the letter is deleted, so that a server killed in between repeats it. */
function outboxIsEmpty(): Promise<unknown> {
  return until("the outbox is empty", async () => {
    const [row] = await server.platform.db.asSystem((sql) =>
      sql<{ count: number }[]>`select count(*) from mails`
    );
    return row!.count === 0;
  });
}
