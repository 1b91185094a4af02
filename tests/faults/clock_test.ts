// Steps of the wall clock under a running Akashi, by libfaketime: at most a minute of anything may be wrong.
import assert from "node:assert/strict";
import { startAkashi } from "../support/akashi.ts";
import { tinyPng } from "../support/media.ts";
import type { Client } from "../support/server.ts";
import { until } from "../support/until.ts";

const LIBRARY = await findLibrary();
/** A clock that is set back by an hour forgets nothing within this number of requests. */
const LIMIT = 40;

Deno.test({
  name: "the clock set back and forward by an hour: requests, sign-in and jobs go on",
  // Debian's package `faketime` has it.
  ignore: LIBRARY === undefined,
  fn: async () => {
    const clock = await Deno.makeTempFile();
    await Deno.writeTextFile(clock, "+0");
    await using akashi = await startAkashi({
      settings: { RATE_LIMIT_PER_MINUTE: String(LIMIT), RATE_LIMIT_SIGN_IN_PER_MINUTE: "10" },
      variables: {
        LD_PRELOAD: LIBRARY!,
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      },
    });
    await useIt(await akashi.signIn(), "before");
    for (const offset of ["-3600", "+0", "+3600", "+0"]) {
      // Jobs that wait while the clock is set.
      const before = await akashi.signIn();
      const waiting = await bringIn(before, `waits for ${offset}`);
      await Deno.writeTextFile(clock, offset);
      // Its tokens may have expired.
      const client = await akashi.signIn();
      await until("jobs from before are done", () => isAvailable(client, waiting), 30_000);
      await useIt(client, offset);
    }
    assert.doesNotMatch(akashi.child.output(), /"level":"error"/);
    await Deno.remove(clock);
  },
});

/** A fifth of the allowance is spent, and a file gets through all of its jobs. */
async function useIt(client: Client, name: string): Promise<void> {
  for (let turn = 0; turn < LIMIT / 8; turn++) await client.json("GET", "/api/v1/assets?page_size=1");
  const id = await bringIn(client, name);
  await until(`a file is available: ${name}`, () => isAvailable(client, id), 30_000);
}

async function bringIn(client: Client, name: string): Promise<string> {
  const body = tinyPng();
  const path = `/api/v1/ingest/${encodeURIComponent(name)}.png`;
  const response = await client.fetch(path, { method: "PUT", body });
  assert.equal(response.status, 201, await response.clone().text());
  return (await response.json()).asset_id;
}

async function isAvailable(client: Client, id: string): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  return (await client.json("GET", `/api/v1/assets/${id}`)).status === "available";
}

async function findLibrary(): Promise<string | undefined> {
  const folders = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map((name) => `/usr/lib/${name}/faketime`);
  for (const folder of folders) {
    const path = `${folder}/libfaketimeMT.so.1`;
    if (await Deno.stat(path).catch(() => null)) return path;
  }
}
