// Broker, cache, object store and database are killed under load and started again. No accepted work is lost or done
// twice, and requests that need the missing server are answered 503.
import assert from "node:assert/strict";
import { tinyPng } from "../../support/media.ts";
import { service, SERVICES } from "../../support/processes.ts";
import { type Client, openTestServer, type TestServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

/** So many requests are sent before, during and after an outage. */
const REQUESTS = 10;
const NEEDED = ["DATABASE_URL", "S3_ENDPOINT", "REDIS_URL", "AMQP_URL"];
const ignore = !SERVICES || NEEDED.some((name) => !Deno.env.get(name));

Deno.test({
  name: "broker, cache and object store restarted under load lose nothing and double nothing",
  ignore,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const server = await openTestServer({ worker: true });
    try {
      const client = await server.client();
      const load = sendUntilStopped(client);
      for (const name of ["redis", "versity", "rabbitmq"]) {
        await load.goesOn(REQUESTS);
        await service("kill", name);
        await load.goesOn(REQUESTS);
        await service("start", name);
      }
      await load.goesOn(REQUESTS);
      await until("enough files were accepted", () => load.accepted.length > 20, 60_000);
      const { accepted, refused } = await load.stop();
      assert.deepEqual(
        [...new Set(refused)].filter((status) => status !== 503),
        [],
        "a server that is unavailable is a 503",
      );
      await until("all is settled", async () => {
        const [row] = await server.platform.db.asOwner((sql) =>
          sql`select count(*) filter (where status = 'processing') as open from assets`
        );
        return row!.open === 0;
      }, 150_000).catch(async (error) => assert.fail(`${error.message}: ${await openWork(server)}`));
      await assertWhole(server, accepted);
    } finally {
      await server.close();
    }
  },
});

Deno.test({
  name: "without its database the server answers 503, says so in health, and comes back by itself",
  ignore,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const server = await openTestServer({ worker: true });
    try {
      const client = await server.client();
      await service("kill", "postgres");
      try {
        const asked = await client.fetch("/api/v1/assets");
        assert.equal(asked.status, 503, await asked.clone().text());
        assert.ok(Number(asked.headers.get("Retry-After")) > 0);
        await asked.body?.cancel();
        const health = await fetch(`${server.url}/api/v1/health`);
        assert.equal(health.status, 503);
        const { database, storage } = await health.json();
        assert.notEqual(database, "ok");
        assert.equal(storage, "ok");
        const ready = await fetch(`${server.url}/readyz`);
        assert.equal(ready.status, 503);
        await ready.body?.cancel();
      } finally {
        await service("start", "postgres");
      }
      await until("it is back", async () => (await client.fetch("/api/v1/assets")).status === 200, 30_000);
      const { asset_id } = await (await send(client)).json();
      await until("and works", async () => {
        const response = await client.fetch(`/api/v1/assets/${asset_id}`);
        return response.ok && (await response.json()).status === "available";
      }, 60_000);
    } finally {
      await server.close();
    }
  },
});

/** The jobs that are still open, for the message of a failure. */
async function openWork(server: TestServer): Promise<string> {
  const rows = await server.platform.db.asOwner((sql) =>
    sql`select job_type, status, count(*), max(attempts) as attempts, min(run_after - now()) as due,
               max(now() - published_at) as published, max(lease_expires_at - now()) as lease, min(error_message) as error
        from jobs where status in ('pending', 'processing') group by 1, 2`
  );
  return JSON.stringify(rows);
}

function send(client: Client): Promise<Response> {
  const form = new FormData();
  form.set("file", new File([tinyPng()], "a.png"));
  return client.fetch("/api/v1/ingest", { method: "POST", body: form });
}

/** Sends one small file after another until stopped. */
function sendUntilStopped(client: Client) {
  let going = true;
  const accepted: string[] = [];
  const refused: number[] = [];
  const sent = () => accepted.length + refused.length;
  const running = (async () => {
    while (going) {
      const response = await send(client);
      if (response.status === 201) accepted.push((await response.json()).asset_id);
      else {
        refused.push(response.status);
        await response.body?.cancel();
      }
      await pause(30);
    }
  })();
  return {
    accepted,
    /** Waits until `count` more requests were answered. */
    goesOn: async (count: number) => {
      const enough = sent() + count;
      await until(`${count} requests are answered`, () => sent() >= enough, 60_000);
    },
    stop: async () => {
      going = false;
      await running;
      return { accepted, refused };
    },
  };
}

/** Every accepted file is one available asset with each job done once and each object there; nothing else exists. */
async function assertWhole(server: TestServer, accepted: string[]): Promise<void> {
  const rows = await server.platform.db.asOwner((sql) =>
    sql<{ id: string; status: string; jobs: number; purposes: string[] }[]>`
      select a.id, a.status, (select count(*) from jobs j where j.asset_id = a.id and j.status = 'completed') as jobs,
             (select array_agg(purpose order by purpose) from storage_locations l where l.asset_id = a.id) as purposes
      from assets a`
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const id of accepted) {
    const { status, jobs, purposes } = byId.get(id)!;
    assert.deepEqual({ status, jobs, purposes }, {
      status: "available",
      jobs: 3,
      purposes: ["original", "proxy", "thumbnail"],
    });
  }
  const { storage } = server.platform;
  const locations = await server.platform.db.asOwner((sql) =>
    sql<{ bucket: string; path: string }[]>`select bucket, path from storage_locations`
  );
  for (const { bucket, path } of locations) {
    const name = (["originals", "proxies", "thumbnails"] as const).find((known) =>
      storage.bucketName(known) === bucket
    )!;
    assert.ok(await storage.head({ bucket: name, key: path }), path);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
