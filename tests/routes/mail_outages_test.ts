// Mail while the mail server is unavailable, and an installation without one. Each case opens its own servers.
import assert from "node:assert/strict";
import type { Invitation } from "../../lib/identity/invitations/schema.ts";
import { wakeMailDelivery } from "../../lib/mails/mails.ts";
import { noMail } from "../../lib/platform/mail/none.ts";
import type { Problem } from "../support/answers.ts";
import { openMailbox, tokenIn } from "../support/mailbox.ts";
import { openWire, through } from "../support/relay.ts";
import { type Client, openTestServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

interface MailRow {
  attempts: number;
  letter: string;
}

Deno.test("mail waits, encrypted, for an unavailable mail server, and is sent when it is back", async () => {
  const { server, mailbox, wire, close } = await openOutage();
  const client = await server.client();
  const email = "late@example.org";
  const { token } = await invite(client, email);
  await until("a second attempt", async () => (await listOutbox(server))[0]!.attempts >= 2);
  const [row] = await listOutbox(server);
  assert.ok(!row!.letter.includes(token) && !row!.letter.includes(email));
  const { tenant_id }: { tenant_id: string } = await client.json("GET", "/api/v1/auth/me");
  await assert.rejects(
    server.platform.db.asTenant(tenant_id, (sql) => sql`select * from mails`),
    /permission denied/,
  );
  await until(
    "health reports the waiting mail",
    async () => /1 messages wait/.test(await mailHealth(server)),
  );
  wire.mend();
  await retryNow(server);
  assert.equal(tokenIn((await mailbox.next(email)).text, "join"), token);
  await until("the outbox is empty", async () => (await listOutbox(server)).length === 0);
  assert.equal(mailbox.letters.length, 1);
  await close();
});

Deno.test("the mail of a revoked invitation is not sent", async () => {
  const { server, mailbox, wire, close } = await openOutage();
  const client = await server.client();
  const [first, second] = ["first@example.org", "second@example.org"];
  const { id } = await invite(client, first);
  await invite(client, second);
  await client.json("DELETE", `/api/v1/auth/invitations/${id}`);
  wire.mend();
  await retryNow(server);
  await mailbox.next(second);
  await until("the outbox is empty", async () => (await listOutbox(server)).length === 0);
  assert.deepEqual(mailbox.letters.map((each) => each.to), [second]);
  await close();
});

Deno.test("without a mail server, health, page and API say so, and invitations are passed on by hand", async () => {
  const server = await openTestServer({ mail: noMail });
  const client = await server.client();
  const refused = await fetch(`${server.url}/api/v1/auth/password-reset`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: "a@example.org" }),
  });
  assert.equal(refused.status, 503);
  const { detail }: Problem = await refused.json();
  assert.match(detail, /SMTP_URL/);
  const page = await fetch(`${server.url}/forgot`);
  assert.equal(page.status, 503);
  assert.match(await page.text(), /Ask an administrator/);
  assert.match(await mailHealth(server), /SMTP_URL/);
  const made = await invite(client, "a@example.org");
  assert.equal(made.mail_status, null);
  assert.ok(made.token);
  await server.close();
});

/** A server whose connection to its mail server is cut. */
async function openOutage() {
  const mailbox = await openMailbox();
  const wire = openWire(mailbox.url);
  wire.cut();
  const settings = { SMTP_URL: through(wire, mailbox.url), MAIL_FROM: "Akashi <akashi@example.org>" };
  const server = await openTestServer({ settings });
  const close = async () => {
    await server.close();
    wire.close();
    await mailbox.close();
  };
  return { server, mailbox, wire, close };
}

function invite(client: Client, email: string): Promise<Invitation & { token: string }> {
  return client.json("POST", "/api/v1/auth/invitations", { email }, 201);
}

function listOutbox({ platform }: TestServer): Promise<MailRow[]> {
  return platform.db.asSystem((sql) => sql<MailRow[]>`select * from mails`);
}

async function mailHealth({ url }: TestServer): Promise<string> {
  const { mail }: { mail: string } = await (await fetch(`${url}/api/v1/health`)).json();
  return mail;
}

/** Ends the delay before the next attempt at each letter. */
async function retryNow({ platform }: TestServer): Promise<void> {
  await platform.db.asSystem((sql) => sql`update mails set run_after = now() where attempts > 0`);
  await wakeMailDelivery(platform);
}
