import assert from "node:assert/strict";
import { hash } from "@node-rs/argon2";
import type { Session } from "../../../../lib/identity/sessions/schema.ts";
import type { TokenPair } from "../../../../lib/identity/sign_ins/schema.ts";
import type { User } from "../../../../lib/identity/users/schema.ts";
import { hashPassword } from "../../../../lib/identity/users/passwords.ts";
import { padAccounts } from "../../../../lib/identity/users/users.ts";
import { bearer, postJson, statusOf } from "../../../support/anonymous.ts";
import type { Problem } from "../../../support/answers.ts";
import { openTestServer, PASSWORD, type Person, type TestServer } from "../../../support/server.ts";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("login returns a token pair and the account", async () => {
  const person = await server.addPerson({ role: "editor" });
  const pair = await login(person);
  assert.equal(pair.token_type, "bearer");
  assert.equal(pair.expires_in, 600);
  assert.ok(pair.refresh_expires_in > pair.expires_in);
  assert.equal(pair.user.email, person.email);
  assert.ok(!("password_hash" in pair.user));
});

Deno.test("login compares addresses in lower case", async () => {
  const { email } = await server.addPerson({ role: "editor" });
  const response = await post("/login", { email: email.toUpperCase(), password: PASSWORD });
  assert.equal(response.status, 200, await response.text());
});

Deno.test(
  "login answers a wrong password, an unknown address and a deactivated account alike",
  async () => {
    const person = await server.addPerson({ role: "editor" });
    const gone = await server.addPerson({ role: "viewer" });
    await deactivate(gone);
    const attempts = [
      { email: person.email, password: "not the password" },
      { email: "nobody@example.org", password: PASSWORD },
      { email: gone.email, password: PASSWORD },
    ];
    for (const attempt of attempts) {
      const response = await post("/login", attempt);
      assert.equal(response.status, 401);
      const { detail, code }: Problem = await response.json();
      assert.deepEqual({ detail, code }, {
        detail: "Incorrect email or password",
        code: "unauthenticated",
      });
    }
  },
);

Deno.test("login takes addresses with spaces around them", async () => {
  const { email } = await server.addPerson({ role: "editor" });
  assert.equal(await statusOf(post("/login", { email: ` ${email}\t`, password: PASSWORD })), 200);
});

Deno.test("login needs tenant_code when the address has accounts in several tenants and any password fits", async () => {
  const email = "several@example.org";
  const victim = await server.addPerson({ email, tenant: "victims" });
  await server.addPerson({ email, tenant: "attackers" });
  const [mine, theirs] = ["seven grey herons", "nine grey herons"];
  await setPassword(victim, theirs);
  // The owner of one account learns nothing about the password of the other.
  assert.equal(await statusOf(post("/login", { email, password: PASSWORD })), 409);
  assert.equal(await statusOf(post("/login", { email, password: theirs })), 409);
  assert.equal(await statusOf(post("/login", { email, password: mine })), 401);
  await deactivate(victim);
  assert.equal(await statusOf(post("/login", { email, password: PASSWORD })), 200);
});

Deno.test("a password is hashed as often for no account as for several of one address", () => {
  const counts = [0, 1, 2, 4, 5].map((accounts) => padAccounts(Array(accounts).fill(undefined), 4).length);
  assert.deepEqual(counts, [4, 4, 4, 4, 8]);
  assert.equal(padAccounts([], 1).length, 1);
});

Deno.test("a password is the same in every normal form, and hashes of earlier versions still fit", async () => {
  const person = await server.addPerson();
  const [composed, decomposed] = ["João canta às três", "João canta às três"].map((text, at) =>
    text.normalize(at ? "NFD" : "NFC")
  );
  const login = (password: string) => statusOf(post("/login", { ...nameOf(person), password }));
  await setPassword(person, decomposed!);
  assert.deepEqual([await login(composed!), await login(decomposed!)], [200, 200]);
  // As an earlier version stored it: of what was typed.
  const old = await hash(decomposed!, { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 });
  await server.platform.db.asSystem((sql) =>
    sql`update users set password_hash = ${old} where id = ${person.id}`
  );
  assert.equal(await login(decomposed!), 200);
  assert.equal(await login(composed!), 200, "the first sign-in hashed it again");
  assert.equal(await login("João canta às trê"), 401);
});

Deno.test("login needs tenant_code when the password matches in several tenants", async () => {
  await server.addPerson({ email: "both@example.org", tenant: "akashi" });
  await server.addPerson({ email: "both@example.org", tenant: "other" });
  const unclear = await post("/login", { email: "both@example.org", password: PASSWORD });
  assert.equal(unclear.status, 409);
  const { detail }: Problem = await unclear.json();
  assert.match(detail, /tenant_code needed/);
  const named = await post("/login", {
    email: "both@example.org",
    password: PASSWORD,
    tenant_code: "other",
  });
  const { user }: TokenPair = await named.json();
  assert.equal(user.tenant_code, "other");
});

Deno.test("login chooses the tenant by the password when none is named", async () => {
  const { email } = await server.addPerson({ tenant: "other" });
  const unnamed = await post("/login", { email, password: PASSWORD, tenant_code: null });
  assert.equal(unnamed.status, 200, await unnamed.text());
});

Deno.test("login refuses malformed JSON, a wrong type and missing fields", async () => {
  const raw = (body: string, type = "application/json") =>
    fetch(`${server.url}/api/v1/auth/login`, { method: "POST", headers: { "Content-Type": type }, body });
  const statuses = [
    await statusOf(raw("{")),
    await statusOf(raw("a=b", "text/plain")),
    await statusOf(raw("{}")),
  ];
  assert.deepEqual(statuses, [400, 415, 422]);
  const { errors }: Problem = await (await raw("{}")).json();
  assert.deepEqual(errors.map((error) => error.path), ["email", "password"]);
  assert.equal(await statusOf(raw(JSON.stringify({ email: "a".repeat(1_100_000) }))), 413);
});

Deno.test("me needs a valid token", async () => {
  const person = await server.addPerson({ role: "editor" });
  const { access_token } = await login(person);
  const me: User = await (await getMe(access_token)).json();
  assert.equal(me.id, person.id);
  const [head, body, signature] = access_token.split(".");
  const none = btoa(JSON.stringify({ alg: "none", typ: "at+jwt", kid: "1" })).replaceAll("=", "");
  for (const bad of [undefined, "x", `${head}.${body}.${signature!.slice(0, -4)}AAAA`, `${none}.${body}.`]) {
    const response = await getMe(bad);
    assert.equal(response.status, 401);
    assert.equal(response.headers.get("Content-Type"), "application/problem+json");
    await response.body?.cancel();
  }
});

Deno.test(
  "refresh rotates; a replay within 10 s returns the same successor, a later one revokes the family",
  async () => {
    const first = await login(await server.addPerson());
    const second = await refresh(first);
    assert.notEqual(second.refresh_token, first.refresh_token);
    const again = await refresh(first);
    assert.equal(again.refresh_token, second.refresh_token);
    const third = await refresh(second);
    assert.equal(await statusOf(post("/refresh", { refresh_token: first.refresh_token })), 401);
    assert.equal(await statusOf(post("/refresh", { refresh_token: third.refresh_token })), 401);
  },
);

Deno.test("parallel refreshes of one token return one successor", async () => {
  const person = await server.addPerson();
  for (let round = 0; round < 5; round++) {
    const pair = await login(person);
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(pair)));
    const successors = new Set(answers.map((answer) => answer.refresh_token));
    assert.equal(successors.size, 1);
    assert.ok(answers.every((answer) => answer.refresh_token), "every refresh succeeds");
  }
});

Deno.test("a session expires after SESSION_MAX_DAYS however often it is used", async () => {
  const { SESSION_MAX_DAYS } = server.platform.config;
  const person = await server.addPerson();
  let pair = await login(person);
  const age = (days: number) =>
    server.platform.db.asSystem((sql) =>
      sql`update sessions set created_at = now() - make_interval(days => ${days}),
                              last_used_at = now() - interval '1 hour' where user_id = ${person.id}`
    );
  const use = () => fetch(`${server.url}/api/v1/auth/sessions`, { headers: bearer(pair.access_token) });
  assert.equal(pair.refresh_expires_in, 30 * 24 * 3600);
  await age(SESSION_MAX_DAYS - 1);
  await statusOf(use());
  const [session]: Session[] = await (await use()).json();
  const hours = (Date.parse(session!.expires_at) - Date.now()) / 3600_000;
  assert.ok(hours > 23 && hours <= 24, `${hours} hours`);
  pair = await refresh(pair);
  assert.ok(pair.refresh_expires_in <= 24 * 3600);
  await age(SESSION_MAX_DAYS);
  assert.equal(await statusOf(use()), 401);
  assert.equal(await statusOf(post("/refresh", { refresh_token: pair.refresh_token })), 401);
});

Deno.test("logout revokes this session, logout-all every one, immediately", async () => {
  const person = await server.addPerson();
  const [one, two, three] = [await login(person), await login(person), await login(person)];
  const alive = async ({ access_token }: TokenPair) => await statusOf(getMe(access_token)) === 200;
  await statusOf(post("/logout", {}, bearer(one.access_token)));
  assert.deepEqual([await alive(one), await alive(two)], [false, true]);
  await statusOf(post("/logout-all", {}, bearer(two.access_token)));
  assert.deepEqual([await alive(two), await alive(three)], [false, false]);
});

Deno.test(
  "change-password keeps this session, revokes the others, refuses a wrong current password",
  async () => {
    const person = await server.addPerson();
    const [here, there] = [await login(person), await login(person)];
    const change = (current_password: string, new_password: string) =>
      post("/me/change-password", { current_password, new_password }, bearer(here.access_token));
    const wrong = await change("no", "another long password");
    assert.equal(wrong.status, 422);
    const { errors }: Problem = await wrong.json();
    assert.equal(errors[0]!.path, "current_password");
    assert.equal(await statusOf(change(PASSWORD, "short")), 422);
    const done: { message: string } = await (await change(PASSWORD, "another long password")).json();
    assert.equal(done.message, "Password changed");
    assert.equal(await statusOf(getMe(here.access_token)), 200);
    assert.equal(await statusOf(getMe(there.access_token)), 401);
  },
);

Deno.test("demotion and deactivation take effect with the next request", async () => {
  const editor = await server.addPerson({ role: "editor" });
  const client = await server.client(editor);
  await client.json("POST", "/api/v1/assets", { title: "mine", asset_type: "video" }, 201);
  await server.platform.db.asSystem((sql) => sql`update users set role = 'viewer' where id = ${editor.id}`);
  await client.json("POST", "/api/v1/assets", { title: "mine" }, 403);
  await deactivate(editor);
  await client.json("GET", "/api/v1/auth/me", undefined, 401);
});

function post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response> {
  return postJson(server, `/api/v1/auth${path}`, body, headers);
}

async function login({ email, tenantCode }: Person): Promise<TokenPair> {
  return await (await post("/login", { email, password: PASSWORD, tenant_code: tenantCode })).json();
}

async function refresh({ refresh_token }: TokenPair): Promise<TokenPair> {
  return await (await post("/refresh", { refresh_token })).json();
}

function getMe(token?: string): Promise<Response> {
  return fetch(`${server.url}/api/v1/auth/me`, { headers: token ? bearer(token) : {} });
}

async function deactivate({ id }: Person): Promise<void> {
  await server.platform.db.asSystem((sql) => sql`update users set is_active = false where id = ${id}`);
}

/** Gives an account this password, as a new one is stored. */
async function setPassword({ id }: Person, password: string) {
  const hash = await hashPassword(password);
  await server.platform.db.asSystem((sql) => sql`update users set password_hash = ${hash} where id = ${id}`);
}

function nameOf({ email, tenantCode }: Person) {
  return { email, tenant_code: tenantCode };
}
