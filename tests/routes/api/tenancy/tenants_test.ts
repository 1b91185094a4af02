import assert from "node:assert/strict";
import { openTestServer } from "../../../support/server.ts";

const TENANTS = "/api/v1/tenants";

Deno.test("tenants", async (t) => {
  const server = await openTestServer();
  const root = await server.client(await server.addPerson({ superuser: true }));

  await t.step("are created, listed and changed by superusers", async () => {
    const body = {
      code: "tv-sul",
      name: "TV Sul",
      type: "broadcaster",
      settings: { timezone: "America/Bahia" },
    };
    const made = await root.json("POST", TENANTS, body, 201);
    assert.equal(made.status, "active");
    assert.deepEqual(made.settings, body.settings);
    await root.json("POST", TENANTS, body, 409);
    for (const code of ["", "UPPER", "-x", "a b", "x".repeat(51)]) {
      await root.json("POST", TENANTS, { ...body, code }, 422);
    }
    const path = `${TENANTS}/${made.id}`;
    assert.equal((await root.json("PATCH", path, { name: "TV do Sul", code: "other" })).code, "tv-sul");
    assert.equal((await root.json("GET", path)).name, "TV do Sul");
    const all = await root.json("GET", TENANTS);
    assert.ok(all.items.some((each: { id: string }) => each.id === made.id));
    assert.equal(all.total, all.items.length);
    const ids: string[] = [];
    let cursor: string | null = "";
    do {
      const page: { items: { id: string }[]; next_cursor: string | null } = await root.json(
        "GET",
        `${TENANTS}?page_size=1${cursor && `&cursor=${cursor}`}`,
      );
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor);
    assert.deepEqual(ids, all.items.map(({ id }: { id: string }) => id), "pages by cursor lose nothing");
    await root.json("GET", `${TENANTS}?cursor=nonsense`, undefined, 422);
    const admin = await server.client(await server.addPerson());
    await admin.json("GET", TENANTS, undefined, 403);
    await admin.json("PATCH", path, { name: "mine" }, 403);
  });

  await t.step("a superuser invites the first administrator of a new tenant", async () => {
    const invited = { email: "first@example.org", role: "admin", tenant_code: "tv-sul" };
    const { token } = await root.json("POST", "/api/v1/auth/invitations", invited, 201);
    const user = await root.json("POST", "/api/v1/auth/register", { token, password: "two grey owls" }, 201);
    assert.equal(user.tenant_code, "tv-sul");
    const admin = await server.client(await server.addPerson());
    await admin.json("POST", "/api/v1/auth/invitations", invited, 403);
    await root.json("POST", "/api/v1/auth/invitations", { ...invited, tenant_code: "nowhere" }, 404);
  });

  await t.step("suspension signs members out immediately, resuming lets them sign in again", async () => {
    const person = await server.addPerson({ tenant: "closing" });
    const client = await server.client(person);
    const path = `${TENANTS}/${person.tenantId}`;
    await client.json("GET", "/api/v1/assets");
    await root.json("PATCH", path, { status: "suspended" });
    await client.json("GET", "/api/v1/assets", undefined, 401);
    const login = await fetch(`${server.url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email: person.email, password: "correct horse battery staple" }),
    });
    assert.equal(login.status, 401);
    await login.body?.cancel();
    await root.json("PATCH", path, { status: "active" });
    await server.client(person);
  });

  await t.step("members of a read-only tenant read but cannot change, by API, key and page", async () => {
    const person = await server.addPerson({ tenant: "resting" });
    const client = await server.client(person);
    const { key } = await client.json("POST", "/api/v1/api-keys", { name: "k", scopes: ["write"] }, 201);
    const { id } = await client.json("POST", "/api/v1/assets", { title: "Kept", asset_type: "video" }, 201);
    await root.json("PATCH", `${TENANTS}/${person.tenantId}`, { status: "read_only" });
    assert.equal((await client.json("GET", `/api/v1/assets/${id}`)).title, "Kept");
    const signedIn = await server.client(person);
    const refused = await signedIn.json("PATCH", `/api/v1/assets/${id}`, { title: "Changed" }, 403);
    assert.match(refused.detail, /read-only/);
    await client.json("POST", "/api/v1/assets", { title: "More", asset_type: "video" }, 403);
    await client.json("DELETE", `/api/v1/assets/${id}`, undefined, 403);
    await client.json("POST", "/api/v1/auth/invitations", { email: "new@example.org" }, 403);
    await client.json("POST", "/api/v1/jobs/process-pending", {}, 403);
    const raw = await client.fetch("/api/v1/ingest/a.bin", { method: "PUT", body: "bytes" });
    assert.equal(raw.status, 403);
    await raw.body?.cancel();
    const byKey = await fetch(`${server.url}/api/v1/assets/${id}`, {
      method: "PATCH",
      headers: { "X-API-Key": key, "Content-Type": "application/json" },
      body: '{"title":"Changed"}',
    });
    assert.equal(byKey.status, 403);
    await byKey.body?.cancel();
    for (const language of ["en", "pt-BR"]) {
      const headers = { "Accept-Language": language };
      await client.json("PATCH", "/api/v1/auth/me", { language });
      const page = await (await client.fetch("/", { headers })).text();
      assert.match(page, language === "en" ? /is read-only here/ : /somente leitura/);
      assert.doesNotMatch(page, /data-upload/);
      const form = new URLSearchParams({ title: "Changed" });
      const answer = await client.fetch(`/assets/${id}`, { method: "POST", body: form, headers });
      assert.equal(answer.status, 403);
      assert.match(await answer.text(), language === "en" ? /is read-only</ : /somente leitura</);
    }
    await root.json("PATCH", `/api/v1/assets/${id}?tenant_code=resting`, { title: "By a superuser" });
    await client.json("POST", "/api/v1/auth/logout");
    await root.json("PATCH", `${TENANTS}/${person.tenantId}`, { status: "active" });
    await signedIn.json("PATCH", `/api/v1/assets/${id}`, { title: "Changed" });
  });

  await t.step("a superuser cannot suspend their own tenant", async () => {
    const me = await root.json("GET", "/api/v1/auth/me");
    await root.json("PATCH", `${TENANTS}/${me.tenant_id}`, { status: "suspended" }, 409);
    const elsewhere = { status: "suspended", tenant_code: "tv-sul" };
    await root.json("PATCH", `${TENANTS}/${me.tenant_id}`, elsewhere, 409);
  });

  await server.close();
});
