import assert from "node:assert/strict";
import { verifyAudit } from "../../../../lib/audit/verify.ts";
import { tinyPng } from "../../../support/media.ts";
import { openTestServer, PASSWORD } from "../../../support/server.ts";

Deno.test("audit", async (t) => {
  const server = await openTestServer();
  const { db } = server.platform;
  const person = await server.addPerson({ role: "admin", tenant: "house" });
  const admin = await server.client(person);
  const list = async (query = "") => (await admin.json("GET", `/api/v1/audit?page_size=100${query}`)).items;

  await t.step("lists who did what to what, with the changed fields", async () => {
    const asset = await admin.json("POST", "/api/v1/assets", { title: "Before" }, 201);
    await admin.json("PATCH", `/api/v1/assets/${asset.id}`, { title: "After", description: null });
    await admin.json("DELETE", `/api/v1/assets/${asset.id}`);
    await admin.json("POST", `/api/v1/assets/${asset.id}/restore`);
    await admin.json("DELETE", `/api/v1/assets/${asset.id}?hard_delete=true`);
    const entries = await list(`&target_id=${asset.id}`);
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

  await t.step(
    "records every change of accounts, keys and sessions, and the API key that made it",
    async () => {
      const register = { email: "new@example.org", password: PASSWORD, role: "editor" };
      const user = await admin.json("POST", "/api/v1/auth/register", register, 201);
      const key = await admin.json("POST", "/api/v1/api-keys", { name: "robot", scopes: ["admin"] }, 201);
      const robot = await fetch(`${server.url}/api/v1/auth/users/${user.id}`, {
        method: "PATCH",
        headers: { "X-API-Key": key.key, "Content-Type": "application/json" },
        body: JSON.stringify({ role: "viewer" }),
      });
      assert.equal(robot.status, 200, await robot.text());
      await admin.json("DELETE", `/api/v1/auth/users/${user.id}`);
      await admin.json("POST", `/api/v1/api-keys/${key.id}/revoke`);
      const invitation = { email: "guest@example.org", role: "viewer" };
      const { token } = await admin.json("POST", "/api/v1/auth/invitations", invitation, 201);
      await admin.json("POST", "/api/v1/auth/register", { token, password: PASSWORD }, 201);
      const form = new FormData();
      form.set("file", new File([tinyPng()], "a.png"));
      const ingested = await admin.fetch("/api/v1/ingest", { method: "POST", body: form });
      assert.equal(ingested.status, 201, await ingested.text());
      await (await server.client(person)).json("POST", "/api/v1/auth/logout");
      const entries = await list();
      const said = entries.map((entry) => entry.action);
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
        assert.ok(said.includes(action), action);
      }
      assert.equal(entries.find((entry) => entry.action === "user.update")!.api_key_id, key.id);
      const everything = JSON.stringify(entries);
      for (const secret of [PASSWORD, token, key.key, admin.token, "$argon2"]) {
        assert.ok(!everything.includes(secret), secret.slice(0, 6));
      }
    },
  );

  await t.step("is filtered, paged by cursor and exported completely", async () => {
    const all = await list();
    assert.deepEqual((await list("&action=user.create")).map((entry) => entry.action), [
      "user.create",
      "user.create",
    ]);
    assert.equal((await list("&to=2020-01-01T00:00:00Z")).length, 0);
    assert.equal((await list(`&actor_id=${person.id}&action=asset.trash`)).length, 1);
    const seen: number[] = [];
    let cursor = "";
    do {
      const page = await admin.json("GET", `/api/v1/audit?page_size=3${cursor}`);
      seen.push(...page.items.map((entry) => entry.seq));
      cursor = page.next_cursor ? `&cursor=${page.next_cursor}` : "";
    } while (cursor);
    assert.deepEqual(seen, all.map((entry) => entry.seq));
    await admin.json("GET", "/api/v1/audit?action=nonsense", undefined, 422);
    const csv = await admin.fetch("/api/v1/audit/export");
    assert.equal(csv.headers.get("Content-Type"), "text/csv; charset=utf-8");
    const lines = (await csv.text()).trimEnd().split("\r\n");
    assert.match(lines[0]!, /^id,seq,action,/);
    assert.equal(lines.length, all.length + 1);
  });

  await t.step("the export escapes text that spreadsheets take for a formula", async () => {
    const asset = await admin.json("POST", "/api/v1/assets", { title: '=HYPERLINK("x")' }, 201);
    const csv = await (await admin.fetch(`/api/v1/audit/export?target_id=${asset.id}`)).text();
    assert.ok(csv.includes(`"'=HYPERLINK(""x"")"`), csv);
  });

  await t.step("is readable by administrators of the same tenant only", async () => {
    const manager = await server.client(await server.addPerson({ role: "manager", tenant: "house" }));
    await manager.json("GET", "/api/v1/audit", undefined, 403);
    await manager.json("GET", "/api/v1/audit/export", undefined, 403);
    const other = await server.client(await server.addPerson({ tenant: "elsewhere" }));
    const { items } = await other.json("GET", "/api/v1/audit");
    assert.deepEqual(items.map((entry) => entry.action), ["session.create"]);
  });

  await t.step("cannot be changed or deleted by the roles that requests run under", async () => {
    const attempts = [
      () => db.asTenant(person.tenantId, (sql) => sql`update audit_entries set action = 'x'`),
      () => db.asTenant(person.tenantId, (sql) => sql`delete from audit_entries`),
      () => db.asSystem((sql) => sql`update audit_entries set action = 'x'`),
      () => db.asSystem((sql) => sql`delete from audit_entries`),
      () => db.asSystem((sql) => sql`truncate audit_entries`),
    ];
    for (const attempt of attempts) await assert.rejects(attempt(), /permission denied/);
  });

  await t.step("parallel changes make one chain without gaps", async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => admin.json("POST", "/api/v1/assets", { title: `a${i}` }, 201)),
    );
    const seqs = (await list()).map((entry) => entry.seq).toSorted((a, b) => a - b);
    assert.deepEqual(seqs, seqs.map((_, i) => i + 1));
    assert.deepEqual((await verifyAudit(db)).problems, []);
  });

  await t.step("verifyAudit() reports entries that were changed, are missing or were cut off", async () => {
    const { heads } = await verifyAudit(db);
    const head = heads.find(({ tenant }) => tenant === "house")!;
    assert.deepEqual((await verifyAudit(db, heads)).problems, []);
    const problemsAfter = async (change: (asOwner: typeof db.asOwner) => Promise<unknown>) => {
      // Only the owner of the schema can do this; the chain exists to detect it.
      await db.asOwner((sql) => sql`alter table audit_entries no force row level security`);
      await change(db.asOwner);
      const { problems } = await verifyAudit(db, [head]);
      return problems;
    };
    const update = async (seq: number, action: string) =>
      await problemsAfter((asOwner) =>
        asOwner((sql) =>
          sql`update audit_entries set action = ${action} where seq = ${seq} and tenant_id = ${person.tenantId}`
        )
      );
    const [third] = (await list()).filter((entry) => entry.seq === 3);
    assert.deepEqual(await update(3, "asset.create"), ["house: entry 3 was changed"]);
    assert.deepEqual(await update(3, third!.action), []);
    const remove = (seq: number) =>
      problemsAfter((asOwner) =>
        asOwner((sql) => sql`delete from audit_entries where seq = ${seq} and tenant_id = ${person.tenantId}`)
      );
    assert.deepEqual(await remove(head.seq), [
      `house: entry ${head.seq} is not the one noted, or was cut off`,
    ]);
    assert.ok((await remove(5)).includes("house: entry 5 is missing"));
  });

  await server.close();
});
