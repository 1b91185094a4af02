// Rights that are taken away while a body is under way: the request ends as it would if it began now, and keeps nothing.
import assert from "node:assert/strict";
import { tinyPng } from "../support/media.ts";
import { type Client, openTestServer, type Person, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

let server: TestServer;
let admin: Client;
Deno.test.beforeAll(async () => {
  server = await openTestServer();
  admin = await server.client(await server.addPerson({ superuser: true }));
});
Deno.test.afterAll(() => server.close());

interface Loss {
  take(person: Person, client: Client): Promise<unknown>;
  status: number;
}

const LOSSES: Record<string, Loss> = {
  "a deactivated account": {
    take: ({ id }) => admin.json("DELETE", `/api/v1/auth/users/${id}`),
    status: 401,
  },
  "a session that was ended": {
    take: (_, client) => client.json("POST", "/api/v1/auth/logout"),
    status: 401,
  },
  "a demoted editor": {
    take: ({ id }) => admin.json("PATCH", `/api/v1/auth/users/${id}`, { role: "viewer" }),
    status: 403,
  },
};

for (const [who, { take, status }] of Object.entries(LOSSES)) {
  Deno.test(`ingest refuses ${who} at the end of the body and keeps nothing`, async () => {
    const before = await census();
    const person = await server.addPerson({ role: "editor" });
    const client = await server.client(person);
    const { body, finish } = slowBody();
    const answer = client.fetch("/api/v1/ingest/late.png", { method: "PUT", body });
    await until("the bytes arrive", async () => (await census()).pending > before.pending);
    await take(person, client);
    finish();
    const response = await answer;
    assert.equal(response.status, status, await response.text());
    assert.deepEqual(await census(), before);
  });
}

Deno.test("ingest refuses a key that was revoked, lowered or deleted meanwhile", async () => {
  for (const [method, path, body] of KEY_ENDS) {
    const before = await census();
    const owner = await server.client(await server.addPerson({ role: "editor" }));
    const key = await owner.json("POST", "/api/v1/api-keys", { name: "robot", scopes: ["write"] }, 201);
    const { body: slow, finish } = slowBody();
    const init = { method: "PUT", body: slow, headers: { Authorization: `Bearer ${key.key}` } };
    const answer = fetch(`${server.url}/api/v1/ingest/late.png`, init);
    await until("the bytes arrive", async () => (await census()).pending > before.pending);
    await (await owner.fetch(`/api/v1/api-keys/${key.id}${path}`, {
      method,
      headers: { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    })).body?.cancel();
    finish();
    const response = await answer;
    assert.equal(response.status, body ? 403 : 401, `${method} ${path}: ${await response.text()}`);
    assert.deepEqual(await census(), before);
  }
});

const KEY_ENDS: [string, string, object?][] = [["POST", "/revoke"], ["DELETE", ""], ["PATCH", "", {
  scopes: ["read"],
}]];

Deno.test("a suspended or read-only tenant ends what its members are sending", async () => {
  for (const [state, status] of [["suspended", 401], ["read_only", 403]] as const) {
    const person = await server.addPerson({ tenant: `tenant-${state.replace("_", "-")}`, role: "editor" });
    const before = await census();
    const client = await server.client(person);
    const { body, finish } = slowBody();
    const answer = client.fetch("/api/v1/ingest/late.png", { method: "PUT", body });
    await until("the bytes arrive", async () => (await census()).pending > before.pending);
    await admin.json("PATCH", `/api/v1/tenants/${person.tenantId}`, { status: state });
    finish();
    const response = await answer;
    assert.equal(response.status, status, await response.text());
    assert.deepEqual(await census(), before);
  }
});

Deno.test("a rendition is refused once its asset is no longer shared for editing, or is in the trash", async () => {
  const maker = await server.client(await server.addPerson({ role: "editor" }));
  let helper: Person;
  for (
    const [change, status] of [
      [(id: string) => maker.json("PUT", `/api/v1/assets/${id}/access`, { visibility: "private" }), 404],
      [(id: string) =>
        maker.json("PUT", `/api/v1/assets/${id}/access`, {
          visibility: "private",
          users: [{ user_id: helper.id, right: "view" }],
        }), 403],
      [(id: string) => maker.json("DELETE", `/api/v1/assets/${id}`), 404],
    ] as const
  ) {
    helper = await server.addPerson({ role: "editor" });
    const client = await server.client(helper);
    const { id } = await maker.json("POST", "/api/v1/assets", { title: "Shared", asset_type: "image" }, 201);
    const users = [{ user_id: helper.id, right: "edit" }];
    await maker.json("PUT", `/api/v1/assets/${id}/access`, { visibility: "private", users });
    const before = await census();
    const { body, finish, contentType } = slowForm();
    const answer = client.fetch(`/api/v1/assets/${id}/upload`, {
      method: "POST",
      body,
      headers: { "Content-Type": contentType },
    });
    await until("the bytes arrive", async () => (await census()).pending > before.pending);
    await change(id);
    finish();
    const response = await answer;
    assert.equal(response.status, status, await response.text());
    assert.deepEqual(await census(), before);
  }
});

Deno.test("a resumable upload whose owner was deactivated ends with its bytes deleted", async () => {
  const before = await census();
  const person = await server.addPerson({ role: "editor" });
  const client = await server.client(person);
  const bytes = tinyPng();
  const headers = { "Tus-Resumable": "1.0.0", "Upload-Length": String(bytes.length) };
  const metadata = { "Upload-Metadata": `filename ${btoa("late.png")}` };
  const begun = await client.fetch("/api/v1/uploads", {
    method: "POST",
    headers: { ...headers, ...metadata },
  });
  await begun.body?.cancel();
  const { body, finish } = slowBody(bytes);
  const answer = client.fetch(begun.headers.get("Location")!, {
    method: "PATCH",
    body,
    headers: { ...headers, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream" },
  });
  await until("the upload has a writer", async () => (await writers()) > 0);
  await admin.json("DELETE", `/api/v1/auth/users/${person.id}`);
  finish();
  const response = await answer;
  assert.equal(response.status, 401, await response.text());
  assert.deepEqual(await census(), before);
});

async function writers(): Promise<number> {
  const [row] = await server.platform.db.asOwner((sql) =>
    sql<{ count: number }[]>`select count(*) from uploads where writer_id is not null`
  );
  return row!.count;
}

/** A body that sends all but the last byte, and that on `finish`. */
function slowBody(bytes: Uint8Array<ArrayBuffer> = padded()) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(bytes.subarray(0, bytes.length - 1)),
    pull: async (controller) => {
      await promise;
      controller.enqueue(bytes.subarray(bytes.length - 1));
      controller.close();
    },
  });
  return { body, finish: resolve };
}

/** A picture with enough bytes after its end that it is identified and stored while the last one is missing. */
function padded(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(200_000);
  bytes.set(tinyPng());
  return bytes;
}

function slowForm() {
  const form = new FormData();
  form.set("purpose", "thumbnail");
  const whole = new Response(form);
  const boundary = /boundary=(.*)$/.exec(whole.headers.get("Content-Type")!)![1]!;
  const part = (head: string) =>
    new TextEncoder().encode(`--${boundary}\r\nContent-Disposition: form-data; ${head}`);
  const field = part(`name="purpose"\r\n\r\nthumbnail\r\n`);
  const file = part(`name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n`);
  const end = new TextEncoder().encode(`\r\n--${boundary}--\r\n`);
  const bytes = new Uint8Array([...field, ...file, ...padded(), ...end]);
  return { ...slowBody(bytes), contentType: `multipart/form-data; boundary=${boundary}` };
}

/** Rows and objects of all tenants, which a refused request leaves unchanged. */
async function census() {
  const { db, storage } = server.platform;
  const [rows] = await db.asOwner((sql) =>
    sql<{ pending: number }[]>`
      select (select count(*) from assets where created_by is not null and title <> 'Shared') as assets,
             (select count(*) from storage_locations) as locations,
             (select count(*) from pending_objects) as pending, (select count(*) from uploads) as uploads`
  );
  const count = async (bucket: "originals" | "thumbnails") => (await storage.list(bucket, "")).objects.length;
  return { ...rows!, originals: await count("originals"), thumbnails: await count("thumbnails") };
}
