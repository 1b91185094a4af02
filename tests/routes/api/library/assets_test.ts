import assert from "node:assert/strict";
import type { AssetDetail } from "../../../../lib/library/assets/schema.ts";
import { ingestPicture } from "../../../support/assets.ts";
import { tinyPng } from "../../../support/media.ts";
import { type Client, openTestServer, type TestServer } from "../../../support/server.ts";

/** Every field that the contract promises of an asset. */
const FIELDS =
  `id tenant_id parent_id code slug external_ids asset_type derivative_type title description duration_ms
  recorded_at content_rating status visibility publish_status primary_storage_path file_size_bytes checksum_sha256
  extra created_by created_at updated_at deleted_at storage_locations technical_metadata keywords markers`
    .split(/\s+/);

const NEW = { title: "x", asset_type: "video" };
const UNKNOWN = "0198c0de-0000-7000-8000-000000000000";

let server: TestServer;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
});
Deno.test.afterAll(() => server.close());

Deno.test("create() makes a placeholder with every field of the contract", async () => {
  const client = await signInTo("placeholders");
  const asset = await createAsset(client, {
    title: "  Jornal das 8  ",
    code: "JN-2026-11-23",
    extra: { desk: "política", "emoji 🎬": [1, null] },
    unknown_field: "ignored",
  });
  for (const field of FIELDS) assert.ok(field in asset, field);
  assert.equal(asset.title, "Jornal das 8");
  assert.equal(asset.status, "ingesting");
  assert.deepEqual(asset.extra, { desk: "política", "emoji 🎬": [1, null] });
  assert.match(asset.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);
  assert.match(asset.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  const taken = await client.json("POST", "/api/v1/assets", { ...NEW, code: "JN-2026-11-23" }, 409);
  assert.equal(taken.code, "conflict");
});

Deno.test("create() refuses invalid fields", async () => {
  const client = await server.client();
  const cases: [object, string][] = [
    [{}, "title"],
    [{ title: "x" }, "asset_type"],
    [{ title: "" }, "title"],
    [{ ...NEW, duration_ms: -1 }, "duration_ms"],
    [{ ...NEW, duration_ms: 1.5 }, "duration_ms"],
    [{ ...NEW, parent_id: "nonsense" }, "parent_id"],
    [{ ...NEW, file_size_bytes: 5 }, "file_size_bytes"],
    [{ title: "x".repeat(501) }, "title"],
    [{ title: "a\u0000b" }, "title"],
    [{ title: "a\ud800" }, "title"],
    [{ title: "x", asset_type: "hologram" }, "asset_type"],
    [{ ...NEW, visibility: "secret" }, "visibility"],
    [{ ...NEW, extra: { a: "\u0000" } }, "extra"],
    [{ ...NEW, content_rating: "21" }, "content_rating"],
  ];
  for (const [body, path] of cases) {
    const problem = await client.json("POST", "/api/v1/assets", body, 422);
    assert.equal(problem.errors[0]!.path, path, JSON.stringify(body));
  }
});

Deno.test("update() refuses statuses that follow from work, from the trash, or are unknown", async () => {
  const client = await server.client();
  const { id } = await createAsset(client);
  for (const status of ["ingesting", "processing", "deleted", "nonsense"]) {
    const problem = await client.json("PATCH", `/api/v1/assets/${id}`, { status }, 422);
    assert.equal(problem.errors[0]!.path, "status");
  }
});

Deno.test("update() changes what the body names and nothing else", async () => {
  const client = await server.client();
  const { id } = await createAsset(client, { title: "before", description: "kept", extra: { a: 1 } });
  const patch = {
    title: "after",
    status: "review",
    content_rating: "12",
    extra: { b: 2 },
    recorded_at: "2020-02-02T10:00:00-03:00",
  };
  const asset = await updateAsset(client, id, patch);
  assert.deepEqual(
    [asset.title, asset.description, asset.status, asset.content_rating, asset.extra],
    ["after", "kept", "review", "12", { b: 2 }],
  );
  assert.equal(Date.parse(asset.recorded_at!), Date.parse("2020-02-02T13:00:00Z"));
  assert.equal((await updateAsset(client, id, {})).title, "after");
  const bare = await client.fetch(`/api/v1/assets/${id}`, { method: "PATCH" });
  assert.equal((await bare.json()).title, "after", "a request without a body changes nothing");
});

Deno.test("create() and update() keep every field that a client may set", async () => {
  const client = await server.client();
  const parent = await createAsset(client);
  const fields = {
    parent_id: parent.id,
    code: crypto.randomUUID(),
    slug: "evening-news",
    external_ids: { traffic: "T-1" },
    derivative_type: "clip",
    description: "Rain",
    duration_ms: 90_040,
    content_rating: "14",
    visibility: "public",
    publish_status: "ready",
    extra: { desk: 4 },
  } as const;
  const made = await createAsset(client, { ...fields, recorded_at: "2026-01-02T03:04:05-03:00" });
  assert.partialDeepStrictEqual(made, { ...fields, recorded_at: "2026-01-02T06:04:05+00:00" });
  const changed = await updateAsset(client, made.id, { parent_id: null, duration_ms: 0, slug: null });
  assert.partialDeepStrictEqual(changed, { ...fields, parent_id: null, duration_ms: 0, slug: null });
});

Deno.test("a parent that is unknown, hidden, in the trash or a descendant is refused", async () => {
  const client = await server.client();
  const other = await signInTo("other-parents");
  const editor = await server.client(await server.addPerson({ role: "editor" }));
  const foreign = await createAsset(other);
  const hidden = await createAsset(client, { visibility: "private" });
  const trashed = await createAsset(client);
  await client.json("DELETE", `/api/v1/assets/${trashed.id}`);
  const child = await createAsset(editor);
  for (const parent_id of [UNKNOWN, foreign.id, hidden.id, trashed.id]) {
    const created = await editor.json("POST", "/api/v1/assets", { ...NEW, parent_id }, 404);
    assert.equal(created.errors[0]!.path, "parent_id");
    await editor.json("PATCH", `/api/v1/assets/${child.id}`, { parent_id }, 404);
  }
  await updateAsset(client, hidden.id, { parent_id: child.id });
  for (const parent_id of [child.id, hidden.id]) {
    const circle = await client.json("PATCH", `/api/v1/assets/${child.id}`, { parent_id }, 422);
    assert.equal(circle.errors[0]!.path, "parent_id");
  }
});

Deno.test("an asset may be sent back as it was read; a change of what only Akashi sets is refused", async () => {
  const person = await server.addPerson();
  const client = await server.client(person);
  const id = await ingestPicture(server, person);
  const read = await client.json("GET", `/api/v1/assets/${id}`);
  const { id: _, status: __, ...rest } = { ...read, title: "changed" };
  assert.equal((await updateAsset(client, id, rest)).title, "changed");
  for (
    const fixed of [{ asset_type: "video" }, { checksum_sha256: "0" }, { keywords: [{ keyword: "rain" }] }]
  ) {
    const { errors } = await client.json("PATCH", `/api/v1/assets/${id}`, { ...fixed, title: "no" }, 422);
    assert.deepEqual(errors.map(({ path }) => path), Object.keys(fixed));
  }
  await client.json("PATCH", `/api/v1/assets/${id}`, { duration_ms: 5 }, 409);
  assert.equal((await client.json("GET", `/api/v1/assets/${id}`)).title, "changed");
});

Deno.test("unknown and malformed ids are 404 and 422", async () => {
  const client = await server.client();
  for (const [id, status] of [[UNKNOWN, 404], ["nonsense", 422]] as const) {
    await client.json("GET", `/api/v1/assets/${id}`, undefined, status);
    await client.json("PATCH", `/api/v1/assets/${id}`, { title: "x" }, status);
    await client.json("DELETE", `/api/v1/assets/${id}`, undefined, status);
    await client.json("POST", `/api/v1/assets/${id}/restore`, undefined, status);
  }
});

Deno.test("trash() hides an asset; restore() brings back its earlier status", async () => {
  const client = await signInTo("trash");
  const { id } = await createAsset(client);
  await updateAsset(client, id, { status: "archived" });
  const gone: { id: string } = await client.json("DELETE", `/api/v1/assets/${id}`);
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
  const restored: AssetDetail = await client.json("POST", `/api/v1/assets/${id}/restore`);
  assert.equal(restored.status, "archived");
  await client.json("POST", `/api/v1/assets/${id}/restore`, undefined, 409);
});

Deno.test("hard delete is final, and refused to an editor", async () => {
  const client = await server.client();
  const { id } = await createAsset(client);
  const editor = await server.client(await server.addPerson({ role: "editor" }));
  await editor.json("DELETE", `/api/v1/assets/${id}?hard_delete=true`, undefined, 403);
  await client.json("DELETE", `/api/v1/assets/${id}?hard_delete=true`);
  await client.json("GET", `/api/v1/assets/${id}?include_deleted=true`, undefined, 404);
});

Deno.test("hard delete deletes the objects", async () => {
  const person = await server.addPerson();
  const client = await server.client(person);
  const id = await ingestPicture(server, person);
  const [location] = (await client.json("GET", `/api/v1/assets/${id}`)).storage_locations;
  const ref = { bucket: "originals" as const, key: location!.path };
  assert.ok(await server.platform.storage.head(ref));
  await client.json("DELETE", `/api/v1/assets/${id}?hard_delete=true`);
  assert.equal(await server.platform.storage.head(ref), undefined);
});

Deno.test("a viewer reads and changes nothing", async () => {
  const { id } = await createAsset(await server.client(), { title: "seen" });
  const viewer = await server.client(await server.addPerson({ role: "viewer" }));
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

Deno.test("tenant_code names one's own tenant, or another one for superusers alone", async () => {
  await server.addPerson({ tenant: "elsewhere" });
  const client = await server.client();
  await client.json("GET", "/api/v1/assets?tenant_code=akashi");
  await client.json("GET", "/api/v1/assets?tenant_code=elsewhere", undefined, 403);
  const superuser = await server.client(await server.addPerson({ superuser: true }));
  assert.equal((await superuser.json("GET", "/api/v1/assets?tenant_code=elsewhere")).total, 0);
  await superuser.json("GET", "/api/v1/assets?tenant_code=nowhere", undefined, 404);
});

Deno.test("every key of a listed asset is snake_case", async () => {
  const client = await signInTo("keys");
  await createAsset(client);
  const { items: [item] } = await client.json("GET", "/api/v1/assets?page_size=1");
  assert.deepEqual(Object.keys(item!).filter((key) => !/^[a-z0-9_]+$/.test(key)), []);
});

Deno.test("pages by number and by cursor agree and lose nothing", async () => {
  const client = await signInTo("pages");
  for (let i = 0; i < 45; i++) await createAsset(client);
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

Deno.test("a sorted list pages by cursor, names as file managers sort them, and loses nothing", async () => {
  const client = await signInTo("sorted");
  const titles = ["take 10", "Zebra", "água", "Take 2", "Agua 2", "take 2b", "日本"];
  for (const [at, title] of titles.entries()) {
    await createAsset(client, { title, duration_ms: at % 2 ? null : at * 1_000 });
  }
  const byName = ["água", "Agua 2", "Take 2", "take 2b", "take 10", "Zebra", "日本"];
  assert.deepEqual(await titlesOf(client, "sort_by=title&sort_order=asc"), byName);
  assert.deepEqual(await titlesOf(client, "sort_by=title"), byName.toReversed());
  assert.deepEqual(await titlesOf(client, "sort_order=asc"), titles);
  const longest = await titlesOf(client, "sort_by=duration_ms");
  assert.deepEqual(longest.slice(0, 4), ["日本", "Agua 2", "água", "take 10"]);
  assert.equal(longest.length, titles.length);
  assert.equal((await titlesOf(client, "sort_by=file_size_bytes&sort_order=asc")).length, titles.length);
  assert.equal((await titlesOf(client, "sort_by=updated_at")).length, titles.length);
});

Deno.test("a cursor fits the sorting that made it alone, whatever is written into it", async () => {
  const client = await signInTo("cursors");
  for (let i = 0; i < 3; i++) await createAsset(client);
  const { next_cursor } = await client.json("GET", "/api/v1/assets?page_size=1&sort_by=title");
  await client.json("GET", `/api/v1/assets?sort_by=title&cursor=${next_cursor}`);
  for (const sorting of ["", "sort_by=title&sort_order=asc&", "sort_by=duration_ms&"]) {
    await client.json("GET", `/api/v1/assets?${sorting}cursor=${next_cursor}`, undefined, 422);
  }
  for (const key of ["x", null, 1.5, "1); --", {}]) {
    const made = [key, crypto.randomUUID(), 3, false, "duration_ms desc"];
    await client.json(
      "GET",
      `/api/v1/assets?sort_by=duration_ms&cursor=${btoa(JSON.stringify(made))}`,
      undefined,
      422,
    );
  }
});

Deno.test("list() filters by type, status and text, in which % and _ are letters", async () => {
  const client = await signInTo("filters");
  await Promise.all(Array.from({ length: 45 }, (_, i) =>
    createAsset(client, {
      title: i % 3 === 0 ? `100% news_${i}` : `Item ${i}`,
      asset_type: i % 2 ? "audio" : "video",
    })));
  assert.equal((await client.json("GET", "/api/v1/assets?asset_type=audio")).total, 22);
  assert.equal((await client.json("GET", "/api/v1/assets?status=available")).total, 0);
  assert.equal((await client.json("GET", "/api/v1/assets?search=100%25")).total, 15);
  assert.equal((await client.json("GET", "/api/v1/assets?search=s_1")).total, 3);
  assert.equal((await client.json("GET", "/api/v1/assets?search=m_1")).total, 0);
  assert.equal((await client.json("GET", "/api/v1/assets?search=ITEM")).total, 30);
});

Deno.test("list() finds text in any case, normalization form and with or without accents", async () => {
  const person = await server.addPerson({ tenant: "folded" });
  const client = await server.client(person);
  const { id } = await createAsset(client, { title: "Entrevista Sa\u0303o Joa\u0303o", code: "ÇA-1" });
  const { id: older } = await createAsset(client, { title: "x" });
  // As a version before normalization stored it.
  await server.platform.db.asTenant(
    person.tenantId,
    (sql) => sql`update assets set title = ${"Vito\u0301ria"} where id = ${older}`,
  );
  const find = async (search: string) => {
    const { items } = await client.json("GET", `/api/v1/assets?search=${encodeURIComponent(search)}`);
    return items.map((item) => item.id);
  };
  for (const search of ["sao joao", "SÃO JOÃO", "Sa\u0303o", "são", "ca-1", "ça"]) {
    assert.deepEqual(await find(search), [id], search);
  }
  for (const search of ["vitoria", "Vitória", "Vito\u0301ria"]) {
    assert.deepEqual(await find(search), [older], search);
  }
  assert.deepEqual(await find("sa%o"), []);
  assert.equal((await client.json("GET", `/api/v1/assets/${id}`)).title, "Entrevista São João");
});

Deno.test("list() refuses invalid parameters", async () => {
  const client = await server.client();
  const bad = [
    "page=0",
    "page_size=101",
    "page_size=0",
    "status=nope",
    "asset_type=x",
    "cursor=abc",
    "sort_by=status",
    "sort_order=up",
    "search=%00",
    "page=x",
  ];
  for (const query of bad) await client.json("GET", `/api/v1/assets?${query}`, undefined, 422);
});

/** A client of an administrator of the tenant with this code, which only one case uses. */
async function signInTo(tenant: string): Promise<Client> {
  return await server.client(await server.addPerson({ tenant }));
}

/** The titles of all pages of a list. */
async function titlesOf(client: Client, query: string): Promise<string[]> {
  const titles: string[] = [];
  for (let next: string | null = ""; next !== null;) {
    const cursor: string = next && `&cursor=${next}`;
    const page = await client.json("GET", `/api/v1/assets?page_size=2&${query}${cursor}`);
    titles.push(...page.items.map(({ title }) => title));
    next = page.next_cursor;
  }
  return titles;
}

async function createAsset(client: Client, fields: object = {}): Promise<AssetDetail> {
  return await client.json("POST", "/api/v1/assets", { ...NEW, ...fields }, 201);
}

async function updateAsset(client: Client, id: string, fields: object): Promise<AssetDetail> {
  return await client.json("PATCH", `/api/v1/assets/${id}`, fields);
}
