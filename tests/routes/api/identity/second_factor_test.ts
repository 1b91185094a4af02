import assert from "node:assert/strict";
import type { SecondFactor, TotpSetup } from "../../../../lib/identity/second_factors/schema.ts";
import type { TokenPair } from "../../../../lib/identity/sign_ins/schema.ts";
import type { User } from "../../../../lib/identity/users/schema.ts";
import { prepareInstallation } from "../../../../lib/operation/setup/setup.ts";
import type { Config } from "../../../../lib/platform/config.ts";
import { startServer } from "../../../../routes/server.ts";
import { bearer, postJson, statusOf } from "../../../support/anonymous.ts";
import type { Problem } from "../../../support/answers.ts";
import { stopClock } from "../../../support/authenticator.ts";
import {
  type Client,
  openTestServer,
  PASSWORD,
  type Person,
  type TestServer,
} from "../../../support/server.ts";

const LOGIN = "/api/v1/auth/login";
const MINE = "/api/v1/auth/me/second-factor";

interface RecoveryCodes {
  recovery_codes: string[];
}

let server: TestServer;
let codeOf: ReturnType<typeof stopClock>;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  codeOf = stopClock(server);
});
Deno.test.afterAll(() => server.close());

Deno.test("an account without a second factor signs in whatever otp it sends", async () => {
  const person = await server.addPerson();
  assert.equal(await logIn(person), 200);
  assert.equal(await logIn(person, { otp: "123456" }), 200);
});

Deno.test("an app is confirmed by its first code and returns recovery codes once", async () => {
  const person = await server.addPerson();
  const client = await server.client(person);
  assert.deepEqual(await client.json("GET", MINE), {
    is_enabled: false,
    is_required: false,
    totp: null,
    passkeys: 0,
    recovery_codes_left: 0,
  });
  const setup: TotpSetup = await client.json("POST", `${MINE}/totp`, undefined, 201);
  assert.match(setup.uri, /^otpauth:\/\/totp\/Akashi:/);
  assert.ok(setup.uri.includes(setup.secret));
  assert.equal(await logIn(person), 200, "an unconfirmed app is not asked for");
  const wrong = await client.json("POST", `${MINE}/totp/confirm`, { code: "000 000" }, 422);
  assert.equal(wrong.errors[0]!.path, "code");
  const { recovery_codes }: RecoveryCodes = await client.json("POST", `${MINE}/totp/confirm`, {
    code: codeOf(setup.secret).replace(/^.{3}/, "$& "),
  });
  assert.equal(new Set(recovery_codes).size, 10);
  for (const code of recovery_codes) assert.match(code, /^([0-9a-z]{4}-){5}[0-9a-z]{4}$/);
  const status: SecondFactor = await client.json("GET", MINE);
  assert.deepEqual([status.is_enabled, status.recovery_codes_left], [true, 10]);
  const me: User = await client.json("GET", "/api/v1/auth/me");
  assert.ok(me.has_second_factor);
});

Deno.test("confirming an app revokes the other sessions", async () => {
  const person = await server.addPerson();
  const [client, elsewhere] = [await server.client(person), await server.client(person)];
  await setUp(client);
  await elsewhere.json("GET", "/api/v1/auth/me", undefined, 401);
  await client.json("GET", "/api/v1/auth/me");
});

Deno.test("the secret of an app is stored encrypted, recovery codes are stored as hashes", async () => {
  const person = await server.addPerson();
  const { secret } = await setUp(await server.client(person));
  const stored = await server.platform.db.asSystem((sql) =>
    sql`select secret from totp_secrets where user_id = ${person.id}`
  );
  assert.ok(!stored[0]!.secret.includes(secret), "encrypted at rest");
  const hashes = await server.platform.db.asSystem((sql) =>
    sql`select code_hash from recovery_codes where user_id = ${person.id}`
  );
  assert.equal(hashes.length, 10);
  assert.ok(hashes.every((row) => /^[0-9a-f]{64}$/.test(row.code_hash)));
});

Deno.test("login reveals that a code is needed only after the right password", async () => {
  const person = await server.addPerson();
  const { secret } = await setUp(await server.client(person));
  const without = await postLogin(person);
  assert.equal(without.status, 401);
  assert.equal(without.headers.get("Content-Type"), "application/problem+json");
  const needed: Problem = await without.json();
  assert.deepEqual([needed.code, needed.errors[0]!.path], ["unauthenticated", "otp"]);
  const stranger = await refuseLogin(person, { password: "not the one" });
  assert.deepEqual(stranger.errors, []);
  const guessed = await refuseLogin(person, { password: "not the one", otp: codeOf(secret) });
  assert.deepEqual(guessed.errors, []);
  assert.equal(guessed.detail, stranger.detail);
  const wrong = await refuseLogin(person, { otp: "000000" });
  assert.equal(wrong.errors[0]!.path, "otp");
});

Deno.test("login accepts each code once", async () => {
  const person = await server.addPerson();
  const { secret } = await setUp(await server.client(person));
  const otp = codeOf(secret);
  assert.equal(await logIn(person, { otp }), 200);
  assert.equal(await logIn(person, { otp }), 401, "the same time step again");
  assert.equal(await logIn(person, { otp: codeOf(secret, 1) }), 200);
});

Deno.test("of parallel sign-ins with one code, one succeeds", async () => {
  const person = await server.addPerson();
  const { secret } = await setUp(await server.client(person));
  const otp = codeOf(secret);
  const statuses = await Promise.all(Array.from({ length: 4 }, () => logIn(person, { otp })));
  assert.deepEqual(statuses.toSorted(), [200, 401, 401, 401]);
});

Deno.test("a recovery code is valid once in any spelling; new codes invalidate the old", async () => {
  const person = await server.addPerson();
  const client = await server.client(person);
  const { codes } = await setUp(client);
  const typed = codes[0]!.toUpperCase().replaceAll("-", " ").replaceAll("0", "O").replaceAll("1", "l");
  assert.equal(await logIn(person, { otp: typed }), 200);
  assert.equal(await logIn(person, { otp: codes[0]! }), 401);
  const status: SecondFactor = await client.json("GET", MINE);
  assert.equal(status.recovery_codes_left, 9);
  const anew: RecoveryCodes = await client.json("POST", `${MINE}/recovery-codes`, undefined, 201);
  assert.equal(await logIn(person, { otp: codes[1]! }), 401);
  assert.equal(await logIn(person, { otp: anew.recovery_codes[0]! }), 200);
});

Deno.test(
  "codes are limited to five attempts and then by rate, per account and without lockout",
  async () => {
    const [person, other] = [await server.addPerson(), await server.addPerson()];
    const { secret } = await setUp(await server.client(person));
    const theirs = await setUp(await server.client(other));
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push(await logIn(person, { otp: "000000" }));
    assert.deepEqual(statuses, [401, 401, 401, 401, 429], "confirming was the first attempt");
    const limited = await postLogin(person, { otp: codeOf(secret) });
    await limited.body?.cancel();
    assert.equal(limited.status, 429);
    assert.ok(Number(limited.headers.get("Retry-After")) <= 60);
    assert.equal(await logIn(person), 401, "the password alone is not counted");
    assert.equal(await logIn(other, { otp: codeOf(theirs.secret) }), 200);
  },
);

Deno.test("an API key does not change the second factor", async () => {
  const client = await server.client();
  const key = await makeKey(client, ["admin"]);
  const byKey = fetch(`${server.url}${MINE}/totp`, { method: "POST", headers: { "X-API-Key": key } });
  assert.equal(await statusOf(byKey), 403);
});

Deno.test("a sign-in that is not recent changes nothing", async () => {
  const person = await server.addPerson();
  const client = await server.client(person);
  await setUp(client);
  await server.platform.db.asSystem((sql) =>
    sql`update sessions set created_at = now() - interval '16 minutes' where user_id = ${person.id}`
  );
  const changes = [
    ["POST", `${MINE}/totp`],
    ["DELETE", `${MINE}/totp`],
    ["POST", `${MINE}/recovery-codes`],
    ["POST", "/api/v1/auth/me/passkeys/options"],
  ] as const;
  for (const [method, path] of changes) {
    const refused = await client.json(method, path, undefined, 403);
    assert.match(refused.detail, /last 15 minutes/);
  }
  const status: SecondFactor = await client.json("GET", MINE);
  assert.equal(status.is_enabled, true);
});

Deno.test("removing the last factor deletes the recovery codes and revokes other sessions", async () => {
  const person = await server.addPerson();
  const client = await server.client(person);
  const { codes } = await setUp(client);
  const { access_token }: TokenPair = await (await postLogin(person, { otp: codes[0]! })).json();
  await client.json("DELETE", `${MINE}/totp`);
  await client.json("DELETE", `${MINE}/totp`, undefined, 404);
  await client.json("POST", `${MINE}/recovery-codes`, undefined, 409);
  const me = fetch(`${server.url}/api/v1/auth/me`, { headers: bearer(access_token) });
  assert.equal(await statusOf(me), 401);
  assert.equal(await logIn(person), 200);
});

Deno.test("an administrator resets the second factor of another member, audited", async () => {
  const person = await server.addPerson({ tenant: "lost" });
  const client = await server.client(person);
  await setUp(client);
  await server.addPasskey(person);
  const admin = await server.client(await server.addPerson({ tenant: "lost" }));
  const account: User = await admin.json("GET", `/api/v1/auth/users/${person.id}`);
  assert.equal(account.has_second_factor, true);
  await admin.json("DELETE", `/api/v1/auth/users/${person.id}/second-factor`);
  await client.json("GET", "/api/v1/auth/me", undefined, 401);
  assert.equal(await logIn(person), 200);
  const { items } = await admin.json("GET", "/api/v1/audit?page_size=100");
  const actions = items.map((item) => item.action);
  assert.ok(actions.includes("second_factor.reset") && actions.includes("totp.create"));
  const text = await (await admin.fetch("/api/v1/audit?page_size=100")).text();
  assert.ok(!/secret"|otpauth|code_hash/.test(text));
});

Deno.test("a reset is refused for another tenant, the own account and superusers", async () => {
  const [own, person] = [
    await server.addPerson({ tenant: "guarded" }),
    await server.addPerson({ tenant: "guarded" }),
  ];
  await setUp(await server.client(person));
  const stranger = await server.client();
  await stranger.json("DELETE", `/api/v1/auth/users/${person.id}/second-factor`, undefined, 404);
  const admin = await server.client(own);
  await admin.json("DELETE", `/api/v1/auth/users/${own.id}/second-factor`, undefined, 409);
  const root = await server.addPerson({ tenant: "guarded", superuser: true });
  await admin.json("DELETE", `/api/v1/auth/users/${root.id}/second-factor`, undefined, 403);
});

Deno.test(
  "a tenant that requires a second factor lets members do nothing but set it up, except by API key",
  async () => {
    const person = await server.addPerson({ tenant: "strict" });
    const client = await server.client(person);
    const key = await makeKey(client, ["read"]);
    await requireSecondFactor(person);
    const refusals = [
      ["GET", "/assets", undefined],
      ["GET", "/api-keys", undefined],
      ["POST", "/auth/register", {}],
    ] as const;
    for (const [method, path, body] of refusals) {
      const refused = await client.json(method, `/api/v1${path}`, body, 403);
      assert.match(refused.detail, /second-factor\/totp/);
    }
    for (const path of ["/events", `/media/assets/${person.id}/original`]) {
      assert.equal(await statusOf(client.fetch(path)), 403, path);
    }
    await client.json("GET", "/api/v1/auth/me");
    await client.json("GET", "/api/v1/health");
    const status: SecondFactor = await client.json("GET", MINE);
    assert.equal(status.is_required, true);
    const byKey = fetch(`${server.url}/api/v1/assets`, { headers: { "X-API-Key": key } });
    assert.equal(await statusOf(byKey), 200, "API keys made before stay valid");
    await setUp(client);
    await client.json("GET", "/api/v1/assets");
  },
);

Deno.test("the last second factor stays while the tenant requires one", async () => {
  const person = await server.addPerson({ tenant: "strict-later" });
  const client = await server.client(person);
  const setRequired = await requireSecondFactor(person);
  const { secret } = await setUp(client);
  const { detail } = await client.json("DELETE", `${MINE}/totp`, undefined, 409);
  assert.match(detail, /another one/);
  assert.equal(await logIn(person, { otp: codeOf(secret) }), 200, "nothing was removed");
  await setRequired({});
  await client.json("DELETE", `${MINE}/totp`);
});

Deno.test("require_second_factor is true or false", async () => {
  const { tenantId } = await server.addPerson({ tenant: "unclear" });
  const root = await server.client(await server.addPerson({ superuser: true }));
  const settings = { require_second_factor: "yes" };
  const refused = await root.json("PATCH", `/api/v1/tenants/${tenantId}`, { settings }, 422);
  assert.equal(refused.errors[0]!.path, "settings.require_second_factor");
});

Deno.test(
  "a new AKASHI_SECRET opens what the previous one encrypted, and alone suffices after one start",
  async () => {
    const person = await server.addPerson();
    const { secret, codes } = await setUp(await server.client(person));
    const alone = { ...server.config, AKASHI_SECRET: "the secret that comes after, which is long enough" };
    const rotated = { ...alone, AKASHI_SECRET_PREVIOUS: server.config.AKASHI_SECRET };
    assert.equal(await logInWith(rotated, person, codeOf(secret)), 200);
    await prepareInstallation({ ...server.platform, config: rotated });
    assert.equal(await logInWith(alone, person, codeOf(secret, 1)), 200);
    const lost = { ...alone, AKASHI_SECRET: "a secret that never encrypted anything here, long enough" };
    assert.equal(await logInWith(lost, person, codeOf(secret, 1)), 401);
    assert.equal(await logInWith(lost, person, codes[0]!), 200, "recovery codes do not depend on the secret");
  },
);

function postLogin({ email }: Person, fields: Record<string, string> = {}): Promise<Response> {
  return postJson(server, LOGIN, { email, password: PASSWORD, ...fields });
}

/** Signs in; the status of the answer. */
function logIn(person: Person, fields?: Record<string, string>): Promise<number> {
  return statusOf(postLogin(person, fields));
}

async function refuseLogin(person: Person, fields: Record<string, string>): Promise<Problem> {
  const response = await postLogin(person, fields);
  assert.equal(response.status, 401);
  return await response.json();
}

/** The status of a sign-in at a server with this configuration, on the same database. */
async function logInWith(config: Config, { email }: Person, otp: string): Promise<number> {
  const running = await startServer({ ...server.platform, config });
  const url = `http://127.0.0.1:${running.port}`;
  const status = await statusOf(postJson({ url }, LOGIN, { email, password: PASSWORD, otp }));
  await running.stop();
  return status;
}

/** Sets up an app with the code of the previous time step, so that the present one is still unspent. */
async function setUp(client: Client): Promise<{ secret: string; codes: string[] }> {
  const { secret }: TotpSetup = await client.json("POST", `${MINE}/totp`, undefined, 201);
  const code = codeOf(secret, -1);
  const { recovery_codes }: RecoveryCodes = await client.json("POST", `${MINE}/totp/confirm`, { code });
  return { secret, codes: recovery_codes };
}

async function makeKey(client: Client, scopes: string[]): Promise<string> {
  const { key }: { key: string } = await client.json("POST", "/api/v1/api-keys", { name: "k", scopes }, 201);
  return key;
}

/** Makes the tenant of this account require a second factor; returns the function that replaces the tenant's settings. */
async function requireSecondFactor({ tenantId }: Person): Promise<(settings: object) => Promise<unknown>> {
  const root = await server.client(await server.addPerson({ superuser: true }));
  const set = (settings: object) => root.json("PATCH", `/api/v1/tenants/${tenantId}`, { settings });
  await set({ require_second_factor: true, timezone: "UTC" });
  return set;
}
