// Parts that accept connections and answer nothing, as a frozen machine does: the server lives, answers 503 or 507 with
// words in time, and all accepted work is done when they go on.
import assert from "node:assert/strict";
import { tinyPng } from "../../support/media.ts";
import { findListener, freeze, SERVICES } from "../../support/processes.ts";
import { type Client, openTestServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

const NEEDED = ["DATABASE_URL", "S3_ENDPOINT", "REDIS_URL", "AMQP_URL"];
/** How long each part is frozen; the database for longer than anything waits for its first answer. */
const FROZEN_MS: Record<string, number> = { DATABASE_URL: 18_000 };
const USUALLY_FROZEN_MS = 6_000;
const TIMEOUT_SECONDS = 3;
/** Beyond the time limit of requests: uploads have none, and wait for the store's own. */
const MOST_MS = 20_000;

Deno.test({
  name:
    "a part that is frozen loses nothing: requests go on or are answered 503 in time, then all work is done",
  ignore: !SERVICES || NEEDED.some((name) => !Deno.env.get(name)),
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const server = await openTestServer({
      worker: true,
      settings: { REQUEST_TIMEOUT_SECONDS: String(TIMEOUT_SECONDS) },
    });
    try {
      const client = await server.client();
      const accepted: string[] = [await bringIn(client)].filter((id) => id !== undefined);
      for (const name of NEEDED) {
        const thaw = await freeze(await findListener(Number(new URL(Deno.env.get(name)!).port)));
        const ms = FROZEN_MS[name] ?? USUALLY_FROZEN_MS;
        const timer = setTimeout(thaw, ms);
        try {
          accepted.push(...await useFor(client, ms));
        } finally {
          clearTimeout(timer);
          thaw();
        }
        accepted.push(await until(`files are taken again after ${name}`, () => bringIn(client), 30_000));
      }
      for (const id of accepted) {
        await until(`${id} is available`, async () => {
          return (await client.json("GET", `/api/v1/assets/${id}`)).status === "available";
        }, 60_000);
      }
    } finally {
      await server.close();
    }
  },
});

/** Uploads, reads and writes for a while. Answers the assets that were accepted. */
async function useFor(client: Client, ms: number): Promise<string[]> {
  const accepted: string[] = [];
  const until = performance.now() + ms;
  const keepOn = async (ask: () => Promise<unknown>) => {
    while (performance.now() < until) await ask();
  };
  await Promise.all([
    keepOn(async () => {
      const id = await bringIn(client);
      if (id) accepted.push(id);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }),
    keepOn(() => ask(client, "/api/v1/assets")),
    keepOn(() => ask(client, "/api/v1/health", 503)),
  ]);
  return accepted;
}

async function ask(client: Client, path: string, alsoFine?: number): Promise<void> {
  const began = performance.now();
  const response = await client.fetch(path);
  assert.ok(performance.now() - began < TIMEOUT_SECONDS * 1000 + 3_000, `${path} in time`);
  if (response.status !== 200 && response.status !== alsoFine) await assertOutage(response);
  else await response.body?.cancel();
  await new Promise((resolve) => setTimeout(resolve, 200));
}

/** The id of the new asset; undefined when it was refused for the outage. */
async function bringIn(client: Client): Promise<string | undefined> {
  const began = performance.now();
  const response = await client.fetch("/api/v1/ingest/a.png", { method: "PUT", body: tinyPng() });
  assert.ok(performance.now() - began < MOST_MS, "an upload is answered in time");
  if (response.status === 201) return (await response.json()).asset_id;
  await assertOutage(response);
}

async function assertOutage(response: Response): Promise<void> {
  const { detail } = await response.json();
  assert.ok([503, 507].includes(response.status), `${response.status} ${detail}`);
  assert.ok(detail.length > 20, detail);
}
