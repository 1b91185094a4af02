// Live events: a hint that something changed, sent to those of a tenant who have a page open and may see it. Readers
// re-read.
import { type Actor, sightOf } from "../../access/context.ts";
import { findAudience } from "../../access/grants/grants.ts";
import type { Audience } from "../../access/grants/schema.ts";
import type { Cache } from "../../platform/cache/cache.ts";
import type { Database } from "../../platform/db/database.ts";
import type { Log } from "../../platform/observe/log.ts";

export type LiveEvent =
  | { type: "asset"; id: string; change: "created" | "updated" | "removed"; status: string }
  | { type: "job"; id: string; asset_id: string | null; job_type: string; status: string; progress: number };

interface Announcer {
  cache: Cache;
  db: Database;
  log: Log;
}

/** An event that is not for everybody of its tenant, with those it is for as they were when it was sent. */
interface Sealed {
  event: LiveEvent;
  audience: Exclude<Audience, "everyone">;
}

/**
 * Tells everybody of the tenant who may see the asset that an event is about. Never throws: an event that is lost costs
 * a reload, not the work it tells of.
 */
export async function announce(
  { cache, db, log }: Announcer,
  tenantId: string,
  ...events: LiveEvent[]
): Promise<void> {
  try {
    for (const event of events) {
      const assetId = event.type === "asset" ? event.id : event.asset_id;
      const audience = assetId
        ? await db.asTenant(tenantId, (sql) => findAudience(sql, assetId))
        : "everyone";
      await send(cache, tenantId, event, audience);
    }
  } catch (error) {
    log.warn("live_event_lost", { tenant_id: tenantId, error });
  }
}

/** As `announce`, for what is gone or was in other hands: the caller knows who may hear of it. */
export async function announceTo(
  { cache, log }: Pick<Announcer, "cache" | "log">,
  tenantId: string,
  audience: Audience,
  event: LiveEvent,
): Promise<void> {
  try {
    await send(cache, tenantId, event, audience);
  } catch (error) {
    log.warn("live_event_lost", { tenant_id: tenantId, error });
  }
}

/** Calls `listener` for each event of the actor's tenant that is for them until the returned function is called. */
export async function follow(
  cache: Cache,
  actor: Actor,
  listener: (event: LiveEvent) => void,
): Promise<() => Promise<void>> {
  const ends = await Promise.all([
    cache.subscribe(openChannel(actor.tenantId), (event) => listener(event as LiveEvent)),
    cache.subscribe(sealedChannel(actor.tenantId), (message) => {
      const { event, audience } = message as Sealed;
      if (isFor(actor, audience)) listener(event);
    }),
  ]);
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
}

/** The channel on which relays hear that there is a job to publish, so that they need not wait for the next poll. */
export const JOBS_CHANNEL = "jobs";

function send(cache: Cache, tenantId: string, event: LiveEvent, audience: Audience): Promise<void> {
  if (audience === "everyone") return cache.publish(openChannel(tenantId), event);
  return cache.publish(sealedChannel(tenantId), { event, audience });
}

/** Who was an administrator when the stream began has to be one still; a key may be less than its owner. */
function isFor(actor: Actor, { people, administrators }: Sealed["audience"]): boolean {
  if (people.includes(actor.userId!)) return true;
  return sightOf(actor) === null && administrators.includes(actor.userId!);
}

function openChannel(tenantId: string): string {
  return `tenant:${tenantId}`;
}

function sealedChannel(tenantId: string): string {
  return `tenant:${tenantId}:sealed`;
}
