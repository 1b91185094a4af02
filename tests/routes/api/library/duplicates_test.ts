// The same bytes again, by every way in, under each rule that a tenant may have.
import assert from "node:assert/strict";
import { refused } from "../../../support/answers.ts";
import { tinyPng } from "../../../support/media.ts";
import { type Client, openTestServer, type TestServer } from "../../../support/server.ts";

type Rule = "keep" | "link" | "refuse";

interface Told {
  asset_id: string | null;
  duplicate_of: string | null;
}

const TUS = { "Tus-Resumable": "1.0.0" };

let server: TestServer;
let superuser: Client;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  superuser = await server.client(await server.addPerson({ superuser: true }));
});
Deno.test.afterAll(() => server.close());

/** Each sends a file in whole; `rule` is the client's own choice. */
const WAYS: Record<
  string,
  (client: Client, bytes: Uint8Array<ArrayBuffer>, rule?: Rule) => Promise<Response>
> = {
  form: (client, bytes, rule) => {
    const form = new FormData();
    if (rule) form.set("duplicate_rule", rule);
    form.set("file", new File([bytes], "again.png"));
    return client.fetch("/api/v1/ingest", { method: "POST", body: form });
  },
  put: (client, bytes, rule) =>
    client.fetch(`/api/v1/ingest/again.png?duplicate_rule=${rule ?? ""}`, { method: "PUT", body: bytes }),
  tus: async (client, bytes, rule) => await append(client, await begin(client, bytes, rule), 0, bytes),
};

for (const [way, send] of Object.entries(WAYS)) {
  Deno.test(`keep makes a second asset and says of which it is the duplicate (${way})`, async () => {
    const { client, bytes, first } = await openTenant("keep");
    const answer = await send(client, bytes);
    assert.equal(answer.status, way === "tus" ? 204 : 201);
    const { asset_id, duplicate_of } = await told(answer);
    assert.equal(duplicate_of, first);
    assert.notEqual(asset_id, first);
    assert.equal(await countAssets(client), 2);
  });

  Deno.test(`link answers the asset that is there and keeps nothing (${way})`, async () => {
    const { client, bytes, first, tenantId } = await openTenant("link");
    const answer = await send(client, bytes);
    assert.equal(answer.status, way === "tus" ? 204 : 200);
    assert.deepEqual(await told(answer), { asset_id: first, duplicate_of: first });
    assert.equal(await countAssets(client), 1);
    assert.deepEqual(await leftovers(tenantId), { objects: 1, pending: 0, parts: 0 });
  });

  Deno.test(`refuse is a conflict that names the other asset, whatever the client asks for (${way})`, async () => {
    const { client, bytes, first } = await openTenant("refuse");
    for (const asked of [undefined, "keep", "link"] as const) {
      const problem = await refused(await send(client, bytes, asked), 409);
      assert.equal(problem.reason, "duplicate.refused");
      assert.equal(problem.duplicate_of, first);
    }
    assert.equal(await countAssets(client), 1);
  });

  Deno.test(`a client may ask for a stricter rule than keep (${way})`, async () => {
    const { client, bytes, first } = await openTenant("keep");
    const problem = await refused(await send(client, bytes, "refuse"), 409);
    assert.deepEqual([problem.reason, problem.duplicate_of], ["duplicate.unwanted", first]);
    assert.deepEqual(await told(await send(client, bytes, "link")), { asset_id: first, duplicate_of: first });
    assert.equal(await countAssets(client), 1);
  });

  Deno.test(`the same bytes twice at once become one asset unless both are kept (${way})`, async () => {
    const { client } = await openTenant("link");
    const bytes = tinyPng();
    const both = await Promise.all([send(client, bytes), send(client, bytes)]);
    const [one, other] = await Promise.all(both.map(told));
    assert.equal(one!.asset_id, other!.asset_id);
    assert.equal(await countAssets(client), 2);
  });

  Deno.test(`an asset in the trash or hidden from the actor is no duplicate (${way})`, async () => {
    const { client, bytes, first, tenant } = await openTenant("refuse");
    await client.json("PATCH", `/api/v1/assets/${first}`, { visibility: "private" });
    const editor = await server.client(await server.addPerson({ tenant, role: "editor" }));
    const { asset_id } = await told(await send(editor, bytes));
    await client.json("DELETE", `/api/v1/assets/${first}`);
    await client.json("DELETE", `/api/v1/assets/${asset_id}`);
    assert.equal((await told(await send(client, bytes))).duplicate_of, null);
  });
}

Deno.test("a refused resumable upload is kept until the client decides: kept as well, or ended", async () => {
  const { client, bytes, first } = await openTenant("keep");
  const path = await begin(client, bytes, "refuse");
  await refused(await append(client, path, 0, bytes), 409);
  const head = await client.fetch(path, { method: "HEAD", headers: TUS });
  assert.equal(head.headers.get("Upload-Offset"), String(bytes.length));
  assert.deepEqual(await told(head), { asset_id: null, duplicate_of: first });
  const end = (rule: string) =>
    append(client, `${path}?duplicate_rule=${rule}`, bytes.length, new Uint8Array());
  await refused(await end("refuse"), 409);
  await refused(await end("maybe"), 422);
  const { asset_id, duplicate_of } = await told(await end("keep"));
  assert.equal(duplicate_of, first);
  assert.equal((await client.json("GET", `/api/v1/assets/${asset_id}`)).checksum_sha256, await sha256(bytes));

  const dropped = await begin(client, bytes, "refuse");
  await refused(await append(client, dropped, 0, bytes), 409);
  assert.equal((await client.fetch(dropped, { method: "DELETE", headers: TUS })).status, 204);
  assert.equal(await countAssets(client), 2);
});

Deno.test("the original of a placeholder is refused where duplicates are", async () => {
  const { client, bytes, first } = await openTenant("refuse");
  const body = { title: "later", asset_type: "image" };
  const { id } = await client.json("POST", "/api/v1/assets", body, 201);
  const form = new FormData();
  form.set("file", new File([bytes], "later.png"));
  const problem = await refused(
    await client.fetch(`/api/v1/assets/${id}/upload`, { method: "POST", body: form }),
    409,
  );
  assert.equal(problem.duplicate_of, first);
});

Deno.test("an unknown rule is refused", async () => {
  const { client, tenantId } = await openTenant("keep");
  const patch = { settings: { duplicate_rule: "sometimes" } };
  const { errors } = await superuser.json("PATCH", `/api/v1/tenants/${tenantId}`, patch, 422);
  assert.equal(errors[0]!.path, "settings.duplicate_rule");
  await refused(await WAYS.form!(client, tinyPng(), "sometimes" as Rule), 422);
});

/** A tenant with this rule that has one file, and its administrator. */
async function openTenant(rule: Rule) {
  const tenant = `t-${crypto.randomUUID().slice(0, 13)}`;
  const { tenantId, ...person } = await server.addPerson({ tenant });
  await superuser.json("PATCH", `/api/v1/tenants/${tenantId}`, { settings: { duplicate_rule: rule } });
  const client = await server.client({ tenantId, ...person });
  const bytes = tinyPng();
  const { asset_id: first } = await told(await WAYS.put!(client, bytes));
  return { tenant, tenantId, client, bytes, first: first! };
}

async function begin(client: Client, bytes: Uint8Array, rule?: Rule): Promise<string> {
  const metadata = [`filename ${btoa("again.png")}`, ...(rule ? [`duplicate_rule ${btoa(rule)}`] : [])];
  const headers = { ...TUS, "Upload-Length": String(bytes.length), "Upload-Metadata": metadata.join(",") };
  const response = await client.fetch("/api/v1/uploads", { method: "POST", headers });
  assert.equal(response.status, 201, await response.text());
  return response.headers.get("Location")!;
}

function append(
  client: Client,
  path: string,
  offset: number,
  body: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const headers = {
    ...TUS,
    "Upload-Offset": String(offset),
    "Content-Type": "application/offset+octet-stream",
  };
  return client.fetch(path, { method: "PATCH", headers, body });
}

async function told(response: Response): Promise<Told> {
  assert.ok(response.ok, await response.clone().text());
  const text = await response.text();
  if (text) {
    const { asset_id, duplicate_of }: Told = JSON.parse(text);
    return { asset_id, duplicate_of };
  }
  const { headers } = response;
  return { asset_id: headers.get("Akashi-Asset-Id"), duplicate_of: headers.get("Akashi-Duplicate-Of") };
}

async function countAssets(client: Client): Promise<number> {
  return (await client.json("GET", "/api/v1/assets")).total;
}

/** What a tenant has: recorded files, reservations, and parts of unfinished objects in the store. */
async function leftovers(tenantId: string) {
  const { db, storage } = server.platform;
  const [row] = await db.asTenant(
    tenantId,
    (sql) =>
      sql<{ objects: number; pending: number; code: string }[]>`
      select (select count(*) from storage_locations) as objects, (select count(*) from pending_objects) as pending,
             code from tenants where id = ${tenantId}`,
  );
  const { code, ...counts } = row!;
  return { ...counts, parts: (await storage.listMultipart("originals", code)).length };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
