// Single sign-on against a fake provider with scripted answers. `tests/e2e/oidc_test.ts` uses a real one.
import assert from "node:assert/strict";
import { offerResets } from "../../lib/identity/password_resets/password_resets.ts";
import type { Identity } from "../../lib/identity/providers/schema.ts";
import type { User } from "../../lib/identity/users/schema.ts";
import { type FakeProvider, openFakeProvider, type Tale } from "../support/fake_provider.ts";
import { openTestServer, PASSWORD, type TestServer } from "../support/server.ts";
import { type Arrival, beginSignIn, comeBack, openSignOn, type SignOn } from "../support/single_sign_on.ts";

const PATH = "/api/v1/providers";
const UNKNOWN = "0198c0de-0000-7000-8000-000000000000";

let server: TestServer;
let fake: FakeProvider;
let subjects = 0;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  fake = await openFakeProvider();
});
Deno.test.afterAll(async () => {
  await server.close();
  await fake.close();
});

Deno.test("a first sign-in creates an account with the role of its groups", async () => {
  const casa = await openCasa();
  const { status, to, cookie } = await casa.begin("?next=/jobs");
  assert.equal(status, 303);
  const asked = new URL(to).searchParams;
  assert.equal(asked.get("redirect_uri"), `${server.url}/sign-in/back/${casa.provider.id}`);
  assert.equal(asked.get("code_challenge_method"), "S256");
  assert.equal(asked.get("prompt"), null);
  const claims = newClaims({ name: "Ana", groups: ["editors", "others"] });
  const back = await comeBack(fake.answer(to, { claims }), cookie);
  assert.deepEqual([back.status, back.to, back.cleared], [303, "/jobs", true]);
  const ana = await me(back);
  assert.deepEqual([ana.name, ana.email, ana.role], ["Ana", claims.email, "editor"]);
  assert.deepEqual([ana.has_password, ana.tenant_code], [false, casa.code]);
  const { authorization, verifier } = fake.redeemed.at(-1)!;
  assert.equal(authorization, `Basic ${btoa("akashi:a+secret+of+ours")}`);
  assert.match(verifier!, /^[\w-]{43,}$/);
  const { items } = await casa.admin.json("GET", "/api/v1/audit?action=session.create");
  const entry = items.find(({ actor_id }) => actor_id === ana.id);
  assert.deepEqual(entry!.after, { kind: "browser", method: "provider", provider: "Casa" });
  const [identity] = await (await ask(back, "/api/v1/auth/me/identities")).json() as Identity[];
  assert.equal(identity!.provider_name, "Casa");
});

Deno.test("each sign-in applies the groups, and a changed role holds in every session", async () => {
  const casa = await openCasa();
  const claims = newClaims({ groups: ["editors"] });
  const without = { ...claims, groups: undefined };
  const first = await casa.enter({ claims });
  const higher = await casa.enter({ claims: { ...claims, groups: ["editors", "chiefs"] } });
  assert.equal((await me(higher)).role, "manager");
  const none = await casa.enter({ claims: without });
  assert.equal((await me(none)).role, "viewer");
  assert.equal((await me(first)).role, "viewer", "the first session has the new role");
  const told = await casa.enter({ claims: without, userinfo: { groups: "chiefs" } });
  assert.equal((await me(told)).role, "manager", "userinfo counts too");
  const { items } = await casa.admin.json("GET", "/api/v1/audit?action=user.update");
  assert.match(items[0]!.actor_name!, /^Casa \(http/);
});

Deno.test("names and subjects that the database cannot store are ignored or refused", async () => {
  const casa = await openCasa();
  const claims = newClaims({ name: "A\u0000" });
  assert.equal((await me(await casa.enter({ claims }))).name, claims.sub);
  await refuses(casa, { claims: newClaims({ sub: "a\u0000" }) }, /./);
});

Deno.test("another issuer unlinks every account", async () => {
  const casa = await openCasa();
  const claims = newClaims();
  assert.ok((await casa.enter({ claims })).session);
  await casa.change({ issuer: "https://elsewhere.example", client_secret: "a secret of theirs" });
  await casa.change({ issuer: fake.issuer, client_secret: "a secret of ours" });
  await casa.change({ creates_users: false });
  await refuses(casa, { claims }, /./);
});

Deno.test("a sign-in needs an address that the provider verified", async () => {
  const casa = await openCasa();
  await refuses(casa, { claims: newClaims({ email: undefined }) }, /não informou seu e-mail/);
  await refuses(casa, { claims: newClaims({ email_verified: undefined }) }, /não verificou/);
  await refuses(casa, { claims: newClaims({ email_verified: "false" }) }, /não verificou/);
});

Deno.test("only addresses of the provider's domains are accepted, without regard to case", async () => {
  const casa = await openCasa({ email_domains: ["Example.ORG"] });
  await refuses(casa, { claims: newClaims({ email: "a@evil-example.org" }) }, /domínio/);
  assert.ok((await casa.enter({ claims: newClaims() })).session);
});

Deno.test("an account with the same address is linked only by a provider that links accounts", async () => {
  const casa = await openCasa({ email_domains: ["Example.ORG"] });
  const { id, email } = await casa.addPerson("viewer");
  const claims = newClaims({ email: email.toUpperCase() });
  await refuses(casa, { claims }, /Existe uma conta/);
  await casa.change({ links_users: true });
  assert.equal((await me(await casa.enter({ claims }))).id, id);
});

Deno.test("a provider that creates no accounts refers a new person to an invitation", async () => {
  const casa = await openCasa({ creates_users: false, links_users: true });
  await refuses(casa, { claims: newClaims() }, /convite/);
});

Deno.test("the address of a deactivated account is refused to another subject", async () => {
  const casa = await openCasa({ links_users: true });
  const { id, email } = await casa.addPerson("viewer");
  assert.equal((await me(await casa.enter({ claims: newClaims({ email }) }))).id, id);
  await casa.admin.json("DELETE", `/api/v1/auth/users/${id}`);
  await refuses(casa, { claims: newClaims({ email }) }, /desativada/);
});

Deno.test("a deactivated account is refused, and its session revoked", async () => {
  const casa = await openCasa();
  const claims = newClaims();
  const back = await casa.enter({ claims });
  const { id } = await me(back);
  await casa.admin.json("DELETE", `/api/v1/auth/users/${id}`);
  assert.equal(await statusOf(back), 401);
  await refuses(casa, { claims }, /desativada/);
});

Deno.test("a provider cannot sign in superusers", async () => {
  const casa = await openCasa({ links_users: true });
  const root = await server.addPerson({ tenant: casa.code, superuser: true });
  await refuses(casa, { claims: newClaims({ email: root.email }) }, /Existe uma conta/);
  const claims = newClaims();
  const { id } = await me(await casa.enter({ claims }));
  await server.platform.db.asSystem((sql) => sql`update users set is_superuser = true where id = ${id}`);
  await refuses(casa, { claims }, /Existe uma conta/);
});

Deno.test("the last administrator stays one, whatever the groups say", async () => {
  const lone = await openSignOn(server, fake, { links_users: true, group_claim: "groups" });
  const back = await lone.enter({ claims: newClaims({ email: lone.person.email }) });
  const { id, role } = await me(back);
  assert.deepEqual([id, role], [lone.person.id, "admin"]);
});

Deno.test("a callback that this browser did not begin is refused", async () => {
  const casa = await openCasa();
  const mine = await casa.begin();
  const attacker = await casa.begin();
  const good = fake.answer(mine.to, { claims: newClaims() });
  const redeemed = fake.redeemed.length;
  await refusesCallback(good);
  await refusesCallback(good, attacker.cookie);
  await refusesCallback(good, "akashi-provider=AAAA");
  await refusesCallback(good, mine.cookie!.slice(0, -4) + "AAAA");
  const state = new URL(good);
  state.searchParams.set("state", "another");
  await refusesCallback(state, mine.cookie);
  state.searchParams.delete("state");
  await refusesCallback(state, mine.cookie);
  await later(601_000, () => refusesCallback(good, mine.cookie));
  assert.equal(fake.redeemed.length, redeemed, "no code was redeemed");
  assert.ok((await comeBack(good, mine.cookie)).session);
  await refusesCallback(good, mine.cookie);
});

Deno.test("of parallel callbacks with one state and code one signs in", async () => {
  const casa = await openCasa();
  const { to, cookie } = await casa.begin();
  const callback = fake.answer(to, { claims: newClaims(), reusable: true });
  const backs = await Promise.all(Array.from({ length: 4 }, () => comeBack(callback, cookie)));
  assert.deepEqual(backs.map(({ status }) => status).toSorted(), [303, 403, 403, 403]);
  assert.equal(backs.filter(({ session }) => session).length, 1);
});

Deno.test("an address is as verified as the source that names it says", async () => {
  const casa = await openCasa({ links_users: true });
  const { id, email } = await casa.addPerson("editor");
  const unproved = newClaims({ email, email_verified: undefined });
  await refuses(casa, { claims: unproved, userinfo: { email_verified: true } }, /não verificou/);
  const own = { email: `own-${unproved.sub}@example.org`, email_verified: true };
  const other = await me(await casa.enter({ claims: unproved, userinfo: own }));
  assert.deepEqual(
    [other.email, other.id === id],
    [own.email, false],
    "address and proof are the same source's",
  );
  const refuted = newClaims({ email, email_verified: false });
  await refuses(casa, { claims: refuted, userinfo: { email, email_verified: true } }, /não verificou/);
  const silent = newClaims({ email: undefined, email_verified: undefined });
  assert.equal(
    (await me(await casa.enter({ claims: silent, userinfo: { email, email_verified: true } }))).id,
    id,
  );
});

Deno.test("a link from another site leads to the sign-in page without signing in", async () => {
  const casa = await openCasa();
  const led = await casa.begin("?next=/jobs", { "Sec-Fetch-Site": "cross-site" });
  assert.deepEqual([led.to, led.cookie], ["/sign-in?again=1&next=%2Fjobs", undefined]);
  for (const site of ["same-origin", "none"]) {
    assert.ok((await casa.begin("", { "Sec-Fetch-Site": site })).cookie);
  }
});

Deno.test("an ID token that is invalid, stale or for another client is refused", async () => {
  const casa = await openCasa();
  const past = Math.floor(Date.now() / 1000) - 3600;
  const tales: Record<string, Tale> = {
    "another nonce": { claims: newClaims({ nonce: "another" }) },
    "no nonce": { claims: newClaims({ nonce: undefined }) },
    "another audience": { claims: newClaims({ aud: "another" }) },
    "another issuer": { claims: newClaims({ iss: "https://login.example.org" }) },
    "expired": { claims: newClaims({ iat: past, exp: past + 60 }) },
    "signed with another key": { claims: newClaims(), forged: true },
    "userinfo of another subject": { claims: newClaims(), userinfo: { sub: "another" } },
    "empty subject": { claims: newClaims({ sub: "" }) },
    "missing token": { claims: newClaims(), withoutToken: true },
  };
  for (const [what, tale] of Object.entries(tales)) requireUnsound(await casa.enter(tale), what);
});

Deno.test("a provider that declines or fails is named", async () => {
  const casa = await openCasa();
  const { to, cookie } = await casa.begin();
  const declined = fake.answer(to, {});
  declined.searchParams.delete("code");
  declined.searchParams.set("error", "access_denied");
  assert.match((await comeBack(declined, cookie)).alert!, /Casa não confirmou/);
  const late = await casa.begin();
  const callback = fake.answer(late.to, { claims: newClaims() });
  fake.fail(502);
  const back = await comeBack(callback, late.cookie).finally(() => fake.fail(undefined));
  assert.deepEqual([back.status, /Casa não está respondendo/.test(back.alert!)], [503, true]);
});

Deno.test("an issuer that does not answer is saved, and answers 503 at sign-in", async () => {
  const gone = await openSignOn(server, fake, { issuer: "http://127.0.0.1:9" });
  assert.equal((await gone.begin()).status, 503);
});

Deno.test("an issuer that answers as another one, or as no provider, is refused with what differs", async () => {
  const casa = await openCasa();
  const path = `${PATH}/${casa.provider.id}`;
  const refuse = (issuer: string) => casa.admin.json("PATCH", path, { issuer, client_secret: null }, 422);
  const none = await refuse(`${fake.issuer}/other`);
  assert.match(none.detail, /no OpenID provider at http:.*\/other: it answers with status 404/);
  const renamed = fake.issuer.replace("127.0.0.1", "localhost");
  const named = await refuse(renamed);
  assert.equal(named.errors[0]!.path, "issuer");
  assert.match(named.detail, new RegExp(`calls itself ${fake.issuer}`));
  await casa.admin.json("POST", PATH, { name: "Off", issuer: renamed, client_id: "a" }, 422);
});

Deno.test("a provider's addresses count without proof only where it is trusted and says nothing", async () => {
  const casa = await openCasa({ links_users: true });
  const { id, email } = await casa.addPerson("editor");
  const claims = newClaims({ email, email_verified: undefined });
  await refuses(casa, { claims }, /não verificou/);
  await casa.change({ trusts_emails: true });
  await refuses(casa, { claims: { ...claims, email_verified: false } }, /não verificou/);
  assert.equal((await me(await casa.enter({ claims }))).id, id);
});

Deno.test("an unknown provider is not found", async () => {
  for (const id of [UNKNOWN, "x", "%00"]) {
    assert.equal((await beginSignIn(server.url, id)).status, 404);
    const unknown = await comeBack(new URL(`${server.url}/sign-in/back/${id}?code=x&state=y`));
    assert.ok([403, 404].includes(unknown.status));
  }
});

Deno.test("a provider of one tenant signs in to no other", async () => {
  const casa = await openCasa();
  const victim = await casa.addPerson("editor");
  const theirs = await openSignOn(server, fake, { creates_users: true, links_users: true });
  const claims = newClaims({ email: victim.email });
  const inside = await me(await theirs.enter({ claims }));
  assert.deepEqual([inside.tenant_code, inside.id === victim.id], [theirs.code, false]);
  const { to, cookie } = await theirs.begin();
  const crossed = fake.answer(to, { claims }).href.replace(theirs.provider.id, casa.provider.id);
  assert.equal((await comeBack(new URL(crossed), cookie)).status, 403);
  await casa.admin.json("GET", `${PATH}/${theirs.provider.id}`, undefined, 404);
});

Deno.test("a suspended tenant lets in no account, a read-only or full one no new account", async () => {
  const casa = await openSignOn(server, fake, { creates_users: true });
  const claims = newClaims();
  const back = await casa.enter({ claims });
  await changeTenant(casa, { status: "suspended" });
  assert.equal((await casa.begin()).status, 404);
  assert.equal(await statusOf(back), 401);
  await changeTenant(casa, { status: "read_only" });
  assert.ok((await casa.enter({ claims })).session);
  assert.match((await casa.enter({ claims: newClaims() })).alert!, /convite/);
  await changeTenant(casa, { status: "active", quota_users: 1 });
  assert.match((await casa.enter({ claims: newClaims() })).alert!, /máximo de pessoas/);
});

Deno.test("the page offers the enabled providers of the named tenant", async () => {
  const casa = await openCasa();
  const other = await openCasa();
  const { id } = casa.provider;
  const page = async (query: string, headers: HeadersInit = {}) =>
    await (await fetch(`${server.url}/sign-in${query}`, { headers })).text();
  const offered = await page(`?tenant=${casa.code}&next=/jobs`);
  assert.match(offered, new RegExp(`/sign-in/with/${id}\\?next=%2Fjobs`));
  assert.doesNotMatch(await page(`?tenant=${other.code}`), new RegExp(id));
  assert.match(await page(""), /name="tenant"/, "of several tenants one is asked for");
  assert.match(await page("", { Cookie: `akashi_tenant=${casa.code}` }), new RegExp(id));
  await casa.change({ is_enabled: false });
  assert.doesNotMatch(await page(`?tenant=${casa.code}`), new RegExp(id));
  assert.equal((await casa.begin()).status, 404);
});

Deno.test("an account without a password can neither sign in by one nor change it", async () => {
  const casa = await openCasa();
  const claims = newClaims();
  const back = await casa.enter({ claims });
  for (const password of ["", "null", PASSWORD]) {
    const response = await postJson("/api/v1/auth/login", { email: claims.email, password });
    assert.ok([401, 422].includes(response));
  }
  const passwords = { current_password: "x", new_password: "three blue herons" };
  assert.equal(await postJson("/api/v1/auth/me/change-password", passwords, back), 422);
  const settings = await (await ask(back, "/settings")).text();
  assert.match(settings, new RegExp(claims.email));
  assert.doesNotMatch(settings, /current_password/);
});

Deno.test("an account without a password resets it only while its provider is disabled", async () => {
  const casa = await openCasa();
  const { email } = await me(await casa.enter({ claims: newClaims() }));
  const letter = { kind: "password_reset", to: email, language: "en", request_id: "x" } as const;
  assert.deepEqual(await offerResets(server.platform, letter), [], "the provider revokes access here too");
  await casa.change({ is_enabled: false });
  assert.equal((await offerResets(server.platform, letter)).length, 1, "the account keeps a way to sign in");
});

Deno.test("an account is unlinked while it has another way to sign in", async () => {
  const casa = await openCasa();
  const claims = newClaims();
  const back = await casa.enter({ claims });
  const unlink = () => statusOf(back, `/api/v1/auth/me/identities/${casa.provider.id}`, "DELETE");
  assert.equal(await unlink(), 409, "nothing else would let them in");
  const { id, email, tenant_id: tenantId, tenant_code: tenantCode } = await me(back);
  await server.addPasskey({ id, email, tenantId, tenantCode });
  assert.equal(await unlink(), 200);
  await refuses(casa, { claims }, /conta/);
});

Deno.test("a strong provider that reports only a password does not count as a second factor", async () => {
  const casa = await openCasa({ is_strong: true });
  await changeTenant(casa, { settings: { require_second_factor: true } });
  const statuses = [];
  for (const amr of [undefined, ["pwd", "otp"], ["mfa"], "pwd", ["pwd"], ["pwd", "pin"]]) {
    statuses.push(await statusOf(await casa.enter({ claims: newClaims({ amr }) }), "/api/v1/assets"));
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 403, 403]);
});

Deno.test("signing in again asks the provider afresh and revokes the previous session", async () => {
  const casa = await openCasa();
  const claims = newClaims();
  const previous = await casa.enter({ claims });
  const session = previous.session!;
  const { to, cookie } = await casa.begin("", { Cookie: session });
  const asked = new URL(to).searchParams;
  assert.deepEqual([asked.get("prompt"), asked.get("max_age")], ["login", "0"]);
  const stale = await casa.begin("", { Cookie: session });
  const now = Math.floor(Date.now() / 1000);
  const old = fake.answer(stale.to, { claims: { ...claims, auth_time: now - 3_600 } });
  requireUnsound(await comeBack(old, `${stale.cookie}; ${session}`), "proved an hour ago");
  assert.equal((await me(previous)).email, claims.email, "the previous session is still valid");
  const fresh = fake.answer(to, { claims: { ...claims, auth_time: now } });
  const back = await comeBack(fresh, `${cookie}; ${session}`);
  assert.ok(back.session && back.session !== session);
  assert.equal(await statusOf(previous), 401);
});

/** A tenant with a provider that creates accounts and gives them the role of their groups. */
function openCasa(fields: object = {}): Promise<SignOn> {
  return openSignOn(server, fake, {
    client_secret: "a secret of ours",
    creates_users: true,
    group_claim: "groups",
    group_roles: { editors: "editor", chiefs: "manager" },
    ...fields,
  });
}

/** Claims about a new subject. */
function newClaims(claims: object = {}) {
  const sub = `person-${++subjects}`;
  return { sub, email: `${sub}@example.org`, email_verified: true, ...claims };
}

async function refuses(casa: SignOn, tale: Tale, words: RegExp): Promise<void> {
  const back = await casa.enter(tale);
  assert.equal(back.status, 403);
  assert.match(back.alert ?? "", words);
  assert.equal(back.session, undefined);
  assert.ok(back.cleared, "the sealed state is removed");
}

/** Requires that the browser must begin again. */
async function refusesCallback(callback: URL, cookie?: string): Promise<void> {
  const back = await comeBack(callback, cookie);
  assert.deepEqual([back.status, back.session], [403, undefined]);
  assert.match(back.alert!, /Comece de novo/);
}

/** Requires that the provider's answer did not pass verification. */
function requireUnsound(back: Arrival, what: string): void {
  assert.deepEqual([back.status, back.session], [403, undefined], what);
  assert.match(back.alert!, /verificar a resposta de Casa/, what);
}

/** Sends a request from the browser that came back. */
function ask({ session }: Arrival, path: string, method = "GET"): Promise<Response> {
  const headers = { Cookie: session!, "Sec-Fetch-Site": "same-origin" };
  return fetch(server.url + path, { method, headers });
}

async function statusOf(back: Arrival, path = "/api/v1/auth/me", method = "GET"): Promise<number> {
  const response = await ask(back, path, method);
  await response.body?.cancel();
  return response.status;
}

async function me(back: Arrival): Promise<User> {
  const response = await ask(back, "/api/v1/auth/me");
  assert.equal(response.status, 200);
  return await response.json();
}

async function postJson(path: string, body: object, back?: Arrival): Promise<number> {
  const headers = new Headers({ "Content-Type": "application/json" });
  if (back) {
    headers.set("Cookie", back.session!);
    headers.set("Sec-Fetch-Site", "same-origin");
  }
  const response = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  await response.body?.cancel();
  return response.status;
}

/** Runs `attempt` with the server's clock ahead by this many milliseconds. */
async function later(ms: number, attempt: () => Promise<void>): Promise<void> {
  const { clock } = server.platform;
  server.platform.clock = { now: () => Date.now() + ms };
  await attempt().finally(() => server.platform.clock = clock);
}

interface TenantFields {
  status?: string;
  quota_users?: number;
  settings?: Record<string, boolean>;
}

/** Changes the tenant's row, as an operator would. */
function changeTenant({ code }: SignOn, { status = "active", quota_users, settings = {} }: TenantFields) {
  return server.platform.db.asSystem((sql) =>
    sql`
      update tenants set status = ${status}, quota_users = coalesce(${quota_users ?? null}, quota_users),
        settings = settings || ${sql.json(settings)}
      where code = ${code}`
  );
}
