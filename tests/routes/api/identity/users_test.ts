import assert from "node:assert/strict";
import { hash } from "@node-rs/argon2";
import type { Invitation } from "../../../../lib/identity/invitations/schema.ts";
import type { Session } from "../../../../lib/identity/sessions/schema.ts";
import type { User } from "../../../../lib/identity/users/schema.ts";
import { postJson, statusOf } from "../../../support/anonymous.ts";
import {
  type Client,
  openTestServer,
  PASSWORD,
  type Person,
  type TestServer,
} from "../../../support/server.ts";

const GOOD = "three blue herons at noon";
const REGISTER = "/api/v1/auth/register";
const INVITATIONS = "/api/v1/auth/invitations";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer({ settings: { PASSWORD_REFUSED_WORDS: "evening news,Kestrel" } });
});
Deno.test.afterAll(() => server.close());

Deno.test("register creates an account that can sign in; a taken address is 409", async () => {
  const admin = await server.client();
  const made = await register(admin, { email: "Ana@Example.org", name: "Ana", role: "editor" });
  assert.equal(made.email, "ana@example.org");
  assert.equal(made.role, "editor");
  assert.ok(!("password_hash" in made));
  const login = await postJson(server, "/api/v1/auth/login", { email: "ana@example.org", password: GOOD });
  assert.equal(login.status, 200, await login.text());
  const taken = await admin.json("POST", REGISTER, { email: "ana@example.org", password: GOOD }, 409);
  assert.match(taken.detail, /already registered/);
});

Deno.test("people carry full_name, and name is an alias of it both ways", async () => {
  const admin = await server.client();
  const made = await register(admin, { email: uniqueEmail(), full_name: "Bia Alves" });
  assert.deepEqual([made.full_name, made.name], ["Bia Alves", "Bia Alves"]);
  const path = `/api/v1/auth/users/${made.id}`;
  const change = (fields: object): Promise<User> => admin.json("PATCH", path, fields);
  assert.equal((await change({ full_name: "Bia A." })).name, "Bia A.");
  assert.equal((await change({ name: "Bia" })).full_name, "Bia");
  const both = await change({ full_name: "Full", name: "Alias" });
  assert.deepEqual([both.full_name, both.name], ["Full", "Full"]);
  assert.equal((await admin.json("PATCH", path, { full_name: " " }, 422)).errors[0]!.path, "full_name");
  const me: User = await admin.json("PATCH", "/api/v1/auth/me", { full_name: "Me" });
  assert.equal(me.full_name, "Me");
  const { token } = await invite(admin, { email: uniqueEmail(), role: "viewer" });
  const joined = await register(admin, { token, full_name: "Caio" });
  assert.equal(joined.full_name, "Caio");
});

Deno.test("an address changes at once without a mail server, by oneself and by administrators", async () => {
  const admin = await server.client();
  const person = await server.addPerson({ role: "editor" });
  const theirs = await server.client(person);
  const own = `own-${person.email}`;
  const changed: User = await theirs.json("PATCH", "/api/v1/auth/me", {
    email: ` ${own.toUpperCase()}`,
    name: "Eva",
  });
  assert.deepEqual([changed.email, changed.pending_email, changed.name], [own, null, "Eva"]);
  const path = `/api/v1/auth/users/${person.id}`;
  const given: User = await admin.json("PATCH", path, { email: person.email });
  assert.equal(given.email, person.email);
  await theirs.json("GET", "/api/v1/auth/me");
  const login = { password: PASSWORD, tenant_code: "akashi" };
  assert.equal(await statusOf(postJson(server, "/api/v1/auth/login", { ...login, email: own })), 401);
  assert.equal(
    await statusOf(postJson(server, "/api/v1/auth/login", { ...login, email: person.email })),
    200,
  );
  const { items } = await admin.json("GET", `/api/v1/audit?action=user.update&target_id=${person.id}`);
  assert.deepEqual(items[0]!.after, { email: person.email });
});

Deno.test("an address that is taken in the tenant is 409, and nothing else of the request is done", async () => {
  const admin = await server.client();
  const [one, two] = [await server.addPerson({ role: "editor" }), await server.addPerson({ role: "editor" })];
  const theirs = await server.client(one);
  const taken = await theirs.json("PATCH", "/api/v1/auth/me", { email: two.email, name: "Never" }, 409);
  assert.match(taken.detail, /already registered/);
  const path = `/api/v1/auth/users/${one.id}`;
  await admin.json("PATCH", path, { email: two.email, role: "viewer" }, 409);
  const { role, name } = await admin.json("GET", path);
  assert.deepEqual([role, name], ["editor", "editor"]);
  await server.addPerson({ tenant: "elsewhere", email: "free@example.org" });
  await theirs.json("PATCH", "/api/v1/auth/me", { email: "free@example.org" });
  const email = uniqueEmail();
  const both = [theirs, await server.client(two)].map((client) =>
    statusOf(client.fetch("/api/v1/auth/me", {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email }),
    }))
  );
  assert.deepEqual((await Promise.all(both)).toSorted(), [200, 409]);
});

Deno.test("only superusers change the address of a superuser", async () => {
  const admin = await server.client();
  const root = await server.addPerson({ superuser: true });
  await admin.json("PATCH", `/api/v1/auth/users/${root.id}`, { email: uniqueEmail() }, 403);
});

Deno.test("register is for administrators", async () => {
  const body = { email: "x@example.org", password: GOOD };
  assert.equal(await statusOf(postJson(server, REGISTER, body)), 401);
  const manager = await server.client(await server.addPerson({ role: "manager" }));
  await manager.json("POST", REGISTER, body, 403);
});

Deno.test(
  "register refuses a common password, and one made of the account's name and address",
  async () => {
    const admin = await server.client();
    const common = ["Password123", "dimazarya", "01011961", "TrustNo1"];
    const own = ["herons@example.org", "HERONS@example.org", "Grey Herons", "Herons-2027!", "example.2027"];
    const ours = ["Akashi2027!", "akashi.akashi.akashi", "Evening-News1"];
    for (const password of [...common, ...own, ...ours]) {
      const body = { email: "herons@example.org", name: "grey herons", password };
      const refused = await admin.json("POST", REGISTER, body, 422);
      assert.equal(refused.errors[0]!.path, "password", password);
    }
    await register(admin, { email: "akashi@example.org", password: "grey herons over akashi" });
  },
);

Deno.test("register refuses an invalid and a missing address", async () => {
  const admin = await server.client();
  await admin.json("POST", REGISTER, { password: GOOD, email: "nothing" }, 422);
  await admin.json("POST", REGISTER, { password: GOOD }, 422);
});

Deno.test("users are listed by name, deactivated ones on request", async () => {
  const admin = await openTenant();
  const emails = async (query = "") => {
    const users: User[] = await admin.json("GET", `/api/v1/auth/users${query}`);
    return users.map((user) => user.email);
  };
  const [present, gone] = [uniqueEmail(), uniqueEmail()];
  await register(admin, { email: present });
  const all = await emails();
  assert.ok(all.includes(present));
  assert.deepEqual(await emails("?limit=1&skip=1"), [all[1]]);
  const { id } = await register(admin, { email: gone });
  await admin.json("DELETE", `/api/v1/auth/users/${id}`);
  assert.ok(!(await emails()).includes(gone));
  assert.ok((await emails("?include_inactive=true")).includes(gone));
  await admin.json("GET", "/api/v1/auth/users?limit=0", undefined, 422);
});

Deno.test(
  "demotion and deactivation take effect with the next request; revoked sessions stay revoked",
  async () => {
    const admin = await server.client();
    const person = await server.addPerson({ role: "editor" });
    const theirs = await server.client(person);
    const path = `/api/v1/auth/users/${person.id}`;
    await theirs.json("POST", "/api/v1/assets", { title: "mine", asset_type: "video" }, 201);
    const demoted: User = await admin.json("PATCH", path, { role: "viewer", name: "Less" });
    assert.equal(demoted.role, "viewer");
    await theirs.json("POST", "/api/v1/assets", { title: "mine" }, 403);
    const deactivated: User = await admin.json("DELETE", path);
    assert.equal(deactivated.id, person.id);
    await theirs.json("GET", "/api/v1/auth/me", undefined, 401);
    const active: User = await admin.json("PATCH", path, { is_active: true });
    assert.equal(active.is_active, true);
    await theirs.json("GET", "/api/v1/auth/me", undefined, 401);
    await server.client(person);
  },
);

Deno.test("members can neither deactivate nor demote themselves, but rename", async () => {
  const person = await server.addPerson({ role: "admin" });
  const admin = await server.client(person);
  const path = `/api/v1/auth/users/${person.id}`;
  await admin.json("DELETE", path, undefined, 409);
  await admin.json("PATCH", path, { role: "viewer" }, 409);
  await admin.json("PATCH", path, { is_active: false }, 409);
  const renamed: User = await admin.json("PATCH", path, { name: "Still here", role: "admin" });
  assert.equal(renamed.name, "Still here");
});

Deno.test("the last administrator stays, also when two demote each other in parallel", async () => {
  const [one, two] = [
    await server.addPerson({ tenant: "pair", role: "admin" }),
    await server.addPerson({ tenant: "pair", role: "admin" }),
  ];
  const [first, second] = [await server.client(one), await server.client(two)];
  const statuses = await Promise.all([demote(first, two), demote(second, one)]);
  const [left] = await server.platform.db.asSystem((sql) =>
    sql`select count(*) from users u join tenants t on t.id = u.tenant_id where t.code = 'pair' and role = 'admin'`
  );
  assert.equal(left!.count, 1);
  const root = await server.client(await server.addPerson({ superuser: true }));
  const last = statuses[0] === 200 ? one : two;
  const body = { role: "editor", tenant_code: "pair" };
  const refused = await root.json("PATCH", `/api/v1/auth/users/${last.id}`, body, 409);
  assert.match(refused.detail, /last administrator/);
});

Deno.test("only superusers change superusers", async () => {
  const admin = await server.client();
  const root = await server.addPerson({ superuser: true });
  await admin.json("PATCH", `/api/v1/auth/users/${root.id}`, { role: "viewer" }, 403);
  await admin.json("DELETE", `/api/v1/auth/users/${root.id}`, undefined, 403);
});

Deno.test("an invitation creates one account with its role", async () => {
  const admin = await openTenant();
  const made = await invite(admin, { email: "Bia@Example.org", role: "manager" });
  const listed = await admin.json("GET", INVITATIONS);
  assert.equal(listed[0]!.id, made.id);
  assert.ok(!("token" in listed[0]!));
  const weak = { token: made.token, password: "bia@example.org" };
  assert.equal(await statusOf(postJson(server, REGISTER, weak)), 422);
  const acceptance = { token: made.token, password: GOOD, name: "Bia", role: "admin" };
  const answers = await Promise.all([1, 2, 3].map(() => postJson(server, REGISTER, acceptance)));
  assert.deepEqual(answers.map((answer) => answer.status).toSorted(), [201, 422, 422]);
  const bodies: Partial<User>[] = await Promise.all(answers.map((answer) => answer.json()));
  const user = bodies.find((body) => body.email)!;
  assert.deepEqual([user.email, user.role, user.name], ["bia@example.org", "manager", "Bia"]);
  assert.deepEqual(await admin.json("GET", INVITATIONS), []);
  await admin.json("POST", INVITATIONS, { email: "bia@example.org" }, 409);
});

Deno.test(
  "accepting an invitation while its account is created gives one account and a conflict",
  async () => {
    const admin = await server.client();
    for (let round = 0; round < 10; round++) {
      const email = `both-${round}@example.org`;
      const { token } = await invite(admin, { email });
      const made = statusOf(admin.fetch(REGISTER, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ email, password: GOOD }),
      }));
      const accepted = statusOf(postJson(server, REGISTER, { token, password: GOOD }));
      const statuses = await Promise.all([made, accepted]);
      assert.deepEqual(statuses.toSorted(), [201, 409]);
    }
  },
);

Deno.test("an account of another tenant accepts an invitation that names this one", async () => {
  const admin = await server.client();
  const { token } = await invite(admin, { email: "dora@example.org" });
  const guest = await server.client(await server.addPerson({ tenant: "elsewhere" }));
  const user = await register(guest, { token, tenant_code: "akashi" });
  assert.equal(user.tenant_code, "akashi");
});

Deno.test("an invitation is invalid when revoked, replaced or expired", async () => {
  const admin = await server.client();
  const caio = { email: "caio@example.org" };
  const accept = (token: string) => statusOf(postJson(server, REGISTER, { token, password: GOOD }));
  const first = await invite(admin, caio);
  const second = await invite(admin, caio);
  assert.equal(await accept(first.token), 422);
  await admin.json("DELETE", `${INVITATIONS}/${second.id}`);
  await admin.json("DELETE", `${INVITATIONS}/${second.id}`, undefined, 404);
  assert.equal(await accept(second.token), 422);
  const third = await invite(admin, caio);
  await server.platform.db.asSystem((sql) =>
    sql`update invitations set expires_at = now() where id = ${third.id}`
  );
  assert.equal(await accept(third.token), 422);
  assert.equal(await accept("nonsense"), 422);
});

Deno.test("sign-in hashes a password again when the parameters have changed", async () => {
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

Deno.test("change-password refuses a common password", async () => {
  const mine = await server.client();
  const body = { current_password: PASSWORD, new_password: "qwertyuiop" };
  const refused = await mine.json("POST", "/api/v1/auth/me/change-password", body, 422);
  assert.equal(refused.errors[0]!.path, "new_password");
});

Deno.test("sessions are listed with address and last use, and revoked one by one", async () => {
  const person = await server.addPerson({ role: "viewer" });
  const [here, there] = [await server.client(person), await server.client(person)];
  const listed: Session[] = await here.json("GET", "/api/v1/auth/sessions");
  assert.equal(listed.length, 2);
  assert.equal(listed.filter((each) => each.is_current).length, 1);
  assert.ok(listed[0]!.address && listed[0]!.user_agent);
  const other = `/api/v1/auth/sessions/${listed.find((each) => !each.is_current)!.id}`;
  const admin = await server.client();
  await admin.json("DELETE", other, undefined, 404);
  const age = (minutes: number) =>
    server.platform.db.asSystem((sql) =>
      sql`update sessions set created_at = now() - make_interval(mins => ${minutes}) where user_id = ${person.id}`
    );
  await age(16);
  const refused = await here.json("DELETE", other, undefined, 403);
  assert.match(refused.detail, /Sign in again/);
  await there.json("GET", "/api/v1/auth/me");
  await age(0);
  await here.json("DELETE", other);
  await there.json("GET", "/api/v1/auth/me", undefined, 401);
  await here.json("DELETE", other, undefined, 404);
  await age(16);
  await here.json("POST", "/api/v1/auth/logout");
});

/** An administrator of a new tenant, for a case that reads a whole list. */
async function openTenant(): Promise<Client> {
  const tenant = `t-${crypto.randomUUID().slice(0, 8)}`;
  return await server.client(await server.addPerson({ tenant }));
}

function uniqueEmail(): string {
  return `${crypto.randomUUID().slice(0, 8)}@example.org`;
}

function register(by: Client, fields: object): Promise<User> {
  return by.json("POST", REGISTER, { password: GOOD, ...fields }, 201);
}

function invite(
  by: Client,
  fields: { email: string; role?: string },
): Promise<Invitation & { token: string }> {
  return by.json("POST", INVITATIONS, fields, 201);
}

/** The status of making this administrator an editor. */
function demote(by: Client, { id }: Person): Promise<number> {
  return statusOf(by.fetch(`/api/v1/auth/users/${id}`, {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ role: "editor" }),
  }));
}
