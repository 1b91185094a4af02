// Usage counted by triggers equals a full count after any operations; quotas hold, also for parallel uploads.
import assert from "node:assert/strict";
import type { User } from "../../../../lib/identity/users/schema.ts";
import { migrate } from "../../../../lib/platform/db/migrations.ts";
import { createLog } from "../../../../lib/platform/observe/log.ts";
import type { Quota } from "../../../../lib/tenancy/quotas/schema.ts";
import type { Tenant, TenantDetail } from "../../../../lib/tenancy/tenants/schema.ts";
import type { Usage } from "../../../../lib/tenancy/usage/schema.ts";
import { foldUsage } from "../../../../lib/tenancy/usage/usage.ts";
import type { Problem } from "../../../support/answers.ts";
import { tinyPng } from "../../../support/media.ts";
import { type Client, openTestServer, type TestServer } from "../../../support/server.ts";
import { until } from "../../../support/until.ts";

const TUS = { "Tus-Resumable": "1.0.0" };
const KIB = 1024;
const PLACEHOLDER = { title: "A placeholder", asset_type: "video" };

interface OwnUsage {
  usage: Usage;
  quota: Quota;
}

let server: TestServer;
let root: Client;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  root = await server.client(await server.addPerson({ superuser: true }));
});
Deno.test.afterAll(() => server.close());

Deno.test("usage equals a full count after any sequence of operations", async () => {
  const server = await openTestServer({ worker: true });
  const root = await server.client(await server.addPerson({ superuser: true }));
  const tenant = await openTenant(server, "counted");
  await changeAtRandom(server, tenant, 20);
  const settled = async () =>
    (await tenant.json("GET", "/api/v1/jobs?limit=500")).every(({ status }) =>
      !["pending", "processing"].includes(status)
    );
  await until("all work is done", settled, 60_000);
  for (const fold of [false, true, false]) {
    if (fold) await foldUsage(server.platform);
    const usage = await tenant.compare();
    assert.ok(usage.users > 0 && usage.assets > 0 && usage.bytes > 0);
  }
  const { usage }: TenantDetail = await root.json("GET", `/api/v1/tenants/${tenant.tenantId}`);
  const own: OwnUsage = await tenant.json("GET", "/api/v1/usage");
  assert.deepEqual(own.usage, usage);
  assert.deepEqual(own.quota, { bytes: null, assets: null, users: null, jobs: null });
  assert.ok(usage.bytes_by_purpose.thumbnail! > 0, "the worker's renditions count");
  await server.close();
});

Deno.test("the migration counts what existed before usage was counted", async () => {
  const tenant = await openTenant(server, "migrated");
  await changeAtRandom(server, tenant, 5);
  const before = await tenant.compare();
  await server.platform.db.asOwner((sql) =>
    sql.unsafe(`
      drop table usage_entries; drop function count_usage cascade; drop index uploads_open_idx;
      delete from schema_migrations where version = 17`).simple()
  );
  const log = createLog("error", {}, () => {});
  assert.deepEqual(await migrate(server.platform.db, log), ["0017_create_usage_entries.sql"]);
  assert.deepEqual(await tenant.compare(), before);
  await tenant.ingest(tinyPng(), "one_more.png");
  assert.equal((await tenant.compare()).assets, before.assets + 1);
});

Deno.test("usage is for administrators", async () => {
  const editor = await server.client(await server.addPerson({ tenant: "closed", role: "editor" }));
  await editor.json("GET", "/api/v1/usage", undefined, 403);
});

Deno.test("a quota of bytes refuses an upload before its body, on every path", async () => {
  const tenant = await openTenant(server, "bytes");
  await limit(tenant, { bytes: 1000 * KIB });
  const asset = await tenant.ingest(bytes(600 * KIB), "first.bin");
  const refused = (response: Response) => assert.equal(response.status, 413);
  refused(await tenant.form(bytes(800 * KIB)));
  refused(await tenant.put(bytes(401 * KIB)));
  refused(await tenant.put(streamed(401 * KIB)));
  refused(await tenant.begin(401 * KIB));
  refused(await tenant.rendition(asset, bytes(800 * KIB)));
  const problem: Problem = await (await tenant.put(bytes(401 * KIB))).json();
  assert.equal(problem.code, "too_large");
  assert.match(problem.detail, /no room/);
  assert.doesNotMatch(problem.detail, /\d/, "how much is left would tell the size of private files");
  const endless = await tenant.endless();
  assert.equal(endless.status, 413, "a body that does not fit is not awaited");
  assert.equal((await tenant.put(bytes(400 * KIB))).status, 201);
  refused(await tenant.put(bytes(1)));
  refused(await tenant.put(streamed(1)));
  assert.equal((await tenant.compare()).bytes, 1000 * KIB);
  await tenant.json("DELETE", `/api/v1/assets/${asset}`);
  refused(await tenant.put(bytes(1)));
  await tenant.json("DELETE", `/api/v1/assets/${asset}?hard_delete=true`);
  assert.equal((await tenant.put(bytes(1))).status, 201);
  await server.platform.db.asTenant(tenant.tenantId, async (sql) => {
    const [pending] = await sql<{ count: number }[]>`select count(*) as count from pending_objects`;
    assert.equal(pending!.count, 0, "refused uploads leave no object in the store");
  });
});

Deno.test("a quota holds for parallel uploads", async () => {
  const tenant = await openTenant(server, "parallel");
  await limit(tenant, { bytes: 100 * KIB, assets: 5 });
  const ways = [
    (nth: number) => tenant.put(fresh(30 * KIB, nth)),
    (nth: number) => tenant.form(fresh(30 * KIB, nth)),
    (_: number) => tenant.begin(30 * KIB),
  ];
  const answers = await Promise.all(Array.from({ length: 12 }, (_, nth) => ways[nth % 3]!(nth)));
  const statuses = answers.map(({ status }) => status).toSorted();
  assert.deepEqual(statuses, [...Array(3).fill(201), ...Array(9).fill(413)]);
  const { usage }: OwnUsage = await tenant.json("GET", "/api/v1/usage");
  assert.equal(usage.bytes + usage.uploading_bytes, 90 * KIB);
});

Deno.test("a resumable upload reserves its bytes until its end, and a deleted one releases them", async () => {
  const tenant = await openTenant(server, "reserved");
  await limit(tenant, { bytes: 10 * KIB, assets: 2 });
  const begun = await tenant.begin(6 * KIB);
  assert.equal((await tenant.put(bytes(6 * KIB))).status, 413);
  assert.equal((await tenant.begin(5 * KIB)).status, 413);
  assert.equal((await tenant.append(begun, bytes(6 * KIB))).status, 204);
  const other = await tenant.begin(4 * KIB);
  assert.equal((await tenant.put(bytes(1))).status, 409, "both assets are reserved");
  await tenant.ask("DELETE", other.headers.get("Location")!, undefined, TUS);
  assert.equal((await tenant.put(bytes(4 * KIB))).status, 201);
});

Deno.test("a quota of assets answers 409 for placeholders, files and restoring from the trash", async () => {
  const tenant = await openTenant(server, "assets");
  await limit(tenant, { assets: 2 });
  const id = await tenant.makePlaceholder();
  await tenant.ingest(bytes(10), "a.bin");
  assert.equal((await tenant.put(bytes(11))).status, 409);
  assert.equal((await tenant.form(bytes(11))).status, 409);
  assert.equal((await tenant.begin(11)).status, 409);
  await tenant.json("POST", "/api/v1/assets", PLACEHOLDER, 409);
  const rendition = await tenant.rendition(id, bytes(11));
  assert.equal(rendition.status, 200, "a file of an existing asset is no new asset");
  await tenant.json("DELETE", `/api/v1/assets/${id}`);
  await tenant.ingest(bytes(12), "b.bin");
  await tenant.json("POST", `/api/v1/assets/${id}/restore`, undefined, 409);
  await limit(tenant, { assets: null });
  await tenant.json("POST", `/api/v1/assets/${id}/restore`);
});

Deno.test("a quota of accounts answers 409 for new accounts, invitations and reactivation", async () => {
  const tenant = await openTenant(server, "people");
  await limit(tenant, { users: 3 });
  const password = "three blue herons";
  const second: User = await tenant.json(
    "POST",
    "/api/v1/auth/register",
    { email: "second@example.org", password },
    201,
  );
  const { token }: { token: string } = await tenant.json(
    "POST",
    "/api/v1/auth/invitations",
    { email: "third@example.org" },
    201,
  );
  const parallel = await Promise.all(
    ["a", "b", "c"].map((name) =>
      tenant.ask("POST", "/api/v1/auth/register", { email: `${name}@example.org`, password })
    ),
  );
  assert.deepEqual(parallel.map(({ status }) => status).toSorted(), [201, 409, 409]);
  const refused = await tenant.json(
    "POST",
    "/api/v1/auth/invitations",
    { email: "fourth@example.org" },
    409,
  );
  assert.equal(refused.errors[0]!.path, "quota.users");
  await tenant.json("POST", "/api/v1/auth/register", { token, password }, 409);
  await tenant.json("PATCH", `/api/v1/auth/users/${second.id}`, { is_active: false });
  await tenant.json("POST", "/api/v1/auth/register", { token, password }, 201);
  await tenant.json("PATCH", `/api/v1/auth/users/${second.id}`, { is_active: true }, 409);
});

Deno.test("a quota is read with the tenant and changed partially", async () => {
  const tenant = await openTenant(server, "settings");
  await limit(tenant, { bytes: 5, users: 4 });
  const { quota } = await limit(tenant, { users: null });
  assert.deepEqual(quota, { bytes: 5, assets: null, users: null, jobs: null });
  const own: OwnUsage = await tenant.json("GET", "/api/v1/usage");
  assert.deepEqual(own.quota, quota);
  for (const bytes of [-1, 1.5, "x", 1e300]) {
    await root.json("PATCH", `/api/v1/tenants/${tenant.tenantId}`, { quota: { bytes } }, 422);
  }
  const body = { code: "made", name: "Made", quota: { jobs: 3 } };
  const made: Tenant = await root.json("POST", "/api/v1/tenants", body, 201);
  assert.equal(made.quota.jobs, 3);
  const [entry] = (await root.json("GET", "/api/v1/audit?action=tenant.update")).items;
  const [before, after] = [entry!.before, entry!.after] as { quota: Quota }[];
  assert.deepEqual([before!.quota.users, after!.quota.users], [4, null]);
});

/** Changes the quota of a tenant as a superuser. */
async function limit({ tenantId }: CountedTenant, quota: Partial<Quota>): Promise<Tenant> {
  return await root.json("PATCH", `/api/v1/tenants/${tenantId}`, { quota });
}

/** Makes five assets, then does four random operations at a time and compares usage after each such round. */
async function changeAtRandom(server: TestServer, tenant: CountedTenant, rounds: number): Promise<void> {
  const random = dice(20_260_129);
  const people = await Promise.all(
    ["editor", "viewer", "user"].map((role) => server.addPerson({ tenant: tenant.code, role })),
  );
  const assets: string[] = [];
  const one = () => assets[random(assets.length)]!;
  const operations: ((nth: number) => Promise<unknown>)[] = [
    async (nth) => void assets.push(await tenant.ingest(tinyPng(), `${nth}.png`)),
    async (nth) => void assets.push(await tenant.ingest(bytes(100 + random(5000)), `${nth}.bin`)),
    async () => void assets.push(await tenant.makePlaceholder()),
    () => tenant.ask("DELETE", `/api/v1/assets/${one()}`),
    () => tenant.ask("POST", `/api/v1/assets/${one()}/restore`),
    () => tenant.ask("DELETE", `/api/v1/assets/${one()}?hard_delete=true`),
    () => tenant.rendition(one(), bytes(random(3000) + 1)),
    () => tenant.ask("PATCH", `/api/v1/assets/${one()}`, { title: `T${random(9)}` }),
    () => tenant.ask("PATCH", `/api/v1/auth/users/${people[random(3)]!.id}`, { is_active: random(2) === 0 }),
    () => foldUsage(server.platform),
  ];
  for (let nth = 0; nth < 5; nth++) await operations[nth % 3]!(nth);
  for (let round = 0; round < rounds; round++) {
    const nth = 5 + round * 4;
    await Promise.all([0, 1, 2, 3].map((each) => operations[random(operations.length)]!(nth + each)));
    await tenant.compare();
  }
}

/** An administrator of a tenant, with the ways to bring files in. */
interface CountedTenant extends Client {
  code: string;
  tenantId: string;
  ask(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Response>;
  /** Creates an asset without a file; returns its id. */
  makePlaceholder(): Promise<string>;
  /** Ingests a file; returns the id of its asset. */
  ingest(file: Uint8Array<ArrayBuffer>, name: string): Promise<string>;
  form(file: Uint8Array<ArrayBuffer>): Promise<Response>;
  put(body: BodyInit): Promise<Response>;
  begin(bytes: number): Promise<Response>;
  append(begun: Response, body: Uint8Array<ArrayBuffer>): Promise<Response>;
  rendition(asset: string, file: Uint8Array<ArrayBuffer>): Promise<Response>;
  /** Declares a body larger than the quota and never sends it. */
  endless(): Promise<Response>;
  /** The usage as counted by triggers; fails unless a full count at the same moment agrees. */
  compare(): Promise<Counted>;
}

interface Counted {
  bytes: number;
  assets: number;
  users: number;
}

async function openTenant(server: TestServer, code: string): Promise<CountedTenant> {
  const person = await server.addPerson({ tenant: code });
  const client = await server.client(person);
  const { tenantId } = person;
  const drained = async (asked: Promise<Response>) => {
    const response = await asked;
    const body = await response.arrayBuffer();
    return new Response([204, 205, 304].includes(response.status) ? null : body, response);
  };
  const send = (path: string, init: RequestInit) => drained(client.fetch(path, init));
  const form = (path: string, file: Uint8Array<ArrayBuffer>, name: string, purpose?: string) => {
    const body = new FormData();
    if (purpose) body.set("purpose", purpose);
    body.set("file", new File([file], name));
    return send(path, { method: "POST", body });
  };
  return {
    ...client,
    code,
    tenantId,
    ask: (method, path, body, headers = {}) =>
      send(path, {
        method,
        headers: body ? { "Content-Type": "application/json", ...headers } : headers,
        body: body && JSON.stringify(body),
      }),
    makePlaceholder: async () => {
      const asset: { id: string } = await client.json("POST", "/api/v1/assets", PLACEHOLDER, 201);
      return asset.id;
    },
    ingest: async (file, name) => {
      const response = await form("/api/v1/ingest", file, name);
      assert.equal(response.status, 201);
      return (await response.json() as { asset_id: string }).asset_id;
    },
    form: (file) => form("/api/v1/ingest", file, "form.bin"),
    put: (body) => send("/api/v1/ingest/raw.bin", { method: "PUT", body }),
    begin: (bytes) =>
      send("/api/v1/uploads", {
        method: "POST",
        headers: { ...TUS, "Upload-Length": String(bytes), "Upload-Metadata": `filename ${btoa("a.bin")}` },
      }),
    append: (begun, body) =>
      send(begun.headers.get("Location")!, {
        method: "PATCH",
        headers: { ...TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream" },
        body,
      }),
    rendition: (asset, file) => form(`/api/v1/assets/${asset}/upload`, file, "poster.png", "preview"),
    endless: () => announceOnly(server.url, client.token),
    compare: () =>
      server.platform.db.asTenant(tenantId, async (sql) => {
        const [row] = await sql<{ told: Counted; counted: Counted }[]>`
          select (select jsonb_build_object('bytes', coalesce(sum(amount) filter (where measure = 'bytes'), 0),
                    'assets', coalesce(sum(amount) filter (where measure = 'assets'), 0),
                    'users', coalesce(sum(amount) filter (where measure = 'users'), 0)) from usage_entries) as told,
                 jsonb_build_object(
                   'bytes', (select coalesce(sum(file_size_bytes), 0) from (
                      select distinct bucket, path, file_size_bytes from storage_locations) objects),
                   'assets', (select count(*) from assets where deleted_at is null),
                   'users', (select count(*) from users where is_active)) as counted`;
        assert.deepEqual(row!.told, row!.counted);
        return row!.told;
      }),
  };
}

/** Sends the head of a request without its body. */
async function announceOnly(url: string, token: string): Promise<Response> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const head = [
    "PUT /api/v1/ingest/large.bin HTTP/1.1",
    `Host: ${hostname}`,
    `Authorization: Bearer ${token}`,
    "Content-Length: 900000",
    "",
    "",
  ].join("\r\n");
  await connection.write(new TextEncoder().encode(head));
  const answer = new Uint8Array(4096);
  const read = await connection.read(answer);
  connection.close();
  const status = /^HTTP\/1\.1 (\d+)/.exec(new TextDecoder().decode(answer.subarray(0, read ?? 0)))?.[1];
  return new Response(null, { status: Number(status) });
}

function streamed(length: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([bytes(length)]).stream();
}

let made = 0;

/** Bytes of no known type, different each time. */
function bytes(length: number): Uint8Array<ArrayBuffer> {
  return fresh(length, made++);
}

function fresh(length: number, nth: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).fill(200 + nth % 50);
}

/** Deterministic random numbers. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * sides);
  };
}
