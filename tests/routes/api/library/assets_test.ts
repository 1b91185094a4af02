import assert from "node:assert/strict";
import { tinyPng } from "../../../support/media.ts";
import { type Client, openTestServer } from "../../../support/server.ts";

async function ingestBytes(
  client: Client,
  bytes: Uint8Array<ArrayBuffer>,
  name = "a.png",
  fields: Record<string, string> = {},
) {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) form.set(key, value);
  form.set("file", new File([bytes], name));
  const response = await client.fetch("/api/v1/ingest", { method: "POST", body: form });
  assert.equal(response.status, 201, await response.clone().text());
  return await response.json();
}

Deno.test("assets", async (t) => {
  const server = await openTestServer();
  const client = await server.client();

  await t.step("create() makes a placeholder with every field of the contract", async () => {
    const asset = await client.json("POST", "/api/v1/assets", {
      title: "  Jornal das 8  ",
      code: "JN-2026-11-23",
      extra: { desk: "política", "emoji 🎬": [1, null] },
      unknown_field: "ignored",
    }, 201);
    const fields =
      `id tenant_id parent_id code slug external_ids asset_type derivative_type title description duration_ms
      recorded_at content_rating status visibility publish_status primary_storage_path file_size_bytes checksum_sha256
      extra created_by created_at updated_at deleted_at storage_locations technical_metadata keywords markers`;
    for (const field of fields.split(/\s+/)) assert.ok(field in asset, field);
    assert.equal(asset.title, "Jornal das 8");
    assert.equal(asset.status, "ingesting");
    assert.deepEqual(asset.extra, { desk: "política", "emoji 🎬": [1, null] });
    assert.match(asset.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);
    assert.match(asset.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    const taken = await client.json("POST", "/api/v1/assets", { title: "x", code: "JN-2026-11-23" }, 409);
    assert.equal(taken.code, "conflict");
  });

  await t.step("create() and update() refuse invalid fields", async () => {
    const cases: [object, string][] = [
      [{}, "title"],
      [{ title: "" }, "title"],
      [{ title: "x".repeat(501) }, "title"],
      [{ title: "a\u0000b" }, "title"],
      [{ title: "a\ud800" }, "title"],
      [{ title: "x", asset_type: "hologram" }, "asset_type"],
      [{ title: "x", visibility: "secret" }, "visibility"],
      [{ title: "x", extra: { a: "\u0000" } }, "extra"],
      [{ title: "x", content_rating: "21" }, "content_rating"],
    ];
    for (const [body, path] of cases) {
      const problem = await client.json("POST", "/api/v1/assets", body, 422);
      assert.equal(problem.errors[0]!.path, path, JSON.stringify(body));
    }
    const { id } = await client.json("POST", "/api/v1/assets", { title: "x" }, 201);
    for (const status of ["ingesting", "processing", "deleted", "nonsense"]) {
      const problem = await client.json("PATCH", `/api/v1/assets/${id}`, { status }, 422);
      assert.equal(problem.errors[0]!.path, "status");
    }
  });

  await t.step("update() changes what the body names and nothing else", async () => {
    const { id } = await client.json("POST", "/api/v1/assets", {
      title: "before",
      description: "kept",
      extra: { a: 1 },
    }, 201);
    const patch = {
      title: "after",
      status: "review",
      content_rating: "12",
      extra: { b: 2 },
      recorded_at: "2020-02-02T10:00:00-03:00",
    };
    const asset = await client.json("PATCH", `/api/v1/assets/${id}`, patch);
    assert.deepEqual(
      [asset.title, asset.description, asset.status, asset.content_rating, asset.extra],
      ["after", "kept", "review", "12", { b: 2 }],
    );
    assert.equal(Date.parse(asset.recorded_at), Date.parse("2020-02-02T13:00:00Z"));
    assert.deepEqual((await client.json("PATCH", `/api/v1/assets/${id}`, {})).title, "after");
  });

  await t.step("unknown and malformed ids are 404 and 422", async () => {
    for (const [id, status] of [["0198c0de-0000-7000-8000-000000000000", 404], ["nonsense", 422]] as const) {
      await client.json("GET", `/api/v1/assets/${id}`, undefined, status);
      await client.json("PATCH", `/api/v1/assets/${id}`, { title: "x" }, status);
      await client.json("DELETE", `/api/v1/assets/${id}`, undefined, status);
      await client.json("POST", `/api/v1/assets/${id}/restore`, undefined, status);
    }
  });

  await t.step(
    "trash() hides, restore() brings back the earlier status, hard delete is final",
    async () => {
      const { id } = await client.json("POST", "/api/v1/assets", { title: "come and go" }, 201);
      await client.json("PATCH", `/api/v1/assets/${id}`, { status: "archived" });
      const gone = await client.json("DELETE", `/api/v1/assets/${id}`);
      assert.equal(gone.id, id);
      await client.json("GET", `/api/v1/assets/${id}`, undefined, 404);
      await client.json("PATCH", `/api/v1/assets/${id}`, { title: "x" }, 404);
      await client.json("DELETE", `/api/v1/assets/${id}`, undefined, 404);
      for (const yes of ["true", "True", "1"]) {
        const kept = await client.json("GET", `/api/v1/assets/${id}?include_deleted=${yes}`);
        assert.equal(kept.status, "deleted");
      }
      await client.json("GET", `/api/v1/assets/${id}?include_deleted=maybe`, undefined, 422);
      const trash = await client.json("GET", "/api/v1/assets?status=deleted");
      assert.deepEqual(trash.items.map((item) => item.id), [id]);
      assert.equal((await client.json("POST", `/api/v1/assets/${id}/restore`)).status, "archived");
      await client.json("POST", `/api/v1/assets/${id}/restore`, undefined, 409);
      const editor = await server.client(await server.addPerson({ role: "editor" }));
      await editor.json("DELETE", `/api/v1/assets/${id}?hard_delete=true`, undefined, 403);
      await client.json("DELETE", `/api/v1/assets/${id}?hard_delete=true`);
      await client.json("GET", `/api/v1/assets/${id}?include_deleted=true`, undefined, 404);
    },
  );

  await t.step("hard delete deletes the objects", async () => {
    const { asset_id } = await ingestBytes(client, tinyPng());
    const [location] = (await client.json("GET", `/api/v1/assets/${asset_id}`)).storage_locations;
    const ref = { bucket: "originals" as const, key: location!.path };
    assert.ok(await server.platform.storage.head(ref));
    await client.json("DELETE", `/api/v1/assets/${asset_id}?hard_delete=true`);
    assert.equal(await server.platform.storage.head(ref), undefined);
  });

  await t.step("a viewer reads and changes nothing", async () => {
    const viewer = await server.client(await server.addPerson({ role: "viewer" }));
    const { id } = await client.json("POST", "/api/v1/assets", { title: "seen" }, 201);
    assert.equal((await viewer.json("GET", `/api/v1/assets/${id}`)).title, "seen");
    await viewer.json("POST", "/api/v1/assets", { title: "x" }, 403);
    await viewer.json("PATCH", `/api/v1/assets/${id}`, { title: "x" }, 403);
    await viewer.json("DELETE", `/api/v1/assets/${id}`, undefined, 403);
    const form = new FormData();
    form.set("file", new File([tinyPng()], "a.png"));
    const response = await viewer.fetch("/api/v1/ingest", { method: "POST", body: form });
    assert.equal(response.status, 403);
    await response.body?.cancel();
  });

  await t.step("tenant_code names one's own tenant, or another one for superusers alone", async () => {
    await server.addPerson({ tenant: "elsewhere" });
    await client.json("GET", "/api/v1/assets?tenant_code=akashi");
    await client.json("GET", "/api/v1/assets?tenant_code=elsewhere", undefined, 403);
    const superuser = await server.client(await server.addPerson({ superuser: true }));
    assert.equal((await superuser.json("GET", "/api/v1/assets?tenant_code=elsewhere")).total, 0);
    await superuser.json("GET", "/api/v1/assets?tenant_code=nowhere", undefined, 404);
  });

  await server.close();
});

Deno.test("list", async (t) => {
  const server = await openTestServer();
  const client = await server.client();
  for (let i = 0; i < 45; i++) {
    await client.json("POST", "/api/v1/assets", {
      title: i % 3 === 0 ? `100% news_${i}` : `Item ${i}`,
      asset_type: i % 2 ? "audio" : "video",
    }, 201);
  }

  await t.step("every key is snake_case", async () => {
    const { items: [item] } = await client.json("GET", "/api/v1/assets?page_size=1");
    assert.deepEqual(Object.keys(item!).filter((key) => !/^[a-z0-9_]+$/.test(key)), []);
  });

  await t.step("pages by number and by cursor agree and lose nothing", async () => {
    const byNumber: string[] = [];
    for (let page = 1; page <= 3; page++) {
      const answer = await client.json("GET", `/api/v1/assets?page=${page}&page_size=20`);
      assert.deepEqual([answer.total, answer.pages, answer.page_size, answer.page], [45, 3, 20, page]);
      byNumber.push(...answer.items.map((item) => item.id));
    }
    const byCursor: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const cursor: string = next && `&cursor=${next}`;
      const answer = await client.json("GET", `/api/v1/assets?page_size=20${cursor}`);
      byCursor.push(...answer.items.map((item) => item.id));
      assert.deepEqual([answer.total, answer.total_is_estimate], [45, false]);
      next = answer.next_cursor;
    }
    const { created_at, id } = (await client.json("GET", "/api/v1/assets")).items[0]!;
    const uncounted = btoa(JSON.stringify([created_at, id])).replaceAll("+", "-").replaceAll("/", "_");
    assert.equal((await client.json("GET", `/api/v1/assets?cursor=${uncounted}`)).total, 45);
    assert.equal(new Set(byCursor).size, 45);
    assert.deepEqual(byCursor, byNumber);
    assert.deepEqual(byCursor, byCursor.toSorted().reverse());
  });

  await t.step("filters by type, status and text, in which % and _ are letters", async () => {
    assert.equal((await client.json("GET", "/api/v1/assets?asset_type=audio")).total, 22);
    assert.equal((await client.json("GET", "/api/v1/assets?status=available")).total, 0);
    assert.equal((await client.json("GET", "/api/v1/assets?search=100%25")).total, 15);
    assert.equal((await client.json("GET", "/api/v1/assets?search=s_1")).total, 3);
    assert.equal((await client.json("GET", "/api/v1/assets?search=m_1")).total, 0);
    assert.equal((await client.json("GET", "/api/v1/assets?search=ITEM")).total, 30);
  });

  await t.step("refuses invalid parameters with 422", async () => {
    const bad = [
      "page=0",
      "page_size=101",
      "page_size=0",
      "status=nope",
      "asset_type=x",
      "cursor=abc",
      "search=%00",
      "page=x",
    ];
    for (const query of bad) await client.json("GET", `/api/v1/assets?${query}`, undefined, 422);
  });

  await server.close();
});
