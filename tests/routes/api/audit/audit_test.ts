import assert from "node:assert/strict";
import type { AuditEntry } from "../../../../lib/audit/schema.ts";
import { verifyAudit } from "../../../../lib/audit/verify.ts";
import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import { tinyPng } from "../../../support/media.ts";
import { type Client, openTestServer, PASSWORD, type TestServer } from "../../../support/server.ts";

const ASSET = { title: "made by the operator", asset_type: "video" };

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("the audit lists who did what to what, with the changed fields", async () => {
  const person = await server.addPerson();
  const admin = await server.client(person);
  const { id } = await createAsset(admin, "Before");
  await admin.json("PATCH", `/api/v1/assets/${id}`, { title: "After", description: null });
  await admin.json("DELETE", `/api/v1/assets/${id}`);
  await admin.json("POST", `/api/v1/assets/${id}/restore`);
  await admin.json("DELETE", `/api/v1/assets/${id}?hard_delete=true`);
  const entries = await listEntries(admin, `&target_id=${id}`);
  assert.deepEqual(entries.map((entry) => entry.action), [
    "asset.delete",
    "asset.restore",
    "asset.trash",
    "asset.update",
    "asset.create",
  ]);
  const update = entries[3]!;
  assert.deepEqual([update.before, update.after], [{ title: "Before" }, { title: "After" }]);
  assert.equal(update.actor_name, person.email);
  assert.ok(update.address && update.request_id);
});

Deno.test("the audit records changes of accounts, keys and sessions, the API key that made one, and no secret", async () => {
  const person = await server.addPerson({ tenant: "recorded" });
  const admin = await server.client(person);
  const { id } = await register(admin, { email: "new@example.org", role: "editor" });
  const key: { id: string; key: string } = await admin.json(
    "POST",
    "/api/v1/api-keys",
    { name: "robot", scopes: ["admin"] },
    201,
  );
  const robot = await fetch(`${server.url}/api/v1/auth/users/${id}`, {
    method: "PATCH",
    headers: { "X-API-Key": key.key, "Content-Type": "application/json" },
    body: JSON.stringify({ role: "viewer" }),
  });
  assert.equal(robot.status, 200, await robot.text());
  await admin.json("DELETE", `/api/v1/auth/users/${id}`);
  await admin.json("POST", `/api/v1/api-keys/${key.id}/revoke`);
  const token = await invite(admin, "guest@example.org");
  await register(admin, { token });
  const ingested = await admin.fetch("/api/v1/ingest/a.png", { method: "PUT", body: tinyPng() });
  assert.equal(ingested.status, 201, await ingested.text());
  await (await server.client(person)).json("POST", "/api/v1/auth/logout");
  const entries = await listEntries(admin);
  const actions = entries.map((entry) => entry.action);
  for (
    const action of [
      "user.create",
      "user.update",
      "user.deactivate",
      "api_key.create",
      "api_key.revoke",
      "invitation.create",
      "invitation.accept",
      "asset.create",
      "session.create",
      "session.delete",
    ]
  ) {
    assert.ok(actions.includes(action), action);
  }
  assert.equal(entries.find((entry) => entry.action === "user.update")!.api_key_id, key.id);
  const everything = JSON.stringify(entries);
  for (const secret of [PASSWORD, token, key.key, admin.token, "$argon2"]) {
    assert.ok(!everything.includes(secret), secret.slice(0, 6));
  }
});

Deno.test("a tenant's audit tells what superusers of another tenant change and read there, each address once an hour", async () => {
  const admin = await server.client(await server.addPerson({ tenant: "visited" }));
  const superuser = await server.addPerson({ superuser: true });
  const operator = await server.client(superuser);
  const { tenant_id } = await admin.json("GET", "/api/v1/auth/me");
  await operator.json("PATCH", `/api/v1/tenants/${tenant_id}`, { name: "Renamed" });
  const { id } = await operator.json("POST", "/api/v1/assets?tenant_code=visited", ASSET, 201);
  for (let round = 0; round < 3; round++) {
    await operator.json("GET", `/api/v1/assets/${id}?tenant_code=visited`);
    await operator.json("GET", "/api/v1/assets?tenant_code=visited&search=made");
    await operator.json("GET", `/api/v1/tenants/${tenant_id}`);
  }
  const entries = (await listEntries(admin)).filter(({ actor_name }) => actor_name === superuser.email);
  assert.deepEqual(entries.map(({ action, target_name }) => `${action} ${target_name}`).toReversed(), [
    "tenant.update visited",
    `asset.create ${ASSET.title}`,
    `tenant.read /api/v1/assets/${id}`,
    "tenant.read /api/v1/assets",
    `tenant.read /tenants/${tenant_id}`,
  ]);
  const own = await listEntries(operator, `&target_id=${tenant_id}`);
  assert.deepEqual(
    own.map(({ action }) => action),
    ["tenant.update"],
    "their own tenant's audit tells it too",
  );
  const { problems } = await verifyAudit(server.platform.db);
  assert.deepEqual(problems, []);
});

Deno.test("what superusers read in their own tenant leaves no entry", async () => {
  const superuser = await server.addPerson({ tenant: "own-reading", superuser: true });
  const operator = await server.client(superuser);
  await operator.json("GET", "/api/v1/assets?tenant_code=own-reading");
  await operator.json("GET", `/api/v1/tenants/${superuser.tenantId}`);
  assert.deepEqual((await listEntries(operator)).map(({ action }) => action), ["session.create"]);
});

Deno.test("the audit is filtered by action, actor and time", async () => {
  const person = await server.addPerson({ tenant: "filtered" });
  const admin = await server.client(person);
  await register(admin, { email: "filtered@example.org" });
  await register(admin, { token: await invite(admin, "invited@example.org") });
  const { id } = await createAsset(admin, "Trashed");
  await admin.json("DELETE", `/api/v1/assets/${id}`);
  assert.deepEqual((await listEntries(admin, "&action=user.create")).map((entry) => entry.action), [
    "user.create",
    "user.create",
  ]);
  assert.equal((await listEntries(admin, "&to=2020-01-01T00:00:00Z")).length, 0);
  assert.equal((await listEntries(admin, `&actor_id=${person.id}&action=asset.trash`)).length, 1);
  await admin.json("GET", "/api/v1/audit?action=nonsense", undefined, 422);
});

Deno.test("the audit is paged by cursor and exported completely", async () => {
  const admin = await server.client(await server.addPerson({ tenant: "paged" }));
  await createAssets(admin, 9);
  const all = await listEntries(admin);
  assert.equal(all.length, 10);
  const seen: number[] = [];
  let cursor = "";
  do {
    const page = await admin.json("GET", `/api/v1/audit?page_size=3${cursor}`);
    seen.push(...page.items.map((entry) => entry.seq));
    cursor = page.next_cursor ? `&cursor=${page.next_cursor}` : "";
  } while (cursor);
  assert.deepEqual(seen, all.map((entry) => entry.seq));
  const csv = await admin.fetch("/api/v1/audit/export");
  assert.equal(csv.headers.get("Content-Type"), "text/csv; charset=utf-8");
  const lines = (await csv.text()).trimEnd().split("\r\n");
  assert.match(lines[0]!, /^id,seq,action,/);
  assert.equal(lines.length, all.length + 2, "the export tells of itself too");
  assert.match(lines[1]!, /audit\.export/);
});

Deno.test("the export escapes text that spreadsheets take for a formula", async () => {
  const admin = await server.client();
  const { id } = await createAsset(admin, '=HYPERLINK("x")');
  const csv = await (await admin.fetch(`/api/v1/audit/export?target_id=${id}`)).text();
  assert.ok(csv.includes(`"'=HYPERLINK(""x"")"`), csv);
});

Deno.test("the audit is readable by administrators of the same tenant only", async () => {
  await server.client(await server.addPerson({ tenant: "readable" }));
  const manager = await server.client(await server.addPerson({ role: "manager", tenant: "readable" }));
  await manager.json("GET", "/api/v1/audit", undefined, 403);
  await manager.json("GET", "/api/v1/audit/export", undefined, 403);
  const other = await server.client(await server.addPerson({ tenant: "elsewhere" }));
  const { items } = await other.json("GET", "/api/v1/audit");
  assert.deepEqual(items.map((entry) => entry.action), ["session.create"]);
});

Deno.test("the audit cannot be changed or deleted by the roles that requests run under", async () => {
  const { db } = server.platform;
  const { tenantId } = await server.addPerson();
  const attempts = [
    () => db.asTenant(tenantId, (sql) => sql`update audit_entries set action = 'x'`),
    () => db.asTenant(tenantId, (sql) => sql`delete from audit_entries`),
    () => db.asSystem((sql) => sql`update audit_entries set action = 'x'`),
    () => db.asSystem((sql) => sql`delete from audit_entries`),
    () => db.asSystem((sql) => sql`truncate audit_entries`),
  ];
  for (const attempt of attempts) await assert.rejects(attempt(), /permission denied/);
});

Deno.test("parallel changes make one chain without gaps", async () => {
  const admin = await server.client(await server.addPerson({ tenant: "parallel" }));
  await createAssets(admin, 20);
  const seqs = (await listEntries(admin)).map((entry) => entry.seq).toSorted((a, b) => a - b);
  assert.equal(seqs.length, 21);
  assert.deepEqual(seqs, seqs.map((_, i) => i + 1));
  assert.deepEqual((await verifyAudit(server.platform.db)).problems, []);
});

Deno.test("verifyAudit() reports entries that were changed, are missing or were cut off", async () => {
  // A server of its own: the chain stays broken.
  const broken = await openTestServer();
  const { db } = broken.platform;
  const person = await broken.addPerson({ tenant: "house" });
  const admin = await broken.client(person);
  const { id } = await createAsset(admin, "Before");
  await admin.json("PATCH", `/api/v1/assets/${id}`, { title: "After" });
  await createAssets(admin, 5);
  const { heads } = await verifyAudit(db);
  const head = heads.find(({ tenant }) => tenant === "house")!;
  assert.deepEqual((await verifyAudit(db, heads)).problems, []);

  // Only the owner of the schema can do this; the chain exists to detect it.
  await db.asOwner((sql) => sql`alter table audit_entries no force row level security`);
  const problems = async () => (await verifyAudit(db, [head])).problems;
  const update = (seq: number, action: string) =>
    db.asOwner((sql) =>
      sql`update audit_entries set action = ${action} where seq = ${seq} and tenant_id = ${person.tenantId}`
    );
  const remove = (seq: number) =>
    db.asOwner((sql) => sql`delete from audit_entries where seq = ${seq} and tenant_id = ${person.tenantId}`);
  const [third] = (await listEntries(admin)).filter((entry) => entry.seq === 3);
  await update(3, "asset.create");
  assert.deepEqual(await problems(), ["house: entry 3 was changed"]);
  await update(3, third!.action);
  assert.deepEqual(await problems(), []);
  await remove(head.seq);
  assert.deepEqual(await problems(), [`house: entry ${head.seq} is not the one noted, or was cut off`]);
  await remove(5);
  assert.ok((await problems()).includes("house: entry 5 is missing"));
  await broken.close();
});

async function listEntries(admin: Client, query = ""): Promise<AuditEntry[]> {
  return (await admin.json("GET", `/api/v1/audit?page_size=100${query}`)).items;
}

function createAsset(admin: Client, title: string): Promise<AssetDetail> {
  return admin.json("POST", "/api/v1/assets", { title, asset_type: "video" }, 201);
}

/** Creates so many assets at the same time. */
function createAssets(admin: Client, count: number): Promise<AssetDetail[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => createAsset(admin, `a${i}`)));
}

function register(admin: Client, account: Record<string, string>): Promise<{ id: string }> {
  return admin.json("POST", "/api/v1/auth/register", { password: PASSWORD, ...account }, 201);
}

/** Answers the token of the invitation. */
async function invite(admin: Client, email: string): Promise<string> {
  const invitation: { token: string } = await admin.json(
    "POST",
    "/api/v1/auth/invitations",
    { email, role: "viewer" },
    201,
  );
  return invitation.token;
}
