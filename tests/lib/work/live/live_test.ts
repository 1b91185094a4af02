// Clients and other versions of Akashi read these messages: their bytes are part of the contract.
import assert from "node:assert/strict";
import { assetEvent } from "../../../../lib/library/assets/events.ts";
import type { Cache } from "../../../../lib/platform/cache/cache.ts";
import type { Database } from "../../../../lib/platform/db/database.ts";
import { createLog } from "../../../../lib/platform/observe/log.ts";
import { jobEvent } from "../../../../lib/work/jobs/events.ts";
import { announce, announceTo } from "../../../../lib/work/live/live.ts";

const TENANT = "01920000-0000-7000-8000-000000000001";
const ID = "01920000-0000-7000-8000-000000000002";

Deno.test("announce() sends an event without an asset to the whole tenant", async () => {
  const { announcer, sent } = record();
  const job = { id: ID, asset_id: null, job_type: "proxy", status: "processing", progress: 7 } as const;
  await announce(announcer, TENANT, jobEvent, job);
  assert.deepEqual(sent, [
    `tenant:${TENANT} {"type":"job","id":"${ID}","asset_id":null,"job_type":"proxy","status":"processing","progress":7}`,
  ]);
});

Deno.test("announceTo() sends an event to its audience alone", async () => {
  const { announcer, sent } = record();
  const change = { status: "available", change: "updated", id: ID } as const;
  await announceTo(announcer, TENANT, "everyone", assetEvent, change);
  await announceTo(announcer, TENANT, { people: [ID], administrators: [] }, assetEvent, change);
  const event = `{"type":"asset","id":"${ID}","change":"updated","status":"available"}`;
  assert.deepEqual(sent, [
    `tenant:${TENANT} ${event}`,
    `tenant:${TENANT}:sealed {"event":${event},"audience":{"people":["${ID}"],"administrators":[]}}`,
  ]);
});

Deno.test("announce() logs an event that does not fit its schema, and does not throw", async () => {
  const { announcer, sent, lines } = record();
  const job = { id: "no id", asset_id: null, job_type: "proxy", status: "failed", progress: 0 } as const;
  await announce(announcer, TENANT, jobEvent, job);
  assert.deepEqual(sent, []);
  assert.match(lines.join(), /live_event_lost/);
});

function record() {
  const sent: string[] = [];
  const lines: string[] = [];
  const publish: Cache["publish"] = (channel, message) => {
    sent.push(`${channel} ${JSON.stringify(message)}`);
    return Promise.resolve();
  };
  const log = createLog("info", {}, (line) => lines.push(line));
  return { sent, lines, announcer: { cache: { publish } as Cache, db: {} as Database, log } };
}
