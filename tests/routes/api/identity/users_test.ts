import assert from "node:assert/strict";
import { hash } from "@node-rs/argon2";
import { openTestServer, PASSWORD } from "../../../support/server.ts";

const GOOD = "three blue herons at noon";

Deno.test("users", async (t) => {
  const server = await openTestServer({ settings: { PASSWORD_REFUSED_WORDS: "evening news,Kestrel" } });
  const admin = await server.addPerson({ role: "admin" });
  const client = await server.client(admin);
  const anonymous = (path: string, body: unknown) =>
    fetch(`${server.url}/api/v1/auth${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  const register = (body: object, status = 201) =>
    client.json("POST", "/api/v1/auth/register", { password: GOOD, ...body }, status);

  await t.step("register creates an account that can sign in; a taken address is 409", async () => {
    const made = await register({ email: "Ana@Example.org", name: "Ana", role: "editor" });
    assert.equal(made.email, "ana@example.org");
    assert.equal(made.role, "editor");
    assert.equal(made.password_hash, undefined);
    const login = await anonymous("/login", { email: "ana@example.org", password: GOOD });
    assert.equal(login.status, 200, await login.text());
    const taken = await register({ email: "ana@example.org" }, 409);
    assert.match(taken.detail, /already registered/);
  });

  await t.step("people carry full_name, and name is an alias of it both ways", async () => {
    const email = `bia-${crypto.randomUUID().slice(0, 8)}@example.org`;
    const made = await register({ email, full_name: "Bia Alves" });
    assert.deepEqual([made.full_name, made.name], ["Bia Alves", "Bia Alves"]);
    const path = `/api/v1/auth/users/${made.id}`;
    assert.equal((await client.json("PATCH", path, { full_name: "Bia A." })).name, "Bia A.");
    assert.equal((await client.json("PATCH", path, { name: "Bia" })).full_name, "Bia");
    const both = await client.json("PATCH", path, { full_name: "Full", name: "Alias" });
    assert.deepEqual([both.full_name, both.name], ["Full", "Full"]);
    assert.equal((await client.json("PATCH", path, { full_name: " " }, 422)).errors[0]!.path, "full_name");
    assert.equal((await client.json("PATCH", "/api/v1/auth/me", { full_name: "Me" })).full_name, "Me");
    const invited = { email: `caio-${email}`, role: "viewer" };
    const { token } = await client.json("POST", "/api/v1/auth/invitations", invited, 201);
    const joined = await register({ token, full_name: "Caio", email: undefined });
    assert.equal(joined.full_name, "Caio");
  });

  await t.step("register is for administrators", async () => {
    const stranger = await anonymous("/register", { email: "x@example.org", password: GOOD });
    assert.equal(stranger.status, 401);
    await stranger.body?.cancel();
    const manager = await server.client(await server.addPerson({ role: "manager" }));
    await manager.json("POST", "/api/v1/auth/register", { email: "x@example.org", password: GOOD }, 403);
  });

  await t.step(
    "register refuses a common password, and one made of the account's name and address",
    async () => {
      const common = ["Password123", "dimazarya", "01011961", "TrustNo1"];
      const own = ["herons@example.org", "HERONS@example.org", "Grey Herons", "Herons-2027!", "example.2027"];
      const ours = ["Akashi2027!", "akashi.akashi.akashi", "Evening-News1"];
      for (const password of [...common, ...own, ...ours]) {
        const refused = await register({ email: "herons@example.org", name: "grey herons", password }, 422);
        assert.equal(refused.errors[0].path, "password", password);
      }
      await register({ email: "akashi@example.org", password: "grey herons over akashi" });
      await register({ email: "nothing" }, 422);
      await register({}, 422);
    },
  );

  await t.step("users are listed by name, deactivated ones on request", async () => {
    const names = async (query = "") =>
      (await client.json("GET", `/api/v1/auth/users${query}`)).map((user: { email: string }) => user.email);
    const all = await names();
    assert.ok(all.includes("ana@example.org"));
    assert.deepEqual(await names("?limit=1&skip=1"), [all[1]]);
    const gone = await register({ email: "gone@example.org" });
    await client.json("DELETE", `/api/v1/auth/users/${gone.id}`);
    assert.ok(!(await names()).includes("gone@example.org"));
    assert.ok((await names("?include_inactive=true")).includes("gone@example.org"));
    await client.json("GET", "/api/v1/auth/users?limit=0", undefined, 422);
  });

  await t.step(
    "demotion and deactivation take effect with the next request; revoked sessions stay revoked",
    async () => {
      const person = await server.addPerson({ role: "editor" });
      const theirs = await server.client(person);
      const path = `/api/v1/auth/users/${person.id}`;
      await theirs.json("POST", "/api/v1/assets", { title: "mine" }, 201);
      assert.equal((await client.json("PATCH", path, { role: "viewer", name: "Less" })).role, "viewer");
      await theirs.json("POST", "/api/v1/assets", { title: "mine" }, 403);
      assert.equal((await client.json("DELETE", path)).id, person.id);
      await theirs.json("GET", "/api/v1/auth/me", undefined, 401);
      assert.equal((await client.json("PATCH", path, { is_active: true })).is_active, true);
      await theirs.json("GET", "/api/v1/auth/me", undefined, 401);
      await server.client(person);
    },
  );

  await t.step("members can neither deactivate nor demote themselves, but rename", async () => {
    const path = `/api/v1/auth/users/${admin.id}`;
    await client.json("DELETE", path, undefined, 409);
    await client.json("PATCH", path, { role: "viewer" }, 409);
    await client.json("PATCH", path, { is_active: false }, 409);
    assert.equal(
      (await client.json("PATCH", path, { name: "Still here", role: "admin" })).name,
      "Still here",
    );
  });

  await t.step("the last administrator stays, also when two demote each other in parallel", async () => {
    const [one, two] = [
      await server.addPerson({ tenant: "pair", role: "admin" }),
      await server.addPerson({ tenant: "pair", role: "admin" }),
    ];
    const clients = [await server.client(one), await server.client(two)];
    const demote = (by: number, id: string) =>
      clients[by]!.fetch(`/api/v1/auth/users/${id}`, {
        method: "PATCH",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ role: "editor" }),
      });
    const answers = await Promise.all([demote(0, two.id), demote(1, one.id)]);
    for (const answer of answers) await answer.body?.cancel();
    const [left] = await server.platform.db.asSystem((sql) =>
      sql`select count(*) from users u join tenants t on t.id = u.tenant_id where t.code = 'pair' and role = 'admin'`
    );
    assert.equal(left!.count, 1);
    const root = await server.client(await server.addPerson({ superuser: true }));
    const last = answers[0]!.status === 200 ? one.id : two.id;
    const refused = await root.json("PATCH", `/api/v1/auth/users/${last}`, {
      role: "editor",
      tenant_code: "pair",
    }, 409);
    assert.match(refused.detail, /last administrator/);
  });

  await t.step("only superusers change superusers", async () => {
    const root = await server.addPerson({ superuser: true });
    await client.json("PATCH", `/api/v1/auth/users/${root.id}`, { role: "viewer" }, 403);
    await client.json("DELETE", `/api/v1/auth/users/${root.id}`, undefined, 403);
  });

  await t.step("an invitation creates one account with its role", async () => {
    const made = await client.json("POST", "/api/v1/auth/invitations", {
      email: "Bia@Example.org",
      role: "manager",
    }, 201);
    const listed = await client.json("GET", "/api/v1/auth/invitations");
    assert.equal(listed[0]!.id, made.id);
    assert.ok(!("token" in listed[0]!));
    const weak = await anonymous("/register", { token: made.token, password: "bia@example.org" });
    assert.equal(weak.status, 422);
    await weak.body?.cancel();
    const accept = () =>
      anonymous("/register", { token: made.token, password: GOOD, name: "Bia", role: "admin" });
    const answers = await Promise.all([accept(), accept(), accept()]);
    assert.deepEqual(answers.map((answer) => answer.status).toSorted(), [201, 422, 422]);
    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    const user = bodies.find((body) => body.email);
    assert.deepEqual([user.email, user.role, user.name], ["bia@example.org", "manager", "Bia"]);
    assert.deepEqual(await client.json("GET", "/api/v1/auth/invitations"), []);
    await client.json("POST", "/api/v1/auth/invitations", { email: "bia@example.org" }, 409);
  });

  await t.step(
    "accepting an invitation while its account is created gives one account and a conflict",
    async () => {
      for (let round = 0; round < 10; round++) {
        const email = `both-${round}@example.org`;
        const { token } = await client.json("POST", "/api/v1/auth/invitations", { email }, 201);
        const made = client.fetch("/api/v1/auth/register", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ email, password: GOOD }),
        });
        const answers = await Promise.all([made, anonymous("/register", { token, password: GOOD })]);
        for (const answer of answers) await answer.body?.cancel();
        assert.deepEqual(answers.map((answer) => answer.status).toSorted(), [201, 409]);
      }
    },
  );

  await t.step("an account of another tenant accepts an invitation that names this one", async () => {
    const { token } = await client.json(
      "POST",
      "/api/v1/auth/invitations",
      { email: "dora@example.org" },
      201,
    );
    const guest = await server.client(await server.addPerson({ tenant: "elsewhere" }));
    const named = { token, password: GOOD, tenant_code: "akashi" };
    const user = await guest.json("POST", "/api/v1/auth/register", named, 201);
    assert.equal(user.tenant_code, "akashi");
  });

  await t.step("an invitation is invalid when revoked, replaced or expired", async () => {
    const invite = () => client.json("POST", "/api/v1/auth/invitations", { email: "caio@example.org" }, 201);
    const status = async (token: string) => {
      const answer = await anonymous("/register", { token, password: GOOD });
      await answer.body?.cancel();
      return answer.status;
    };
    const first = await invite();
    const second = await invite();
    assert.equal(await status(first.token), 422);
    await client.json("DELETE", `/api/v1/auth/invitations/${second.id}`);
    await client.json("DELETE", `/api/v1/auth/invitations/${second.id}`, undefined, 404);
    assert.equal(await status(second.token), 422);
    const third = await invite();
    await server.platform.db.asSystem((sql) =>
      sql`update invitations set expires_at = now() where id = ${third.id}`
    );
    assert.equal(await status(third.token), 422);
    assert.equal(await status("nonsense"), 422);
  });

  await t.step("sign-in hashes a password again when the parameters have changed", async () => {
    const person = await server.addPerson();
    const old = await hash(PASSWORD, { memoryCost: 8 * 1024, timeCost: 1, parallelism: 1 });
    const read = async () => {
      const [row] = await server.platform.db.asSystem((sql) =>
        sql`select password_hash from users where id = ${person.id}`
      );
      return row!.password_hash as string;
    };
    await server.platform.db.asSystem((sql) =>
      sql`update users set password_hash = ${old} where id = ${person.id}`
    );
    await server.client(person);
    assert.match(await read(), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const before = await read();
    await server.client(person);
    assert.equal(await read(), before);
  });

  await t.step("change-password refuses a common password", async () => {
    const mine = await server.client();
    const body = { current_password: PASSWORD, new_password: "qwertyuiop" };
    const refused = await mine.json("POST", "/api/v1/auth/me/change-password", body, 422);
    assert.equal(refused.errors[0]!.path, "new_password");
  });

  await t.step("sessions are listed with address and last use, and revoked one by one", async () => {
    const person = await server.addPerson({ role: "viewer" });
    const [here, there] = [await server.client(person), await server.client(person)];
    const listed = await here.json("GET", "/api/v1/auth/sessions");
    assert.equal(listed.length, 2);
    assert.equal(listed.filter((each: { is_current: boolean }) => each.is_current).length, 1);
    assert.ok(listed[0].address && listed[0].user_agent);
    const other = listed.find((each: { is_current: boolean }) => !each.is_current);
    await client.json("DELETE", `/api/v1/auth/sessions/${other.id}`, undefined, 404);
    const age = (minutes: number) =>
      server.platform.db.asSystem((sql) =>
        sql`update sessions set created_at = now() - make_interval(mins => ${minutes}) where user_id = ${person.id}`
      );
    await age(16);
    const refused = await here.json("DELETE", `/api/v1/auth/sessions/${other.id}`, undefined, 403);
    assert.match(refused.detail, /Sign in again/);
    await there.json("GET", "/api/v1/auth/me");
    await age(0);
    await here.json("DELETE", `/api/v1/auth/sessions/${other.id}`);
    await there.json("GET", "/api/v1/auth/me", undefined, 401);
    await here.json("DELETE", `/api/v1/auth/sessions/${other.id}`, undefined, 404);
    await age(16);
    await here.json("POST", "/api/v1/auth/logout");
  });

  await server.close();
});
