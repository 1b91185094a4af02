// Failed sign-ins and refused requests are logged with the fields that an investigation needs, and no secrets.
import assert from "node:assert/strict";
import { createLog, readLines } from "../../lib/platform/observe/log.ts";
import { stopClock } from "../support/authenticator.ts";
import { openTestServer, PASSWORD, type TestServer } from "../support/server.ts";

const REQUEST_ID = "request-of-the-test";
const FROM = { address: "127.0.0.1", request_id: REQUEST_ID };
const TOTP = "/api/v1/auth/me/second-factor/totp";

interface Answer {
  status: number;
  body: { refresh_token?: string };
}

let server: TestServer;
let codeOf: ReturnType<typeof stopClock>;
Deno.test.beforeAll(async () => {
  // Requests name themselves, which a server accepts from a trusted proxy only.
  server = await openTestServer({ settings: { TRUSTED_PROXIES: "1" } });
  server.platform.log = createLog("warn", {}, () => {});
  codeOf = stopClock(server);
});
Deno.test.afterAll(() => server.close());

Deno.test("a wrong password logs the account; an unknown address is not logged", async () => {
  const { id, email } = await server.addPerson({ role: "viewer" });
  using log = openLogReader();
  assert.equal((await logIn(email, { password: "not the one" })).status, 401);
  assert.deepEqual(log.take("sign_in_failed"), [{ reason: "password", ...FROM, user_ids: [id] }]);
  assert.equal((await logIn("hunter2@example.org")).status, 401);
  assert.deepEqual(log.take("sign_in_failed"), [{ reason: "password", ...FROM, user_ids: [] }]);
  assert.ok(!/hunter2|not the one/.test(log.text()));
});

Deno.test("a failed second step is logged, a pending one is not", async () => {
  const person = await server.addPerson();
  const client = await server.client(person);
  const { secret } = await client.json("POST", TOTP, undefined, 201);
  await client.json("POST", `${TOTP}/confirm`, { code: codeOf(secret, -1) });
  using log = openLogReader();
  assert.equal((await logIn(person.email)).status, 401);
  assert.deepEqual(log.take("sign_in_failed"), []);
  assert.equal((await logIn(person.email, { otp: "000000" })).status, 401);
  assert.deepEqual(log.take("sign_in_failed"), [{ reason: "otp", ...FROM, user_ids: [person.id] }]);
});

Deno.test("the right password of a deactivated account is logged as inactive", async () => {
  const { id, email } = await server.addPerson();
  await server.platform.db.asSystem((sql) => sql`update users set is_active = false where id = ${id}`);
  using log = openLogReader();
  assert.equal((await logIn(email)).status, 401);
  assert.deepEqual(log.take("sign_in_failed"), [{ reason: "inactive", ...FROM, user_ids: [id] }]);
});

Deno.test("a replayed refresh token logs the session that it revoked", async () => {
  const person = await server.addPerson({ role: "viewer" });
  using log = openLogReader();
  const first = (await logIn(person.email)).body.refresh_token!;
  await refresh((await refresh(first))!);
  assert.equal(await refresh(first), undefined);
  const [line] = log.take("refresh_token_replayed");
  const { session_id, ...rest } = line!;
  assert.match(String(session_id), /^[0-9a-f-]{36}$/);
  assert.deepEqual(rest, { user_id: person.id, tenant_id: person.tenantId, ...FROM });
  assert.ok(!log.text().includes(first));
});

Deno.test("a forbidden request is logged with its reason", async () => {
  const person = await server.addPerson({ role: "viewer" });
  const client = await server.client(person);
  using log = openLogReader();
  await client.json("GET", "/api/v1/audit", undefined, 403);
  const [line] = log.take("access_denied");
  assert.deepEqual([line!.user_id, line!.route, line!.address], [person.id, "/api/v1/audit", "127.0.0.1"]);
  assert.equal(line!.reason, "access.role_required");
  assert.match(String(line!.detail), /admin/);
  const page = await client.fetch("/admin");
  await page.body?.cancel();
  assert.equal(page.status, 403);
  assert.equal(log.take("access_denied").length, 1);
});

/** Collects what this process logs from now on, until it is disposed. */
function openLogReader() {
  const lines: string[] = [];
  let taken = 0;
  const stop = readLines((line) => void lines.push(line));
  return {
    /** Everything, as it was written. */
    text: () => lines.join(),
    /** The fields of the lines of one event since the last call. */
    take: (event: string) => {
      const fresh = lines.slice(taken).map((line): Record<string, unknown> => JSON.parse(line));
      taken = lines.length;
      return fresh.filter((line) => line.event === event)
        .map(({ time: _, level: __, event: ___, ...fields }) => fields);
    },
    [Symbol.dispose]: () => stop(),
  };
}

function logIn(email: string, fields: Record<string, string> = {}): Promise<Answer> {
  return send("/api/v1/auth/login", { email, password: PASSWORD, ...fields });
}

/** The next refresh token, or undefined when this one is refused. */
async function refresh(refresh_token: string): Promise<string | undefined> {
  return (await send("/api/v1/auth/refresh", { refresh_token })).body.refresh_token;
}

async function send(path: string, body: object): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Request-Id": REQUEST_ID },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}
