import assert from "node:assert/strict";
import { openTestServer, PASSWORD } from "../../../support/server.ts";

Deno.test("auth", async (t) => {
  const server = await openTestServer();
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/api/v1/auth${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const person = await server.addPerson({ role: "editor" });
  const login = async (who = person) =>
    await (await post("/login", { email: who.email, password: PASSWORD, tenant_code: who.tenantCode }))
      .json();

  await t.step("login returns a token pair and the account", async () => {
    const pair = await login();
    assert.equal(pair.token_type, "bearer");
    assert.equal(pair.expires_in, 600);
    assert.ok(pair.refresh_expires_in > pair.expires_in);
    assert.equal(pair.user.email, person.email);
    assert.equal(pair.user.password_hash, undefined);
  });

  await t.step("login compares addresses in lower case", async () => {
    const response = await post("/login", { email: person.email.toUpperCase(), password: PASSWORD });
    assert.equal(response.status, 200, await response.text());
  });

  await t.step(
    "login answers a wrong password, an unknown address and a deactivated account alike",
    async () => {
      const gone = await server.addPerson({ role: "viewer" });
      await server.platform.db.asSystem((sql) =>
        sql`update users set is_active = false where id = ${gone.id}`
      );
      const attempts = [
        { email: person.email, password: "not the password" },
        { email: "nobody@example.org", password: PASSWORD },
        { email: gone.email, password: PASSWORD },
      ];
      for (const attempt of attempts) {
        const response = await post("/login", attempt);
        assert.equal(response.status, 401);
        const { detail, code } = await response.json();
        assert.deepEqual({ detail, code }, {
          detail: "Incorrect email or password",
          code: "unauthenticated",
        });
      }
    },
  );

  await t.step(
    "login chooses the tenant by the password, and needs tenant_code when several match",
    async () => {
      await server.addPerson({ email: "both@example.org", tenant: "akashi" });
      await server.addPerson({ email: "both@example.org", tenant: "other" });
      const unclear = await post("/login", { email: "both@example.org", password: PASSWORD });
      assert.equal(unclear.status, 409);
      assert.match((await unclear.json()).detail, /tenant_code needed/);
      const named = await post("/login", {
        email: "both@example.org",
        password: PASSWORD,
        tenant_code: "other",
      });
      assert.equal((await named.json()).user.tenant_code, "other");
      const { email } = await server.addPerson({ tenant: "other" });
      const unnamed = await post("/login", { email, password: PASSWORD, tenant_code: null });
      assert.equal(unnamed.status, 200, await unnamed.text());
    },
  );

  await t.step("login refuses malformed JSON, a wrong type and missing fields", async () => {
    const raw = (body: string, type = "application/json") =>
      fetch(`${server.url}/api/v1/auth/login`, { method: "POST", headers: { "Content-Type": type }, body });
    const statuses = [
      (await raw("{")).status,
      (await raw("a=b", "text/plain")).status,
      (await raw("{}")).status,
    ];
    assert.deepEqual(statuses, [400, 415, 422]);
    const { errors } = await (await raw("{}")).json();
    assert.deepEqual(errors.map((error: { path: string }) => error.path), ["email", "password"]);
    const large = await raw(JSON.stringify({ email: "a".repeat(1_100_000) }));
    assert.equal(large.status, 413);
    await large.body?.cancel();
  });

  await t.step("me needs a valid token", async () => {
    const me = (token?: string) =>
      fetch(`${server.url}/api/v1/auth/me`, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
    const { access_token } = await login();
    assert.equal((await (await me(access_token)).json()).id, person.id);
    const [head, body, signature] = access_token.split(".");
    const none = btoa(JSON.stringify({ alg: "none", typ: "at+jwt", kid: "1" })).replaceAll("=", "");
    for (const bad of [undefined, "x", `${head}.${body}.${signature.slice(0, -4)}AAAA`, `${none}.${body}.`]) {
      const response = await me(bad);
      assert.equal(response.status, 401);
      assert.equal(response.headers.get("Content-Type"), "application/problem+json");
      await response.body?.cancel();
    }
  });

  await t.step(
    "refresh rotates; a replay within 10 s returns the same successor, a later one revokes the family",
    async () => {
      const first = await login();
      const second = await (await post("/refresh", { refresh_token: first.refresh_token })).json();
      assert.notEqual(second.refresh_token, first.refresh_token);
      const again = await (await post("/refresh", { refresh_token: first.refresh_token })).json();
      assert.equal(again.refresh_token, second.refresh_token);
      const third = await (await post("/refresh", { refresh_token: second.refresh_token })).json();
      const replay = await post("/refresh", { refresh_token: first.refresh_token });
      assert.equal(replay.status, 401);
      await replay.body?.cancel();
      const dead = await post("/refresh", { refresh_token: third.refresh_token });
      assert.equal(dead.status, 401);
      await dead.body?.cancel();
    },
  );

  await t.step("parallel refreshes of one token return one successor", async () => {
    for (let round = 0; round < 5; round++) {
      const { refresh_token } = await login();
      const answers = await Promise.all(
        Array.from({ length: 20 }, async () => await (await post("/refresh", { refresh_token })).json()),
      );
      const successors = new Set(answers.map((answer) => answer.refresh_token));
      assert.equal(successors.size, 1);
      assert.ok(!successors.has(undefined), "nobody was turned away");
    }
  });

  await t.step("a session expires after SESSION_MAX_DAYS however often it is used", async () => {
    const { SESSION_MAX_DAYS } = server.platform.config;
    const one = await server.addPerson();
    let pair = await login(one);
    const age = (days: number) =>
      server.platform.db.asSystem((sql) =>
        sql`update sessions set created_at = now() - make_interval(days => ${days}),
                                last_used_at = now() - interval '1 hour' where user_id = ${one.id}`
      );
    const use = async () => {
      const headers = { Authorization: `Bearer ${pair.access_token}` };
      const response = await fetch(`${server.url}/api/v1/auth/sessions`, { headers });
      return { status: response.status, body: await response.json() };
    };
    assert.equal(pair.refresh_expires_in, 30 * 24 * 3600);
    await age(SESSION_MAX_DAYS - 1);
    await use();
    const [session] = (await use()).body;
    const hours = (Date.parse(session.expires_at) - Date.now()) / 3600_000;
    assert.ok(hours > 23 && hours <= 24, `${hours} hours`);
    pair = await (await post("/refresh", { refresh_token: pair.refresh_token })).json();
    assert.ok(pair.refresh_expires_in <= 24 * 3600);
    await age(SESSION_MAX_DAYS);
    assert.equal((await use()).status, 401);
    const refused = await post("/refresh", { refresh_token: pair.refresh_token });
    await refused.body?.cancel();
    assert.equal(refused.status, 401);
  });

  await t.step("logout revokes this session, logout-all every one, immediately", async () => {
    const [one, two, three] = [await login(), await login(), await login()];
    const bearer = (pair: { access_token: string }) => ({ Authorization: `Bearer ${pair.access_token}` });
    const alive = async (pair: { access_token: string }) => {
      const response = await fetch(`${server.url}/api/v1/auth/me`, { headers: bearer(pair) });
      await response.body?.cancel();
      return response.status === 200;
    };
    await (await post("/logout", {}, bearer(one))).body?.cancel();
    assert.deepEqual([await alive(one), await alive(two)], [false, true]);
    await (await post("/logout-all", {}, bearer(two))).body?.cancel();
    assert.deepEqual([await alive(two), await alive(three)], [false, false]);
  });

  await t.step(
    "change-password keeps this session, revokes the others, refuses a wrong current password",
    async () => {
      const changer = await server.addPerson();
      const [here, there] = [await login(changer), await login(changer)];
      const change = (body: unknown) =>
        post("/me/change-password", body, { Authorization: `Bearer ${here.access_token}` });
      const wrong = await change({ current_password: "no", new_password: "another long password" });
      assert.equal(wrong.status, 422);
      assert.equal((await wrong.json()).errors[0].path, "current_password");
      const short = await change({ current_password: PASSWORD, new_password: "short" });
      assert.equal(short.status, 422);
      await short.body?.cancel();
      const done = await change({ current_password: PASSWORD, new_password: "another long password" });
      assert.equal((await done.json()).message, "Password changed");
      for (const [pair, status] of [[here, 200], [there, 401]] as const) {
        const response = await fetch(`${server.url}/api/v1/auth/me`, {
          headers: { Authorization: `Bearer ${pair.access_token}` },
        });
        assert.equal(response.status, status);
        await response.body?.cancel();
      }
    },
  );

  await t.step("demotion and deactivation take effect with the next request", async () => {
    const editor = await server.addPerson({ role: "editor" });
    const client = await server.client(editor);
    await client.json("POST", "/api/v1/assets", { title: "mine" }, 201);
    await server.platform.db.asSystem((sql) => sql`update users set role = 'viewer' where id = ${editor.id}`);
    await client.json("POST", "/api/v1/assets", { title: "mine" }, 403);
    await server.platform.db.asSystem((sql) =>
      sql`update users set is_active = false where id = ${editor.id}`
    );
    await client.json("GET", "/api/v1/auth/me", undefined, 401);
  });

  await server.close();
});
