// A complete Akashi for one test file: a listening server, a worker when asked for, and accounts to sign in as.
import assert from "node:assert/strict";
import { newId } from "../../lib/platform/ids.ts";
import type { Mail } from "../../lib/platform/mail/mail.ts";
import { hashPassword } from "../../lib/identity/users/passwords.ts";
import { prepareInstallation } from "../../lib/operation/setup/setup.ts";
import { startServer } from "../../routes/server.ts";
import { HANDLERS } from "../../workers/kinds.ts";
import { startWorker } from "../../workers/runtime/runtime.ts";
import type { Answer } from "./answers.ts";
import { openTestPlatform, type TestPlatform } from "./stack.ts";

export const PASSWORD = "correct horse battery staple";

export interface Person {
  id: string;
  email: string;
  tenantId: string;
  tenantCode: string;
}

export interface TestServer extends TestPlatform {
  url: string;
  /** Creates an account, and its tenant when no tenant has this code. */
  addPerson(
    options?: { role?: string; tenant?: string; email?: string; superuser?: boolean },
  ): Promise<Person>;
  /** Registers a passkey without a private key for this account; answers its id. */
  addPasskey(person: Person): Promise<string>;
  /** A client with an access token of this account, or of a new administrator. */
  client(person?: Person): Promise<Client>;
}

export interface Client {
  token: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Sends a request and expects this status; answers the parsed body. */
  json<Method extends string, Path extends string, Status extends number = 200>(
    method: Method,
    path: Path,
    body?: unknown,
    status?: Status,
  ): Promise<Answer<Method, Path, Status>>;
}

interface ServerOptions {
  settings?: Record<string, string>;
  worker?: boolean;
  /** Instead of the mail that the settings lead to. */
  mail?: Mail;
}

/** Starts a server, and a worker when asked for, on a private platform. */
export async function openTestServer({ settings, worker, mail }: ServerOptions = {}): Promise<TestServer> {
  const stack = await openTestPlatform({ PORT: "0", HOST: "127.0.0.1", ...settings });
  const { platform } = stack;
  if (mail) platform.mail = mail;
  await prepareInstallation(platform);
  const server = await startServer(platform);
  const running = worker ? await startWorker(platform, { handlers: HANDLERS, graceMs: 1_000 }) : undefined;
  const url = `http://127.0.0.1:${server.port}`;
  const passwordHash = hashPassword(PASSWORD);

  async function addPerson({ role = "admin", tenant = "akashi", email, superuser = false } = {} as {
    role?: string;
    tenant?: string;
    email?: string;
    superuser?: boolean;
  }): Promise<Person> {
    const person = {
      id: newId(),
      email: email ?? `${role}-${newId().slice(-8)}@example.org`,
      tenantCode: tenant,
    };
    const hash = await passwordHash;
    const tenantId = await platform.db.asSystem(async (sql) => {
      await sql`insert into tenants (id, code, name) values (${newId()}, ${tenant}, ${tenant}) on conflict do nothing`;
      const [row] = await sql`select id from tenants where code = ${tenant}`;
      await sql`
        insert into users (id, tenant_id, email, name, password_hash, role, is_superuser)
        values (${person.id}, ${row!.id}, ${person.email}, ${role}, ${hash}, ${role}, ${superuser})`;
      return row!.id as string;
    });
    return { ...person, tenantId };
  }

  async function addPasskey({ id: userId, tenantId }: Person): Promise<string> {
    const id = newId();
    await platform.db.asSystem((sql) =>
      sql`
        insert into passkeys (id, tenant_id, user_id, credential_id, public_key, counter, transports, is_synced, name)
        values (${id}, ${tenantId}, ${userId}, ${id}, '', 0, '{}', true, 'Secret passkey')`
    );
    return id;
  }

  async function client(person?: Person): Promise<Client> {
    const { email, tenantCode: tenant_code } = person ?? await addPerson();
    const response = await fetch(`${url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email, password: PASSWORD, tenant_code }),
    });
    assert.equal(response.status, 200, await response.clone().text());
    return clientFor(url, (await response.json()).access_token);
  }

  return {
    ...stack,
    url,
    addPerson,
    addPasskey,
    client,
    close: async () => {
      await Promise.all([server.stop(), running?.stop()]);
      await stack.close();
    },
  };
}

/** A client with this access token. */
export function clientFor(url: string, token: string): Client {
  const send = (path: string, init: RequestInit = {}) =>
    fetch(path.startsWith("/") ? url + path : path, {
      ...init,
      headers: { Authorization: `Bearer ${token}`, ...init.headers as Record<string, string> },
    });
  return {
    token,
    fetch: send,
    json: async (method: string, path: string, body?: unknown, status: number = 200) => {
      const init = body === undefined
        ? { method }
        : { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
      const response = await send(path, init);
      const text = await response.text();
      assert.equal(response.status, status, `${method} ${path}: ${text}`);
      return text ? JSON.parse(text) : undefined;
    },
  };
}
