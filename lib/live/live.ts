// Live events: a hint that something changed, sent to everybody of a tenant who has a page open. Readers re-read.
import type { Cache } from "../platform/cache.ts";
import type { Log } from "../platform/log.ts";

export type LiveEvent =
  | { type: "asset"; id: string; change: "created" | "updated" | "removed"; status: string }
  | { type: "job"; id: string; asset_id: string | null; job_type: string; status: string; progress: number };

interface Announcer {
  cache: Cache;
  log: Log;
}

/** Tells everybody of the tenant. Never throws: an event that is lost costs a reload, not the work it tells of. */
export async function announce(
  { cache, log }: Announcer,
  tenantId: string,
  ...events: LiveEvent[]
): Promise<void> {
  try {
    for (const event of events) await cache.publish(channelOf(tenantId), event);
  } catch (error) {
    log.warn("live_event_lost", { tenant_id: tenantId, error });
  }
}

/** Calls `listener` for each event of the tenant until the returned function is called. */
export function follow(
  cache: Cache,
  tenantId: string,
  listener: (event: LiveEvent) => void,
): Promise<() => Promise<void>> {
  return cache.subscribe(channelOf(tenantId), (event) => listener(event as LiveEvent));
}

/** The channel on which relays hear that there is a job to publish, so that they need not wait for the next poll. */
export const JOBS_CHANNEL = "jobs";

function channelOf(tenantId: string): string {
  return `tenant:${tenantId}`;
}
