// Failed sign-ins and refused requests are logged with the fields that an investigation needs, and no secrets.
import assert from "node:assert/strict";
import { createLog, readLines } from "../../lib/platform/observe/log.ts";
import { stopClock } from "../support/authenticator.ts";
import { openTestServer, PASSWORD } from "../support/server.ts";

Deno.test("security log", async (t) => {
  // A trusted proxy names the request.
  const server = await openTestServer({ settings: { TRUSTED_PROXIES: "1" } });
  server.platform.log = createLog("warn", {}, () => {});
  const lines: Record<string, unknown>[] = [];
  const text: string[] = [];
  const unread = readLines((line) => {
    text.push(line);
    lines.push(JSON.parse(line));
  });
  const person = await server.addPerson({ role: "viewer" });
  const client = await server.client(person);
  const codeOf = stopClock(server);

  const send = async (path: string, body: unknown) => {
    const response = await fetch(`${server.url}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Request-Id": "request-of-the-test" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const logIn = (more: Record<string, string>) =>
    send("/api/v1/auth/login", { email: person.email, password: PASSWORD, ...more });
  /** The lines of one event since the last call. */
  const said = (event: string) =>
    lines.splice(0).filter((line) => line.event === event).map((
      { time: _, level: __, event: ___, ...rest },
    ) => rest);
  const from = { address: "127.0.0.1", request_id: "request-of-the-test" };

  await t.step("a wrong password logs the account; an unknown address is not logged", async () => {
    assert.equal((await logIn({ password: "not the one" })).status, 401);
    assert.deepEqual(said("sign_in_failed"), [{ reason: "password", ...from, user_ids: [person.id] }]);
    assert.equal((await logIn({ email: "hunter2@example.org" })).status, 401);
    assert.deepEqual(said("sign_in_failed"), [{ reason: "password", ...from, user_ids: [] }]);
    assert.ok(!/hunter2|not the one/.test(text.join()));
  });

  await t.step("a failed second step is logged, a pending one is not", async () => {
    const other = await server.addPerson();
    const theirs = await server.client(other);
    const mine = "/api/v1/auth/me/second-factor/totp";
    const { secret } = await theirs.json("POST", mine, undefined, 201);
    await theirs.json("POST", `${mine}/confirm`, { code: codeOf(secret, -1) });
    assert.equal((await logIn({ email: other.email })).status, 401);
    assert.deepEqual(said("sign_in_failed"), []);
    assert.equal((await logIn({ email: other.email, otp: "000000" })).status, 401);
    assert.deepEqual(said("sign_in_failed"), [{ reason: "otp", ...from, user_ids: [other.id] }]);
  });

  await t.step("the right password of a deactivated account is logged as inactive", async () => {
    const gone = await server.addPerson();
    await server.platform.db.asSystem((sql) => sql`update users set is_active = false where id = ${gone.id}`);
    assert.equal((await logIn({ email: gone.email })).status, 401);
    assert.deepEqual(said("sign_in_failed"), [{ reason: "inactive", ...from, user_ids: [gone.id] }]);
  });

  await t.step("a replayed refresh token logs the session that it revoked", async () => {
    const refresh = async (refresh_token: string) =>
      (await send("/api/v1/auth/refresh", { refresh_token })).body.refresh_token;
    const first = (await logIn({})).body.refresh_token;
    await refresh(await refresh(first));
    assert.equal(await refresh(first), undefined);
    const [line] = said("refresh_token_replayed");
    const { session_id, ...rest } = line!;
    assert.match(String(session_id), /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, { user_id: person.id, tenant_id: person.tenantId, ...from });
    assert.ok(!text.join().includes(first));
  });

  await t.step("a forbidden request is logged with its reason", async () => {
    await client.json("GET", "/api/v1/audit", undefined, 403);
    const [line] = said("access_denied");
    assert.deepEqual([line!.user_id, line!.route, line!.address], [person.id, "/api/v1/audit", "127.0.0.1"]);
    assert.equal(line!.reason, "access.role_required");
    assert.match(String(line!.detail), /admin/);
    const page = await client.fetch("/admin");
    await page.body?.cancel();
    assert.equal(page.status, 403);
    assert.equal(said("access_denied").length, 1);
  });

  unread();
  await server.close();
});
