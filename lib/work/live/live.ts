// Live events tell open pages that something changed, so that they read it again. They are hints: a lost event costs a
// reload. Each noun declares its own; see schema.ts.
import { z } from "zod";
import { type Actor, sightOf } from "../../access/context.ts";
import { findAudience } from "../../access/grants/grants.ts";
import type { Audience } from "../../access/grants/schema.ts";
import type { Cache } from "../../platform/cache/cache.ts";
import type { Database } from "../../platform/db/database.ts";
import type { Log } from "../../platform/observe/log.ts";
import { type LiveEvent, type LiveMessage, liveMessageSchema } from "./schema.ts";

interface Announcer {
  cache: Cache;
  db: Database;
  log: Log;
}

/** An event for a part of the tenant, with its audience as it was when the event was sent. */
const restrictedMessageSchema = z.object({
  event: liveMessageSchema,
  audience: z.object({ people: z.array(z.string()), administrators: z.array(z.string()) }),
});
type RestrictedMessage = z.infer<typeof restrictedMessageSchema>;

/** Sends an event to everyone of the tenant who may see its asset. Never throws. */
export async function announce<Data extends object>(
  { cache, db, log }: Announcer,
  tenantId: string,
  event: LiveEvent<string, Data>,
  data: Data,
): Promise<void> {
  try {
    const assetId = event.assetOf(data);
    const audience = assetId ? await db.asTenant(tenantId, (sql) => findAudience(sql, assetId)) : "everyone";
    await send(cache, tenantId, audience, messageOf(event, data));
  } catch (error) {
    log.warn("live_event_lost", { tenant_id: tenantId, error });
  }
}

/**
 * Sends an event to this audience: for assets that are deleted or whose access changed, where the audience has to be
 * read before. Never throws.
 */
export async function announceTo<Data extends object>(
  { cache, log }: Pick<Announcer, "cache" | "log">,
  tenantId: string,
  audience: Audience,
  event: LiveEvent<string, Data>,
  data: Data,
): Promise<void> {
  try {
    await send(cache, tenantId, audience, messageOf(event, data));
  } catch (error) {
    log.warn("live_event_lost", { tenant_id: tenantId, error });
  }
}

/**
 * Calls `listener` for each event that the actor may receive until the returned function is called. What the cache
 * delivers is not trusted: anything but an event is dropped.
 */
export async function follow(
  cache: Cache,
  actor: Actor,
  listener: (message: LiveMessage) => void,
): Promise<() => Promise<void>> {
  const subscriptions = await Promise.all([
    cache.subscribe(tenantChannel(actor.tenantId), (message) => {
      const { data: event } = liveMessageSchema.safeParse(message);
      if (event) listener(event);
    }),
    cache.subscribe(restrictedChannel(actor.tenantId), (message) => {
      const { data } = restrictedMessageSchema.safeParse(message);
      if (data && mayReceive(actor, data.audience)) listener(data.event);
    }),
  ]);
  return async () => {
    await Promise.all(subscriptions.map((unsubscribe) => unsubscribe()));
  };
}

function messageOf<Data extends object>({ topic, schema }: LiveEvent<string, Data>, data: Data): LiveMessage {
  return { type: topic, ...schema.parse(data) };
}

function send(cache: Cache, tenantId: string, audience: Audience, event: LiveMessage): Promise<void> {
  if (audience === "everyone") return cache.publish(tenantChannel(tenantId), event);
  return cache.publish(restrictedChannel(tenantId), { event, audience });
}

/**
 * Administrators have to be administrators both when the stream was opened and when the event was sent. An API key may
 * have a lower role than its owner, hence the check of the actor's own role.
 */
function mayReceive(actor: Actor, { people, administrators }: RestrictedMessage["audience"]): boolean {
  if (people.includes(actor.userId!)) return true;
  return sightOf(actor) === null && administrators.includes(actor.userId!);
}

function tenantChannel(tenantId: string): string {
  return `tenant:${tenantId}`;
}

function restrictedChannel(tenantId: string): string {
  return `tenant:${tenantId}:sealed`;
}
