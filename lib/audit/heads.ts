// Heads of all chains, written to the object store, out of reach of anyone who can only change the database.
import type { Platform } from "../platform/platform.ts";
import { hasCode } from "../platform/errors.ts";
import type { ObjectRef, Storage } from "../platform/storage/storage.ts";
import { z } from "zod";
import * as queries from "./queries.ts";

const headSchema = z.object({ tenant: z.string(), seq: z.number().int(), hash: z.string() });
/** The last entry of a tenant's chain. Kept elsewhere, it reveals later whether the chain was truncated. */
export type Head = z.infer<typeof headSchema>;

/** Cannot collide with a tenant's objects: no tenant code begins with `_`. */
const PREFIX = "_audit/heads/";

/** Writes the heads of all chains, once an hour by the first worker to do it; never overwrites an object. */
export async function noteHeads({ db, storage, clock }: Pick<Platform, "db" | "storage" | "clock">) {
  const ref = refOfHour(new Date(clock.now()));
  if (await storage.head(ref)) return;
  const heads = await db.asSystem((sql) => queries.listHeads(sql));
  if (heads.length === 0) return;
  const body = new TextEncoder().encode(JSON.stringify(heads));
  await storage.put(ref, body, { contentType: "application/json", onlyIfAbsent: true }).catch((error) => {
    if (!hasCode(error, "conflict")) throw error;
  });
}

/** All heads ever written, the oldest first. */
export async function* readNotedHeads(storage: Storage): AsyncGenerator<Head> {
  let cursor: string | undefined;
  do {
    const page = await storage.list("originals", PREFIX, { cursor });
    for (const { key } of page.objects) yield* await readHeads(storage, { bucket: "originals", key });
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
}

async function readHeads(storage: Storage, ref: ObjectRef): Promise<Head[]> {
  const object = await storage.get(ref);
  return object ? headSchema.array().parse(await new Response(object.body).json()) : [];
}

/** `_audit/heads/2026/11/24/19.json`, in UTC. */
function refOfHour(time: Date): ObjectRef {
  const [day, rest] = time.toISOString().split("T") as [string, string];
  return { bucket: "originals", key: `${PREFIX}${day.replaceAll("-", "/")}/${rest.slice(0, 2)}.json` };
}
