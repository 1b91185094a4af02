import assert from "node:assert/strict";
import { createUserAsOperator, resetPasswordAsOperator } from "../../lib/identity/users/by_operator.ts";
import { verifyAudit } from "../../lib/audit/verify.ts";
import { startProcess } from "../support/processes.ts";
import { openTestServer, PASSWORD, type TestServer } from "../support/server.ts";

const USER = new URL("../../infra/user.ts", import.meta.url);

function signIn({ url }: TestServer, email: string, password: string): Promise<Response> {
  return fetch(`${url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
}

async function assertUnauthenticated(answer: Promise<Response>): Promise<void> {
  const response = await answer;
  assert.equal(response.status, 401, await response.text());
}

Deno.test("infra/user.ts creates an administrator who can sign in, and audits it", async () => {
  const server = await openTestServer();
  try {
    const { tenantId, tenantCode: tenant } = await server.addPerson();
    const input = { tenantId, tenant, email: "root@example.org", role: "admin", isSuperuser: true } as const;
    const { password } = await createUserAsOperator(server.platform, input);
    const response = await signIn(server, "root@example.org", password);
    assert.equal(response.status, 200);
    const { access_token } = await response.json();
    const headers = { Authorization: `Bearer ${access_token}` };
    assert.equal(
      (await (await fetch(`${server.url}/api/v1/auth/me`, { headers })).json()).is_superuser,
      true,
    );
    const { items: audit } = await (await fetch(`${server.url}/api/v1/audit`, { headers })).json();
    const entry = audit.find(({ action }: { action: string }) => action === "user.create");
    assert.deepEqual([entry.target_name, entry.actor_name], ["root@example.org", "operator"]);
    assert.ok(!JSON.stringify(audit).includes(password));
    await assert.rejects(createUserAsOperator(server.platform, input), { code: "conflict" });
  } finally {
    await server.close();
  }
});

Deno.test("a password reset by an operator ends every session", async () => {
  const server = await openTestServer();
  try {
    const person = await server.addPerson();
    const client = await server.client(person);
    const { password } = await resetPasswordAsOperator(server.platform, person.email);
    await assertUnauthenticated(client.fetch("/api/v1/auth/me"));
    await assertUnauthenticated(signIn(server, person.email, PASSWORD));
    assert.equal((await signIn(server, person.email, password)).status, 200);
    assert.deepEqual((await verifyAudit(server.platform.db)).problems, []);
    await assert.rejects(resetPasswordAsOperator(server.platform, "nobody@example.org"), {
      code: "not_found",
    });
    const { email } = await server.addPerson({ tenant: "second", email: person.email });
    await assert.rejects(resetPasswordAsOperator(server.platform, email), /akashi.*second|second.*akashi/);
  } finally {
    await server.close();
  }
});

Deno.test("infra/user.ts prints its usage", async () => {
  for (const args of [[], ["create"], ["remove", "a@example.org"], ["create", "nobody"]]) {
    const child = startProcess(USER, {}, args);
    assert.equal(await child.ended, 1);
    assert.match(child.output(), /^Usage: /);
  }
});

Deno.test({
  name: "infra/user.ts makes and resets from the shell, and names what does not fit",
  ignore: !Deno.env.get("DATABASE_URL"),
  fn: async () => {
    const server = await openTestServer();
    const run = async (...args: string[]) => {
      const child = startProcess(USER, server.config, args);
      return { code: await child.ended, output: child.output() };
    };
    const passwordOf = ({ output }: { output: string }) => /signs in with: (\S+)/.exec(output)?.[1] ?? output;
    try {
      const made = passwordOf(await run("create", "Shell@Example.org", "--role", "viewer"));
      assert.equal((await signIn(server, "shell@example.org", made)).status, 200);
      const reset = passwordOf(await run("reset-password", "shell@example.org"));
      await assertUnauthenticated(signIn(server, "shell@example.org", made));
      assert.equal((await signIn(server, "shell@example.org", reset)).status, 200);
      const lost = await run("create", "shell@example.org", "--tenant", "nowhere");
      assert.deepEqual([lost.code, lost.output], [1, "There is no tenant nowhere.\n"]);
    } finally {
      await server.close();
    }
  },
});
