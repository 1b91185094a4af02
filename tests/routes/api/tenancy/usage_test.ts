// Usage counted by triggers equals a full count after any operations; quotas hold, also for parallel uploads.
import assert from "node:assert/strict";
import { createLog } from "../../../../lib/platform/observe/log.ts";
import { migrate } from "../../../../lib/platform/db/migrations.ts";
import { foldUsage } from "../../../../lib/tenancy/usage/usage.ts";
import { tinyPng } from "../../../support/media.ts";
import { type Client, openTestServer, type Person, type TestServer } from "../../../support/server.ts";
import { until } from "../../../support/until.ts";

const TUS = { "Tus-Resumable": "1.0.0" };
const KIB = 1024;

Deno.test("usage", async (t) => {
  const server = await openTestServer({ worker: true });
  const root = await server.client(await server.addPerson({ superuser: true }));
  const house = await openHouse(server, "counted");
  const random = dice(20_260_129);

  await t.step("equals a full count after any sequence of operations", async () => {
    const people = await Promise.all(
      ["editor", "viewer", "user"].map((role) => server.addPerson({ tenant: "counted", role })),
    );
    const assets: string[] = [];
    const one = () => assets[random(assets.length)]!;
    const operations: ((nth: number) => Promise<unknown>)[] = [
      async (nth) => void assets.push(await house.ingest(tinyPng(), `${nth}.png`)),
      async (nth) => void assets.push(await house.ingest(bytes(100 + random(5000)), `${nth}.bin`)),
      async () => void assets.push((await house.json("POST", "/api/v1/assets", placeholder(), 201)).id),
      () => house.ask("DELETE", `/api/v1/assets/${one()}`),
      () => house.ask("POST", `/api/v1/assets/${one()}/restore`),
      () => house.ask("DELETE", `/api/v1/assets/${one()}?hard_delete=true`),
      () => house.rendition(one(), bytes(random(3000) + 1)),
      () => house.ask("PATCH", `/api/v1/assets/${one()}`, { title: `T${random(9)}` }),
      () => house.ask("PATCH", `/api/v1/auth/users/${people[random(3)]!.id}`, { is_active: random(2) === 0 }),
      () => foldUsage(server.platform),
    ];
    for (let nth = 0; nth < 5; nth++) await operations[nth % 3]!(nth);
    for (let nth = 5; nth < 85; nth += 4) {
      await Promise.all([0, 1, 2, 3].map((each) => operations[random(operations.length)]!(nth + each)));
      await house.compare();
    }
    const settled = async () =>
      (await house.json("GET", "/api/v1/jobs?limit=500")).every(
        ({ status }: { status: string }) => !["pending", "processing"].includes(status),
      );
    await until("all work is done", settled, 60_000);
    for (const fold of [false, true, false]) {
      if (fold) await foldUsage(server.platform);
      const usage = await house.compare();
      assert.ok(usage.users > 0 && usage.assets > 0 && usage.bytes > 0);
    }
    const { usage } = await root.json("GET", `/api/v1/tenants/${house.tenantId}`);
    const own = await house.json("GET", "/api/v1/usage");
    assert.deepEqual(own.usage, usage);
    assert.deepEqual(own.quota, { bytes: null, assets: null, users: null, jobs: null });
    assert.ok(usage.bytes_by_purpose.thumbnail > 0, "the worker's renditions count");
  });

  await t.step("the migration counts what existed before usage was counted", async () => {
    const before = await house.compare();
    await server.platform.db.asOwner((sql) =>
      sql.unsafe(`
        drop table usage_entries; drop function count_usage cascade; drop index uploads_open_idx;
        delete from schema_migrations where version = 17`).simple()
    );
    const log = createLog("error", {}, () => {});
    assert.deepEqual(await migrate(server.platform.db, log), ["0017_create_usage_entries.sql"]);
    assert.deepEqual(await house.compare(), before);
    await house.ingest(tinyPng(), "one_more.png");
    assert.equal((await house.compare()).assets, before.assets + 1);
  });

  await t.step("is for administrators", async () => {
    const editor = await server.client(await server.addPerson({ tenant: "counted", role: "editor" }));
    await editor.json("GET", "/api/v1/usage", undefined, 403);
  });

  await server.close();
});

Deno.test("quota", async (t) => {
  const server = await openTestServer();
  const root = await server.client(await server.addPerson({ superuser: true }));
  const limit = (house: House, quota: object) =>
    root.json("PATCH", `/api/v1/tenants/${house.tenantId}`, { quota });

  await t.step("of bytes refuses an upload before its body, on every path", async () => {
    const house = await openHouse(server, "bytes");
    await limit(house, { bytes: 1000 * KIB });
    const asset = await house.ingest(bytes(600 * KIB), "first.bin");
    const refused = (response: Response) => assert.equal(response.status, 413);
    refused(await house.form(bytes(800 * KIB)));
    refused(await house.put(bytes(401 * KIB)));
    refused(await house.put(streamed(401 * KIB)));
    refused(await house.begin(401 * KIB));
    refused(await house.rendition(asset, bytes(800 * KIB)));
    const problem = await (await house.put(bytes(401 * KIB))).json();
    assert.equal(problem.code, "too_large");
    assert.match(problem.detail, /room for 409600 bytes/);
    const endless = await house.endless();
    assert.equal(endless.status, 413, "nobody waits for the rest of what does not fit");
    assert.equal((await house.put(bytes(400 * KIB))).status, 201);
    refused(await house.put(bytes(1)));
    refused(await house.put(streamed(1)));
    assert.equal((await house.compare()).bytes, 1000 * KIB);
    await house.json("DELETE", `/api/v1/assets/${asset}`);
    refused(await house.put(bytes(1)));
    await house.json("DELETE", `/api/v1/assets/${asset}?hard_delete=true`);
    assert.equal((await house.put(bytes(1))).status, 201);
    await server.platform.db.asTenant(house.tenantId, async (sql) => {
      const [pending] = await sql`select count(*) as count from pending_objects`;
      assert.equal(pending!.count, 0, "what was refused is not in the store");
    });
  });

  await t.step("holds for parallel uploads", async () => {
    const house = await openHouse(server, "parallel");
    await limit(house, { bytes: 100 * KIB, assets: 5 });
    const ways = [
      (nth: number) => house.put(fresh(30 * KIB, nth)),
      (nth: number) => house.form(fresh(30 * KIB, nth)),
      (_: number) => house.begin(30 * KIB),
    ];
    const answers = await Promise.all(Array.from({ length: 12 }, (_, nth) => ways[nth % 3]!(nth)));
    const statuses = answers.map(({ status }) => status).toSorted();
    assert.deepEqual(statuses, [...Array(3).fill(201), ...Array(9).fill(413)]);
    const { usage } = await house.json("GET", "/api/v1/usage");
    assert.equal(usage.bytes + usage.uploading_bytes, 90 * KIB);
  });

  await t.step("of bytes is reserved by a resumable upload until its end, and released", async () => {
    const house = await openHouse(server, "promised");
    await limit(house, { bytes: 10 * KIB, assets: 2 });
    const begun = await house.begin(6 * KIB);
    assert.equal((await house.put(bytes(6 * KIB))).status, 413);
    assert.equal((await house.begin(5 * KIB)).status, 413);
    assert.equal((await house.append(begun, bytes(6 * KIB))).status, 204);
    const other = await house.begin(4 * KIB);
    assert.equal((await house.put(bytes(1))).status, 409, "both assets are spoken for");
    await house.ask("DELETE", other.headers.get("Location")!, undefined, TUS);
    assert.equal((await house.put(bytes(4 * KIB))).status, 201);
  });

  await t.step("of assets answers 409 for placeholders, files and restoring from the trash", async () => {
    const house = await openHouse(server, "assets");
    await limit(house, { assets: 2 });
    const { id } = await house.json("POST", "/api/v1/assets", placeholder(), 201);
    await house.ingest(bytes(10), "a.bin");
    assert.equal((await house.put(bytes(11))).status, 409);
    assert.equal((await house.form(bytes(11))).status, 409);
    assert.equal((await house.begin(11)).status, 409);
    await house.json("POST", "/api/v1/assets", placeholder(), 409);
    assert.equal(
      (await house.rendition(id, bytes(11))).status,
      200,
      "a file of one that is there is none more",
    );
    await house.json("DELETE", `/api/v1/assets/${id}`);
    await house.ingest(bytes(12), "b.bin");
    await house.json("POST", `/api/v1/assets/${id}/restore`, undefined, 409);
    await limit(house, { assets: null });
    await house.json("POST", `/api/v1/assets/${id}/restore`);
  });

  await t.step("of accounts answers 409 for new accounts, invitations and reactivation", async () => {
    const house = await openHouse(server, "people");
    await limit(house, { users: 3 });
    const register = (email: string, status: number) =>
      house.json("POST", "/api/v1/auth/register", { email, password: "three blue herons" }, status);
    const invite = (email: string, status: number) =>
      house.json("POST", "/api/v1/auth/invitations", { email }, status);
    const second = await register("second@example.org", 201);
    const { token } = await invite("third@example.org", 201);
    const both = await Promise.all(
      ["a", "b", "c"].map((name) =>
        house.ask("POST", "/api/v1/auth/register", {
          email: `${name}@example.org`,
          password: "two grey owls",
        })
      ),
    );
    assert.deepEqual(both.map(({ status }) => status).toSorted(), [201, 409, 409]);
    const refused = await invite("fourth@example.org", 409);
    assert.equal(refused.errors[0].path, "quota.users");
    await house.json("POST", "/api/v1/auth/register", { token, password: "four red cranes" }, 409);
    await house.json("PATCH", `/api/v1/auth/users/${second.id}`, { is_active: false });
    await house.json("POST", "/api/v1/auth/register", { token, password: "four red cranes" }, 201);
    await house.json("PATCH", `/api/v1/auth/users/${second.id}`, { is_active: true }, 409);
  });

  await t.step("is read with the tenant and changed partially", async () => {
    const house = await openHouse(server, "settings");
    await limit(house, { bytes: 5, users: 4 });
    const { quota } = await limit(house, { users: null });
    assert.deepEqual(quota, { bytes: 5, assets: null, users: null, jobs: null });
    assert.deepEqual((await house.json("GET", "/api/v1/usage")).quota, quota);
    for (const bytes of [-1, 1.5, "x", 1e300]) {
      await root.json("PATCH", `/api/v1/tenants/${house.tenantId}`, { quota: { bytes } }, 422);
    }
    const made = { code: "made", name: "Made", quota: { jobs: 3 } };
    assert.equal((await root.json("POST", "/api/v1/tenants", made, 201)).quota.jobs, 3);
    const [entry] = (await root.json("GET", "/api/v1/audit?action=tenant.update")).items;
    assert.deepEqual([(entry!.before as any).quota.users, (entry!.after as any).quota.users], [4, null]);
  });

  await server.close();
});

interface House extends Client {
  tenantId: string;
  ask(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Response>;
  /** Ingests a file; returns its asset. */
  ingest(file: Uint8Array<ArrayBuffer>, name: string): Promise<string>;
  form(file: Uint8Array<ArrayBuffer>): Promise<Response>;
  put(body: BodyInit): Promise<Response>;
  begin(bytes: number): Promise<Response>;
  append(begun: Response, body: Uint8Array<ArrayBuffer>): Promise<Response>;
  rendition(asset: string, file: Uint8Array<ArrayBuffer>): Promise<Response>;
  /** Announces a body beyond the quota and never sends it. */
  endless(): Promise<Response>;
  /** The usage as counted by triggers; fails unless a full count at the same moment agrees. */
  compare(): Promise<Counted>;
}

interface Counted {
  bytes: number;
  assets: number;
  users: number;
}

async function openHouse(server: TestServer, tenant: string): Promise<House> {
  const person: Person = await server.addPerson({ tenant });
  const client = await server.client(person);
  const { tenantId } = person;
  const drained = async (asked: Promise<Response>) => {
    const response = await asked;
    const body = await response.arrayBuffer();
    return new Response([204, 205, 304].includes(response.status) ? null : body, response);
  };
  const send = (path: string, init: RequestInit) => drained(client.fetch(path, init));
  const form = (path: string, file: Uint8Array<ArrayBuffer>, name: string, fields = {}) => {
    const body = new FormData();
    for (const [key, value] of Object.entries(fields)) body.set(key, value as string);
    body.set("file", new File([file], name));
    return send(path, { method: "POST", body });
  };
  return {
    ...client,
    tenantId,
    ask: (method, path, body, headers = {}) =>
      send(path, {
        method,
        headers: { ...body && { "Content-Type": "application/json" }, ...headers },
        body: body && JSON.stringify(body),
      }),
    ingest: async (file, name) => {
      const response = await form("/api/v1/ingest", file, name);
      assert.equal(response.status, 201);
      return (await response.json()).asset_id;
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
    rendition: (asset, file) =>
      form(`/api/v1/assets/${asset}/upload`, file, "poster.png", { purpose: "preview" }),
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

function placeholder() {
  return { title: "A placeholder", asset_type: "video" };
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
