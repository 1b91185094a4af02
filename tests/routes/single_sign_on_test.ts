// Single sign-on against a fake provider with scripted answers. `tests/e2e/oidc_test.ts` uses a real one.
import assert from "node:assert/strict";
import { offerResets } from "../../lib/identity/password_resets/password_resets.ts";
import { openFakeProvider, type Tale } from "../support/fake_provider.ts";
import { openTestServer, PASSWORD } from "../support/server.ts";

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };
/** Both languages of the pages. */
const WORDS = { "Accept-Language": "pt-BR" };

Deno.test("single sign-on", OPTIONS, async (t) => {
  const fake = await openFakeProvider();
  const server = await openTestServer();
  const { platform, url } = server;
  const admin = await server.client(await server.addPerson());
  const path = "/api/v1/providers";
  const provider = await admin.json("POST", path, {
    name: "Casa",
    issuer: fake.issuer,
    client_id: "akashi",
    client_secret: "a secret of ours",
    creates_users: true,
    group_claim: "groups",
    group_roles: { editors: "editor", chiefs: "manager" },
  }, 201);
  let people = 0;

  const change = (fields: object) => admin.json("PATCH", `${path}/${provider.id}`, fields);
  const somebody = (claims: object = {}) => {
    const sub = `person-${++people}`;
    return { sub, email: `${sub}@example.org`, email_verified: true, ...claims };
  };

  /** A browser that is redirected to the provider. */
  async function begin(id = provider.id, query = "", headers: HeadersInit = {}) {
    const response = await fetch(`${url}/sign-in/with/${id}${query}`, { redirect: "manual", headers });
    await response.body?.cancel();
    const cookie = response.headers.getSetCookie().find((each) => each.startsWith("akashi-provider="));
    return { status: response.status, to: response.headers.get("Location")!, cookie: cookie?.split(";")[0] };
  }

  async function comeBack(callback: URL, cookie = "") {
    const response = await fetch(callback, { redirect: "manual", headers: { Cookie: cookie, ...WORDS } });
    const text = await response.text();
    const cookies = response.headers.getSetCookie();
    const session = cookies.find((each) => each.startsWith("akashi="))?.split(";")[0];
    const alert = /role="alert"[^]*?<p>([^<]*)/.exec(text)?.[1];
    const cleared = cookies.some((each) => /^akashi-provider=;.*Max-Age=0/.test(each));
    return { status: response.status, to: response.headers.get("Location"), session, alert, cleared };
  }

  async function enter(tale: Tale, id = provider.id) {
    const { to, cookie } = await begin(id);
    return await comeBack(fake.answer(to, tale), cookie);
  }

  async function refuses(tale: Tale, words: RegExp, status = 403) {
    const back = await enter(tale);
    assert.equal(back.status, status);
    assert.match(back.alert ?? "", words);
    assert.equal(back.session, undefined);
    assert.ok(back.cleared, "the note is taken away");
  }

  async function me(session: string) {
    const response = await fetch(`${url}/api/v1/auth/me`, { headers: { Cookie: session } });
    return await response.json();
  }

  await t.step("a first sign-in creates an account with the role of the person's groups", async () => {
    const { status, to, cookie } = await begin(provider.id, "?next=/jobs");
    assert.equal(status, 303);
    const asked = new URL(to).searchParams;
    assert.equal(asked.get("redirect_uri"), `${url}/sign-in/back/${provider.id}`);
    assert.equal(asked.get("code_challenge_method"), "S256");
    assert.equal(asked.get("prompt"), null);
    const claims = somebody({ name: "Ana", groups: ["editors", "others"] });
    const back = await comeBack(fake.answer(to, { claims }), cookie);
    assert.deepEqual([back.status, back.to, back.cleared], [303, "/jobs", true]);
    const ana = await me(back.session!);
    assert.deepEqual([ana.name, ana.email, ana.role], ["Ana", claims.email, "editor"]);
    assert.deepEqual([ana.has_password, ana.tenant_code], [false, "akashi"]);
    const { authorization, verifier } = fake.redeemed.at(-1)!;
    assert.equal(authorization, `Basic ${btoa("akashi:a+secret+of+ours")}`);
    assert.match(verifier!, /^[\w-]{43,}$/);
    const { items } = await admin.json("GET", `/api/v1/audit?action=session.create`);
    const entry = items.find((each: any) => each.actor_id === ana.id);
    assert.deepEqual(entry!.after, { kind: "browser", method: "provider", provider: "Casa" });
    const identities = await fetch(`${url}/api/v1/auth/me/identities`, {
      headers: { Cookie: back.session! },
    });
    assert.equal((await identities.json())[0].provider_name, "Casa");
  });

  await t.step(
    "each sign-in applies the groups, left ones too, and rotates the tokens of browsers",
    async () => {
      const claims = somebody({ groups: ["editors"] });
      const first = await enter({ claims });
      const higher = await enter({ claims: { ...claims, groups: ["editors", "chiefs"] } });
      assert.equal((await me(higher.session!)).role, "manager");
      const none = await enter({ claims: { ...claims, groups: undefined } });
      assert.equal((await me(none.session!)).role, "viewer");
      assert.equal((await me(first.session!)).role, "viewer", "everywhere");
      const told = await enter({ claims: { ...claims, groups: undefined }, userinfo: { groups: "chiefs" } });
      assert.equal((await me(told.session!)).role, "manager", "userinfo counts too");
      const { items } = await admin.json("GET", "/api/v1/audit?action=user.update");
      assert.match(items[0]!.actor_name!, /^Casa \(http/);
    },
  );

  await t.step("names and subjects that the database cannot store are ignored or refused", async () => {
    const claims = somebody({ name: "A\u0000" });
    assert.equal((await me((await enter({ claims })).session!)).name, claims.sub);
    await refuses({ claims: somebody({ sub: "a\u0000" }) }, /./);
  });

  await t.step("another issuer unlinks every account", async () => {
    const claims = somebody();
    await enter({ claims });
    await change({ issuer: "https://elsewhere.example", client_secret: "a secret of theirs" });
    await change({ issuer: fake.issuer, client_secret: "a secret of ours" });
    await change({ creates_users: false });
    await refuses({ claims }, /./);
    await change({ creates_users: true });
  });

  await t.step("each refusal is explained", async () => {
    await refuses({ claims: somebody({ email: undefined }) }, /não informou seu e-mail/);
    await refuses({ claims: somebody({ email_verified: undefined }) }, /não verificou/);
    await refuses({ claims: somebody({ email_verified: "false" }) }, /não verificou/);
    await change({ email_domains: ["Example.ORG"] });
    await refuses({ claims: somebody({ email: "a@evil-example.org" }) }, /domínio/);
    const there = await server.addPerson({ role: "viewer" });
    await refuses({ claims: somebody({ email: there.email.toUpperCase() }) }, /Existe uma conta/);
    await change({ links_users: true });
    const linked = await enter({ claims: somebody({ email: there.email.toUpperCase() }) });
    assert.equal((await me(linked.session!)).id, there.id);
    await change({ creates_users: false });
    await refuses({ claims: somebody() }, /convite/);
    await change({ creates_users: true, email_domains: [] });
    await admin.json("DELETE", `/api/v1/auth/users/${there.id}`);
    await refuses({ claims: somebody({ email: there.email }) }, /desativada/);
  });

  await t.step("a deactivated account is refused, and its session revoked", async () => {
    const claims = somebody();
    const { session } = await enter({ claims });
    const { id } = await me(session!);
    await admin.json("DELETE", `/api/v1/auth/users/${id}`);
    assert.equal((await me(session!)).status, 401);
    await refuses({ claims }, /desativada/);
  });

  await t.step("a provider cannot sign in superusers, and the last administrator stays one", async () => {
    const root = await server.addPerson({ superuser: true });
    await refuses({ claims: somebody({ email: root.email }) }, /Existe uma conta/);
    const claims = somebody();
    const { session } = await enter({ claims });
    const { id } = await me(session!);
    await platform.db.asSystem((sql) => sql`update users set is_superuser = true where id = ${id}`);
    await refuses({ claims }, /Existe uma conta/);

    const chief = await server.addPerson({ tenant: "lone" });
    const client = await server.client(chief);
    const fields = { name: "Lone", issuer: fake.issuer, client_id: "lone", links_users: true };
    const lone = await client.json("POST", path, { ...fields, group_claim: "groups" }, 201);
    const back = await enter({ claims: somebody({ email: chief.email }) }, lone.id);
    assert.equal((await me(back.session!)).role, "admin");
  });

  await t.step("a callback that this browser did not begin is refused", async () => {
    const claims = somebody();
    const mine = await begin();
    const attacker = await begin();
    const good = fake.answer(mine.to, { claims });
    const redeemed = fake.redeemed.length;
    const expired = async (callback: URL, cookie?: string) => {
      const back = await comeBack(callback, cookie);
      assert.deepEqual([back.status, back.session], [403, undefined]);
      assert.match(back.alert!, /Comece de novo/);
    };
    await expired(good);
    await expired(good, attacker.cookie);
    await expired(good, "akashi-provider=AAAA");
    await expired(good, mine.cookie!.slice(0, -4) + "AAAA");
    const state = new URL(good);
    state.searchParams.set("state", "another");
    await expired(state, mine.cookie);
    state.searchParams.delete("state");
    await expired(state, mine.cookie);
    const now = platform.clock;
    platform.clock = { now: () => Date.now() + 601_000 };
    await expired(good, mine.cookie);
    platform.clock = now;
    assert.equal(fake.redeemed.length, redeemed, "no code was redeemed");
    assert.ok((await comeBack(good, mine.cookie)).session);
    await refusesUnsound(() => comeBack(good, mine.cookie), "a code is good once");
  });

  await t.step("a link from another site leads to the sign-in page without signing in", async () => {
    const led = await begin(provider.id, "?next=/jobs", { "Sec-Fetch-Site": "cross-site" });
    assert.deepEqual([led.to, led.cookie], ["/sign-in?again=1&next=%2Fjobs", undefined]);
    for (const site of ["same-origin", "none"]) {
      assert.ok((await begin(provider.id, "", { "Sec-Fetch-Site": site })).cookie);
    }
  });

  await t.step("an ID token for another client, stale or unsigned is refused", async () => {
    const past = Math.floor(Date.now() / 1000) - 3600;
    const tales: Record<string, Tale> = {
      "another nonce": { claims: somebody({ nonce: "another" }) },
      "no nonce": { claims: somebody({ nonce: undefined }) },
      "for another client": { claims: somebody({ aud: "another" }) },
      "of another issuer": { claims: somebody({ iss: "https://login.example.org" }) },
      "run out": { claims: somebody({ iat: past, exp: past + 60 }) },
      "signed by another": { claims: somebody(), forged: true },
      "about somebody else": { claims: somebody(), userinfo: { sub: "another" } },
      "of nobody": { claims: somebody({ sub: "" }) },
      "not there": { claims: somebody(), withoutToken: true },
    };
    for (const [what, tale] of Object.entries(tales)) await refusesUnsound(() => enter(tale), what);
  });

  await t.step("a provider that declines, fails or is unavailable is named", async () => {
    const { to, cookie } = await begin();
    const declined = fake.answer(to, {});
    declined.searchParams.delete("code");
    declined.searchParams.set("error", "access_denied");
    assert.match((await comeBack(declined, cookie)).alert!, /Casa não confirmou/);
    const late = await begin();
    const callback = fake.answer(late.to, { claims: somebody() });
    fake.fail(502);
    const back = await comeBack(callback, late.cookie);
    assert.deepEqual([back.status, /Casa não está respondendo/.test(back.alert!)], [503, true]);
    fake.fail(undefined);
    const gone = await admin.json(
      "POST",
      path,
      { name: "Gone", issuer: "http://127.0.0.1:9", client_id: "x" },
      201,
    );
    assert.equal((await begin(gone.id)).status, 503);
    await admin.json("PATCH", `${path}/${gone.id}`, { issuer: `${fake.issuer}/elsewhere` });
    assert.equal((await begin(gone.id)).status, 403, "what is there is no provider");
    for (const id of ["0198c0de-0000-7000-8000-000000000000", "x", "%00"]) {
      assert.equal((await begin(id)).status, 404);
      const unknown = await comeBack(new URL(`${url}/sign-in/back/${id}?code=x&state=y`));
      assert.ok([403, 404].includes(unknown.status));
    }
  });

  await t.step("a provider of one tenant signs in to no other", async () => {
    const other = await server.client(await server.addPerson({ tenant: "other" }));
    const fields = { name: "Other", issuer: fake.issuer, client_id: "akashi", creates_users: true };
    const theirs = await other.json("POST", path, { ...fields, links_users: true }, 201);
    const victim = await server.addPerson({ role: "editor" });
    const claims = somebody({ email: victim.email });
    const { session } = await enter({ claims }, theirs.id);
    const inside = await me(session!);
    assert.deepEqual([inside.tenant_code, inside.id === victim.id], ["other", false]);
    const { to, cookie } = await begin(theirs.id);
    const crossed = new URL(fake.answer(to, { claims }).href.replace(theirs.id, provider.id));
    assert.equal((await comeBack(crossed, cookie)).status, 403);
    await admin.json("GET", `${path}/${theirs.id}`, undefined, 404);

    await platform.db.asSystem((sql) => sql`update tenants set status = 'suspended' where code = 'other'`);
    assert.equal((await begin(theirs.id)).status, 404);
    assert.equal((await me(session!)).status, 401);
    await platform.db.asSystem((sql) => sql`update tenants set status = 'read_only' where code = 'other'`);
    assert.ok((await enter({ claims }, theirs.id)).session);
    assert.match((await enter({ claims: somebody() }, theirs.id)).alert!, /convite/);
    await platform.db.asSystem((sql) =>
      sql`update tenants set status = 'active', quota_users = 1 where code = 'other'`
    );
    assert.match((await enter({ claims: somebody() }, theirs.id)).alert!, /máximo de pessoas/);
  });

  await t.step("the page offers the enabled providers of the named tenant", async () => {
    const page = async (query: string, headers: HeadersInit = {}) =>
      await (await fetch(`${url}/sign-in${query}`, { headers })).text();
    assert.match(
      await page("?tenant=akashi&next=/jobs"),
      new RegExp(`/sign-in/with/${provider.id}\\?next=%2Fjobs`),
    );
    assert.doesNotMatch(await page("?tenant=lone"), new RegExp(provider.id));
    assert.match(await page(""), /name="tenant"/, "of several tenants one is asked for");
    assert.match(await page("", { Cookie: "akashi_tenant=akashi" }), new RegExp(provider.id));
    await change({ is_enabled: false });
    assert.doesNotMatch(await page("?tenant=akashi"), new RegExp(provider.id));
    assert.equal((await begin()).status, 404);
    await change({ is_enabled: true });
  });

  await t.step(
    "an account without a password can neither sign in by one, change it nor reset it",
    async () => {
      const claims = somebody();
      const { session } = await enter({ claims });
      for (const password of ["", "null", PASSWORD]) {
        const response = await fetch(`${url}/api/v1/auth/login`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ email: claims.email, password }),
        });
        await response.body?.cancel();
        assert.ok([401, 422].includes(response.status));
      }
      const headers = {
        Cookie: session!,
        "Content-Type": "application/json",
        "Sec-Fetch-Site": "same-origin",
      };
      const body = JSON.stringify({ current_password: "x", new_password: "three blue herons" });
      const changed = await fetch(`${url}/api/v1/auth/me/change-password`, { method: "POST", headers, body });
      await changed.body?.cancel();
      assert.equal(changed.status, 422);
      const settings = await (await fetch(`${url}/settings`, { headers })).text();
      assert.doesNotMatch(settings, /current_password/);
      const letter = { kind: "password_reset", to: claims.email, language: "en", request_id: "x" } as const;
      assert.deepEqual(await offerResets(platform, letter), [], "what ends there ends here");
      await change({ is_enabled: false });
      assert.equal((await offerResets(platform, letter)).length, 1, "nobody is left without a way in");
      await change({ is_enabled: true });
    },
  );

  await t.step("an account is unlinked while it has another way to sign in", async () => {
    const claims = somebody();
    const { session } = await enter({ claims });
    const unlink = async () => {
      const init = { method: "DELETE", headers: { Cookie: session!, "Sec-Fetch-Site": "same-origin" } };
      const response = await fetch(`${url}/api/v1/auth/me/identities/${provider.id}`, init);
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await unlink(), 409, "nothing else would let them in");
    const { id, email, tenant_id: tenantId, tenant_code: tenantCode } = await me(session!);
    await server.addPasskey({ id, email, tenantId, tenantCode });
    assert.equal(await unlink(), 200);
    await change({ links_users: false });
    await refuses({ claims }, /conta/);
    await change({ links_users: true });
  });

  await t.step(
    "a strong provider that reports only a password does not count as a second factor",
    async () => {
      const ask = (value: boolean) =>
        platform.db.asSystem((sql) =>
          sql`update tenants set settings = settings || ${sql.json({ require_second_factor: value })}
             where code = 'akashi'`
        );
      await change({ is_strong: true });
      await ask(true);
      const told = [undefined, ["pwd", "otp"], ["mfa"], "pwd", ["pwd"], ["pwd", "pin"]];
      const statuses = [];
      for (const amr of told) {
        const { session } = await enter({ claims: somebody({ amr }) });
        const response = await fetch(`${url}/api/v1/assets`, { headers: { Cookie: session! } });
        await response.body?.cancel();
        statuses.push(response.status);
      }
      await ask(false);
      await change({ is_strong: false });
      assert.deepEqual(statuses, [200, 200, 200, 200, 403, 403]);
    },
  );

  await t.step("signing in again asks the provider afresh and revokes the previous session", async () => {
    const claims = somebody();
    const { session } = await enter({ claims });
    const { to, cookie } = await begin(provider.id, "", { Cookie: session! });
    const asked = new URL(to).searchParams;
    assert.deepEqual([asked.get("prompt"), asked.get("max_age")], ["login", "0"]);
    const stale = await begin(provider.id, "", { Cookie: session! });
    const hourAgo = Math.floor(Date.now() / 1000) - 3_600;
    const old = fake.answer(stale.to, { claims: { ...claims, auth_time: hourAgo } });
    await refusesUnsound(() => comeBack(old, `${stale.cookie}; ${session}`), "proved an hour ago");
    assert.equal((await me(session!)).email, claims.email, "the session before is still there");
    const now = { ...claims, auth_time: Math.floor(Date.now() / 1000) };
    const back = await comeBack(fake.answer(to, { claims: now }), `${cookie}; ${session}`);
    assert.ok(back.session && back.session !== session);
    assert.equal((await me(session!)).status, 401);
  });

  await server.close();
  await fake.close();

  async function refusesUnsound(attempt: () => ReturnType<typeof comeBack>, what: string) {
    const back = await attempt();
    assert.deepEqual([back.status, back.session], [403, undefined], what);
    assert.match(back.alert!, /verificar a resposta de Casa/, what);
  }
});
