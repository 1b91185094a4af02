import assert from "node:assert/strict";
import { wakeMailDelivery } from "../../lib/mails/mails.ts";
import { stopClock } from "../support/authenticator.ts";
import { openMailbox, tokenIn } from "../support/mailbox.ts";
import { openWire, through } from "../support/relay.ts";
import { openTestServer, PASSWORD, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const FROM = "Akashi <akashi@example.org>";
const JSON_TYPE = { "Content-Type": "application/json" };
const NEW_PASSWORD = "three blue herons";

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", headers: JSON_TYPE, body: JSON.stringify(body) });
}

/** Ends the delay before the next attempt at each letter. */
async function retryNow({ platform }: TestServer): Promise<void> {
  await platform.db.asSystem((sql) => sql`update mails set run_after = now() where attempts > 0`);
  await wakeMailDelivery(platform);
}

Deno.test("mail", async (t) => {
  const mailbox = await openMailbox();
  const server = await openTestServer({ settings: { SMTP_URL: mailbox.url, MAIL_FROM: FROM } });
  const api = `${server.url}/api/v1`;
  const admin = await server.addPerson({ tenant: "tv-norte", role: "admin" });
  const client = await server.client(admin);

  const logIn = async (email: string, password: string, tenant_code?: string) => {
    const response = await post(`${api}/auth/login`, { email, password, tenant_code });
    await response.body?.cancel();
    return response.status;
  };
  const ask = async (email: string) => {
    const response = await post(`${api}/auth/password-reset`, { email });
    return { status: response.status, body: await response.text() };
  };
  const confirm = async (token: string, new_password = NEW_PASSWORD) => {
    const response = await post(`${api}/auth/password-reset/confirm`, { token, new_password });
    const body = await response.json();
    return { status: response.status, paths: (body.errors ?? []).map((each: { path: string }) => each.path) };
  };
  const outbox = () =>
    server.platform.db.asSystem((sql) => sql<{ letter: string }[]>`select letter from mails`);
  // The outcome is stored before the letter is deleted, so that a server killed in between repeats it.
  const emptied = () => until("the outbox is empty", async () => (await outbox()).length === 0);

  await t.step(
    "an invitation is mailed in the chosen language, is valid once, and shows whether it was sent",
    async () => {
      const email = "bia@example.org";
      const input = { email, role: "editor", language: "pt-BR" };
      const made = await client.json("POST", "/api/v1/auth/invitations", input, 201);
      assert.equal(made.mail_status, "waiting");
      const letter = await mailbox.next(email);
      assert.equal(letter.from, "akashi@example.org");
      assert.equal(letter.subject, "Convite para tv-norte");
      assert.match(letter.text, /Você foi convidado/);
      assert.match(letter.html, /<html lang="pt-BR">/);
      assert.equal(tokenIn(letter.text, "join"), made.token);
      assert.equal(tokenIn(letter.html, "join"), made.token);
      await until("the list says so", async () => {
        const [invitation] = await client.json("GET", "/api/v1/auth/invitations");
        return invitation!.mail_status === "sent";
      });
      await emptied();
      const account = { token: made.token, name: "Bia", password: PASSWORD };
      const [first, second] = [
        await post(`${api}/auth/register`, account),
        await post(`${api}/auth/register`, account),
      ];
      assert.deepEqual([first.status, second.status], [201, 422]);
      await Promise.all([first.body?.cancel(), second.body?.cancel()]);
    },
  );

  await t.step("an address that the mail server refuses is shown to administrators", async () => {
    await client.json("POST", "/api/v1/auth/invitations", { email: "nobody@example.org" }, 201);
    await until("the list says so", async () => {
      const invitations = await client.json("GET", "/api/v1/auth/invitations");
      return invitations.some((each) => each.mail_status === "failed");
    });
    await emptied();
  });

  await t.step("a name with line breaks and markup is escaped in headers and HTML", async () => {
    const evil = await server.addPerson({ tenant: "evil" });
    await server.platform.db.asOwner((sql) =>
      sql`update tenants set name = ${"A\r\nBcc: all@example.org <b>x</b>"} where code = 'evil'`
    );
    await (await server.client(evil)).json(
      "POST",
      "/api/v1/auth/invitations",
      { email: "eva@example.org" },
      201,
    );
    const letter = await mailbox.next("eva@example.org");
    assert.equal(letter.subject, "Invitation to A Bcc: all@example.org <b>x</b>");
    assert.ok(!letter.html.includes("<b>"));
    assert.ok(!mailbox.letters.some((each) => each.to === "all@example.org"));
  });

  await t.step("a password is reset by a link, once, which revokes every session", async () => {
    const person = await server.addPerson({ tenant: "tv-norte", role: "editor" });
    const theirs = await server.client(person);
    assert.equal((await ask(person.email.toUpperCase())).status, 202);
    const letter = await mailbox.next(person.email);
    assert.equal(letter.subject, "Choose a new password");
    const token = tokenIn(letter.text, "reset");
    assert.deepEqual(await confirm(token, "short"), { status: 422, paths: ["new_password"] });
    assert.deepEqual(await confirm(token, "password123"), { status: 422, paths: ["new_password"] });
    await theirs.json("GET", "/api/v1/auth/me");
    const tries = await Promise.all([confirm(token), confirm(token)]);
    assert.deepEqual(tries.map((each) => each.status).toSorted(), [200, 422]);
    await theirs.json("GET", "/api/v1/auth/me", undefined, 401);
    assert.equal(await logIn(person.email, PASSWORD), 401);
    assert.equal(await logIn(person.email, NEW_PASSWORD), 200);
    const actions = (await client.json("GET", `/api/v1/audit?target_id=${person.id}`)).items;
    assert.deepEqual(
      actions.map((each: { action: string }) => each.action),
      ["password.reset", "password.ask"],
    );
    assert.ok(!JSON.stringify(actions).includes(token));
  });

  await t.step("using a newer link invalidates older ones; an expired one is refused", async () => {
    const { email, id } = await server.addPerson({ tenant: "tv-norte" });
    const tokens: string[] = [];
    for (let time = 0; time < 2; time++) {
      await ask(email);
      tokens.push(tokenIn((await mailbox.next(email)).text, "reset"));
    }
    assert.equal((await confirm(tokens[1]!)).status, 200);
    await wakeMailDelivery(server.platform);
    assert.match((await mailbox.next(email)).text, /A new password was chosen/);
    assert.deepEqual(await confirm(tokens[0]!), { status: 422, paths: ["token"] });
    await ask(email);
    const late = tokenIn((await mailbox.next(email)).text, "reset");
    await server.platform.db.asSystem((sql) =>
      sql`update password_resets set expires_at = now() where user_id = ${id}`
    );
    assert.deepEqual(await confirm(late), { status: 422, paths: ["token"] });
    assert.equal((await fetch(`${server.url}/reset?token=${late}`)).status, 404);
  });

  await t.step("an address in two tenants gets one mail with a link for each", async () => {
    const email = "both@example.org";
    const north = await server.addPerson({ tenant: "tv-norte", email });
    await server.addPerson({ tenant: "tv-sul", email });
    await server.platform.db.asSystem((sql) =>
      sql`update users set language = 'pt-BR' where id = ${north.id}`
    );
    await ask(email);
    const letter = await mailbox.next(email);
    assert.equal(letter.subject, "Escolha uma nova senha");
    const links = [...letter.text.matchAll(/Nova senha para (\S+)\s+\S+\/reset\?token=([\w-]+)/g)];
    const tokens = Object.fromEntries(links.map(([, tenant, token]) => [tenant!, token!]));
    assert.deepEqual(Object.keys(tokens).toSorted(), ["tv-norte", "tv-sul"]);
    assert.equal((await confirm(tokens["tv-sul"]!)).status, 200);
    assert.equal(await logIn(email, NEW_PASSWORD, "tv-sul"), 200);
    assert.equal(await logIn(email, PASSWORD, "tv-norte"), 200);
  });

  await t.step(
    "every change to how an account signs in is mailed to its owner, in their language",
    async () => {
      const person = await server.addPerson({ tenant: "tv-norte", role: "editor" });
      const theirs = await server.client(person);
      await theirs.json("PATCH", "/api/v1/auth/me", { language: "pt-BR" });
      const codeOf = stopClock(server);
      const factor = "/api/v1/auth/me/second-factor";
      const told = async (text: RegExp) => {
        // Notices are found by polling, every two seconds.
        await wakeMailDelivery(server.platform);
        const letter = await mailbox.next(person.email);
        assert.equal(letter.subject, "Sua forma de entrar em tv-norte mudou");
        assert.match(letter.text, text);
        assert.match(letter.text, /\/forgot/);
      };
      const { secret } = await theirs.json("POST", `${factor}/totp`, undefined, 201);
      const { recovery_codes } = await theirs.json("POST", `${factor}/totp/confirm`, {
        code: codeOf(secret),
      });
      await told(/aplicativo autenticador foi configurado/);
      await theirs.json("POST", `${factor}/recovery-codes`, undefined, 201);
      await told(/Novos códigos/);
      await theirs.json("DELETE", `${factor}/totp`);
      await told(/aplicativo autenticador .* foi removido/);
      const change = { current_password: PASSWORD, new_password: NEW_PASSWORD };
      await theirs.json("POST", "/api/v1/auth/me/change-password", change);
      await told(/senha de .* foi alterada/);
      await server.addPasskey(person);
      await client.json("DELETE", `/api/v1/auth/users/${person.id}/second-factor`);
      await told(/Um administrador de tv-norte removeu/);
      await ask(person.email);
      await confirm(tokenIn((await mailbox.next(person.email)).text, "reset"), "four grey cranes");
      await told(/Uma nova senha foi escolhida/);
      const secrets = [secret, ...recovery_codes, NEW_PASSWORD];
      assert.ok(!mailbox.letters.some(({ text }) => secrets.some((each) => text.includes(each))));
    },
  );

  await t.step("unknown, deactivated and suspended accounts get the same answer and no mail", async () => {
    const known = await server.addPerson({ tenant: "tv-norte" });
    const gone = await server.addPerson({ tenant: "tv-norte" });
    const closed = await server.addPerson({ tenant: "closed" });
    await server.platform.db.asSystem(async (sql) => {
      await sql`update users set is_active = false where id = ${gone.id}`;
      await sql`update tenants set status = 'suspended' where code = 'closed'`;
    });
    const answers = await Promise.all(
      ["stranger@example.org", gone.email, closed.email, known.email].map(ask),
    );
    assert.equal(new Set(answers.map((each) => JSON.stringify(each))).size, 1);
    await mailbox.next(known.email);
    await emptied();
    const strangers = ["stranger@example.org", gone.email, closed.email];
    assert.ok(!mailbox.letters.some((each) => strangers.includes(each.to)));
  });

  await t.step("one address gets at most five mails an hour", async () => {
    const email = "flooded@example.org";
    const statuses: number[] = [];
    for (let time = 0; time < 6; time++) statuses.push((await ask(email)).status);
    assert.deepEqual(statuses, [202, 202, 202, 202, 202, 429]);
  });

  await server.close();
  await mailbox.close();
});

Deno.test("mail waits, sealed, for an unavailable mail server, and is sent when it is back", async () => {
  const mailbox = await openMailbox();
  const wire = openWire(mailbox.url);
  wire.cut();
  const settings = { SMTP_URL: through(wire, mailbox.url), MAIL_FROM: FROM };
  const server = await openTestServer({ settings });
  const client = await server.client();
  const email = "late@example.org";
  const made = await client.json("POST", "/api/v1/auth/invitations", { email }, 201);
  const rows = () =>
    server.platform.db.asSystem((sql) => sql<{ attempts: number; letter: string }[]>`select * from mails`);
  await until("a second try", async () => (await rows())[0]!.attempts >= 2);
  const [row] = await rows();
  assert.ok(!row!.letter.includes(made.token) && !row!.letter.includes(email));
  await assert.rejects(
    server.platform.db.asTenant(
      (await client.json("GET", "/api/v1/auth/me")).tenant_id,
      (sql) => sql`select * from mails`,
    ),
    /permission denied/,
  );
  await until(
    "health tells",
    async () => /1 messages wait/.test((await (await fetch(`${server.url}/api/v1/health`)).json()).mail),
  );
  wire.mend();
  await retryNow(server);
  assert.equal(tokenIn((await mailbox.next(email)).text, "join"), made.token);
  await until("it is gone", async () => (await rows()).length === 0);
  assert.equal(mailbox.letters.length, 1);
  await server.close();
  wire.close();
  await mailbox.close();
});

Deno.test("the mail of a revoked invitation is not sent", async () => {
  const mailbox = await openMailbox();
  const wire = openWire(mailbox.url);
  wire.cut();
  const settings = { SMTP_URL: through(wire, mailbox.url), MAIL_FROM: FROM };
  const server = await openTestServer({ settings });
  const client = await server.client();
  const [first, second] = ["first@example.org", "second@example.org"];
  const { id } = await client.json("POST", "/api/v1/auth/invitations", { email: first }, 201);
  await client.json("POST", "/api/v1/auth/invitations", { email: second }, 201);
  await client.json("DELETE", `/api/v1/auth/invitations/${id}`);
  wire.mend();
  await retryNow(server);
  await mailbox.next(second);
  await until("the outbox is empty", async () => {
    const [row] = await server.platform.db.asSystem((sql) =>
      sql<{ count: number }[]>`select count(*) from mails`
    );
    return row!.count === 0;
  });
  assert.deepEqual(mailbox.letters.map((each) => each.to), [second]);
  await server.close();
  wire.close();
  await mailbox.close();
});

Deno.test("without e-mail, health, page and API say so, and invitations are passed on by hand", async () => {
  const server = await openTestServer({ settings: { APP_ENV: "staging", AKASHI_SECRET: "x".repeat(40) } });
  const client = await server.client();
  const refused = await post(`${server.url}/api/v1/auth/password-reset`, { email: "a@example.org" });
  assert.equal(refused.status, 503);
  assert.match((await refused.json()).detail, /SMTP_URL/);
  const page = await fetch(`${server.url}/forgot`);
  assert.equal(page.status, 503);
  assert.match(await page.text(), /Ask an administrator/);
  const health = await (await fetch(`${server.url}/api/v1/health`)).json();
  assert.match(health.mail, /SMTP_URL/);
  const made = await client.json("POST", "/api/v1/auth/invitations", { email: "a@example.org" }, 201);
  assert.equal(made.mail_status, null);
  assert.ok(made.token);
  await server.close();
});
