import assert from "node:assert/strict";
import { startServer } from "../../../../routes/server.ts";
import { prepareInstallation } from "../../../../lib/operation/setup/setup.ts";
import { stopClock } from "../../../support/authenticator.ts";
import { type Client, openTestServer, PASSWORD, type Person } from "../../../support/server.ts";

const MINE = "/api/v1/auth/me/second-factor";

Deno.test("second factor", async (t) => {
  const server = await openTestServer();
  const codeOf = stopClock(server);
  const logIn = async (person: Person, extra: Record<string, string> = {}) => {
    const response = await fetch(`${server.url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email: person.email, password: PASSWORD, ...extra }),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const age = (person: Person) =>
    server.platform.db.asSystem((sql) =>
      sql`update sessions set created_at = now() - interval '16 minutes' where user_id = ${person.id}`
    );
  /** Sets up an app with the code of the previous step, so that the present one is still unspent. */
  const setUp = async (client: Client) => {
    const { secret } = await client.json("POST", `${MINE}/totp`, undefined, 201);
    const { recovery_codes } = await client.json("POST", `${MINE}/totp/confirm`, {
      code: codeOf(secret, -1),
    });
    return { secret: secret as string, codes: recovery_codes as string[] };
  };
  const actions = async (admin: Client) =>
    (await admin.json("GET", "/api/v1/audit?page_size=100")).items.map((item: { action: string }) =>
      item.action
    );

  await t.step("an account without a second factor signs in whatever otp it sends", async () => {
    const person = await server.addPerson();
    assert.equal((await logIn(person)).status, 200);
    assert.equal((await logIn(person, { otp: "123456" })).status, 200);
  });

  await t.step(
    "an app is confirmed by its first code, returns recovery codes once, and revokes other sessions",
    async () => {
      const person = await server.addPerson();
      const [client, elsewhere] = [await server.client(person), await server.client(person)];
      assert.deepEqual(await client.json("GET", MINE), {
        is_enabled: false,
        is_required: false,
        totp: null,
        passkeys: 0,
        recovery_codes_left: 0,
      });
      const setup = await client.json("POST", `${MINE}/totp`, undefined, 201);
      assert.match(setup.uri, /^otpauth:\/\/totp\/Akashi:/);
      assert.ok(setup.uri.includes(setup.secret));
      assert.equal((await logIn(person)).status, 200, "what is not confirmed counts nothing");
      const wrong = await client.json("POST", `${MINE}/totp/confirm`, { code: "000 000" }, 422);
      assert.equal(wrong.errors[0]!.path, "code");
      const { recovery_codes } = await client.json("POST", `${MINE}/totp/confirm`, {
        code: codeOf(setup.secret).replace(/^.{3}/, "$& "),
      });
      assert.equal(new Set(recovery_codes).size, 10);
      for (const code of recovery_codes) assert.match(code, /^([0-9a-z]{4}-){5}[0-9a-z]{4}$/);
      const status = await client.json("GET", MINE);
      assert.deepEqual([status.is_enabled, status.recovery_codes_left], [true, 10]);
      await elsewhere.json("GET", "/api/v1/auth/me", undefined, 401);
      assert.ok((await client.json("GET", "/api/v1/auth/me")).has_second_factor);
      const stored = await server.platform.db.asSystem((sql) =>
        sql`select secret from totp_secrets where user_id = ${person.id}`
      );
      assert.ok(!stored[0]!.secret.includes(setup.secret), "sealed at rest");
      const hashes = await server.platform.db.asSystem((sql) =>
        sql`select code_hash from recovery_codes where user_id = ${person.id}`
      );
      assert.ok(hashes.every((row) => /^[0-9a-f]{64}$/.test(row.code_hash)));
    },
  );

  await t.step(
    "login then needs a code, reveals that only after the right password, and accepts each code once",
    async () => {
      const person = await server.addPerson();
      const { secret } = await setUp(await server.client(person));
      const without = await logIn(person);
      assert.equal(without.status, 401);
      assert.equal(without.headers.get("Content-Type"), "application/problem+json");
      assert.deepEqual([without.body.code, without.body.errors[0].path], ["unauthenticated", "otp"]);
      const strangers = await logIn(person, { password: "not the one" });
      assert.deepEqual([strangers.status, strangers.body.errors], [401, []]);
      const guessed = await logIn(person, { password: "not the one", otp: codeOf(secret) });
      assert.deepEqual(guessed.body.errors, []);
      assert.equal(guessed.body.detail, strangers.body.detail);
      const wrong = await logIn(person, { otp: "000000" });
      assert.deepEqual([wrong.status, wrong.body.errors[0].path], [401, "otp"]);
      const code = codeOf(secret);
      assert.equal((await logIn(person, { otp: code })).status, 200);
      assert.equal((await logIn(person, { otp: code })).status, 401, "the same time step again");
      assert.equal((await logIn(person, { otp: codeOf(secret, 1) })).status, 200);
    },
  );

  await t.step("of parallel sign-ins with one code, one succeeds", async () => {
    const person = await server.addPerson();
    const { secret } = await setUp(await server.client(person));
    const otp = codeOf(secret);
    const tries = await Promise.all(Array.from({ length: 4 }, () => logIn(person, { otp })));
    assert.deepEqual(tries.map((each) => each.status).toSorted(), [200, 401, 401, 401]);
  });

  await t.step("a recovery code is valid once in any spelling; new codes invalidate the old", async () => {
    const person = await server.addPerson();
    const client = await server.client(person);
    const { codes } = await setUp(client);
    const typed = codes[0]!.toUpperCase().replaceAll("-", " ").replaceAll("0", "O").replaceAll("1", "l");
    assert.equal((await logIn(person, { otp: typed })).status, 200);
    assert.equal((await logIn(person, { otp: codes[0]! })).status, 401);
    assert.equal((await client.json("GET", MINE)).recovery_codes_left, 9);
    const anew = await client.json("POST", `${MINE}/recovery-codes`, undefined, 201);
    assert.equal((await logIn(person, { otp: codes[1]! })).status, 401);
    assert.equal((await logIn(person, { otp: anew.recovery_codes[0] })).status, 200);
  });

  await t.step(
    "codes are limited to five attempts and then by rate, per account and without lockout",
    async () => {
      const [person, other] = [await server.addPerson(), await server.addPerson()];
      const { secret } = await setUp(await server.client(person));
      const theirs = await setUp(await server.client(other));
      const statuses: number[] = [];
      for (let i = 0; i < 5; i++) statuses.push((await logIn(person, { otp: "000000" })).status);
      assert.deepEqual(statuses, [401, 401, 401, 401, 429], "confirming was one try");
      const held = await logIn(person, { otp: codeOf(secret) });
      assert.equal(held.status, 429);
      assert.ok(Number(held.headers.get("Retry-After")) <= 60);
      assert.equal((await logIn(person)).status, 401, "the password alone is not counted");
      assert.equal((await logIn(other, { otp: codeOf(theirs.secret) })).status, 200);
    },
  );

  await t.step("a sign-in that is not recent and an API key change nothing", async () => {
    const person = await server.addPerson();
    const client = await server.client(person);
    const { key } = await client.json("POST", "/api/v1/api-keys", { name: "k", scopes: ["admin"] }, 201);
    const byKey = await fetch(`${server.url}${MINE}/totp`, { method: "POST", headers: { "X-API-Key": key } });
    assert.equal(byKey.status, 403);
    await byKey.body?.cancel();
    await setUp(client);
    await age(person);
    for (
      const [method, path] of [
        ["POST", `${MINE}/totp`],
        ["DELETE", `${MINE}/totp`],
        ["POST", `${MINE}/recovery-codes`],
        ["POST", "/api/v1/auth/me/passkeys/options"],
      ] as const
    ) {
      const refused = await client.json(method, path, undefined, 403);
      assert.match(refused.detail, /last 15 minutes/);
    }
    assert.equal((await client.json("GET", MINE)).is_enabled, true);
  });

  await t.step("removing the last factor deletes the recovery codes and revokes other sessions", async () => {
    const person = await server.addPerson();
    const client = await server.client(person);
    const { codes } = await setUp(client);
    const { body } = await logIn(person, { otp: codes[0]! });
    await client.json("DELETE", `${MINE}/totp`);
    await client.json("DELETE", `${MINE}/totp`, undefined, 404);
    await client.json("POST", `${MINE}/recovery-codes`, undefined, 409);
    const me = await fetch(`${server.url}/api/v1/auth/me`, {
      headers: { Authorization: `Bearer ${body.access_token}` },
    });
    await me.body?.cancel();
    assert.equal(me.status, 401);
    assert.equal((await logIn(person)).status, 200);
  });

  await t.step("an administrator resets the second factor of another member, audited", async () => {
    const [admin, person] = [
      await server.addPerson({ tenant: "lost" }),
      await server.addPerson({ tenant: "lost" }),
    ];
    const client = await server.client(person);
    await setUp(client);
    await server.addPasskey(person);
    const by = await server.client(admin);
    const path = `/api/v1/auth/users/${person.id}/second-factor`;
    assert.equal((await by.json("GET", `/api/v1/auth/users/${person.id}`)).has_second_factor, true);
    await (await server.client()).json("DELETE", path, undefined, 404);
    await by.json("DELETE", `/api/v1/auth/users/${admin.id}/second-factor`, undefined, 409);
    const root = await server.addPerson({ tenant: "lost", superuser: true });
    await by.json("DELETE", `/api/v1/auth/users/${root.id}/second-factor`, undefined, 403);
    await by.json("DELETE", path);
    await client.json("GET", "/api/v1/auth/me", undefined, 401);
    assert.equal((await logIn(person)).status, 200);
    const said = await actions(by);
    assert.ok(said.includes("second_factor.reset") && said.includes("totp.create"));
    const text = await (await by.fetch("/api/v1/audit?page_size=100")).text();
    assert.ok(!/secret"|otpauth|code_hash/.test(text));
  });

  await t.step(
    "a tenant that requires one lets members do nothing but set it up, except by API key",
    async () => {
      const root = await server.client(await server.addPerson({ superuser: true }));
      const person = await server.addPerson({ tenant: "strict" });
      const client = await server.client(person);
      const { key } = await client.json("POST", "/api/v1/api-keys", { name: "ingest" }, 201);
      const tenant = `/api/v1/tenants/${person.tenantId}`;
      const bad = await root.json("PATCH", tenant, { settings: { require_second_factor: "yes" } }, 422);
      assert.equal(bad.errors[0]!.path, "settings.require_second_factor");
      await root.json("PATCH", tenant, { settings: { require_second_factor: true, timezone: "UTC" } });
      for (
        const [method, path] of [["GET", "/assets"], ["GET", "/api-keys"], [
          "POST",
          "/auth/register",
        ]] as const
      ) {
        const held = await client.json(method, `/api/v1${path}`, method === "POST" ? {} : undefined, 403);
        assert.match(held.detail, /second-factor\/totp/);
      }
      for (const path of ["/events", `/media/assets/${person.id}/original`]) {
        const held = await client.fetch(path);
        await held.body?.cancel();
        assert.equal(held.status, 403, path);
      }
      await client.json("GET", "/api/v1/auth/me");
      await client.json("GET", "/api/v1/health");
      assert.equal((await client.json("GET", MINE)).is_required, true);
      const byKey = await fetch(`${server.url}/api/v1/assets`, { headers: { "X-API-Key": key } });
      await byKey.body?.cancel();
      assert.equal(byKey.status, 200, "keys were made by somebody signed in and go on");
      const { secret } = await setUp(client);
      await client.json("GET", "/api/v1/assets");
      const { detail } = await client.json("DELETE", `${MINE}/totp`, undefined, 409);
      assert.match(detail, /another one/);
      assert.equal((await logIn(person, { otp: codeOf(secret) })).status, 200, "nothing was removed");
      await root.json("PATCH", tenant, { settings: {} });
      await client.json("DELETE", `${MINE}/totp`);
    },
  );

  await t.step(
    "a new AKASHI_SECRET opens what the previous one sealed, and alone suffices after one start",
    async () => {
      const person = await server.addPerson();
      const { secret, codes } = await setUp(await server.client(person));
      const config = {
        ...server.config,
        AKASHI_SECRET: "the secret that comes after, which is long enough",
        AKASHI_SECRET_PREVIOUS: server.config.AKASHI_SECRET,
      };
      const ask = async (
        settings: typeof config | Omit<typeof config, "AKASHI_SECRET_PREVIOUS">,
        otp: string,
      ) => {
        const running = startServer({ ...server.platform, config: settings as typeof config });
        const response = await fetch(`http://127.0.0.1:${running.port}/api/v1/auth/login`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ email: person.email, password: PASSWORD, otp }),
        });
        await response.body?.cancel();
        await running.stop();
        return response.status;
      };
      assert.equal(await ask(config, codeOf(secret)), 200);
      await prepareInstallation({ ...server.platform, config });
      const { AKASHI_SECRET_PREVIOUS: _, ...alone } = config;
      assert.equal(await ask(alone, codeOf(secret, 1)), 200);
      const lost = { ...alone, AKASHI_SECRET: "a secret that never sealed anything here, long enough" };
      assert.equal(await ask(lost, codeOf(secret, 1)), 401);
      assert.equal(await ask(lost, codes[0]!), 200, "recovery codes do not hang on the secret");
    },
  );

  await server.close();
});
