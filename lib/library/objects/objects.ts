// Objects in the store and the rows that own them. Storage has no transactions, so every object is reserved in the
// database before it is written: a crash at any point leaves a row that the sweep finds.
import { type Ctx, transaction } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ObjectRef, Storage } from "../../platform/storage/storage.ts";
import { bucketNamed } from "./keys.ts";
import * as queries from "./queries.ts";

/** How long a write may take before its object counts as orphaned. */
const PENDING_SECONDS = 24 * 3600;
/** How long a failed deletion is postponed, so that it does not block the others. */
const RETRY_SECONDS = 3600;

/** The reservation of an object that is about to be written. */
export interface ObjectReservation {
  id: string;
  /** Ends the reservation; call it in the transaction that records the file, which then owns the object. */
  release: (sql: Sql) => Promise<void>;
}

/** Reserves an object before it is written. Unless released, it is deleted once the reservation expires. */
export async function reserveObject(ctx: Ctx, ref: ObjectRef): Promise<ObjectReservation> {
  const id = newId();
  await transaction(ctx, (sql) =>
    queries.insertPendingObject(sql, {
      id,
      tenantId: ctx.actor.tenantId,
      bucket: ctx.storage.bucketName(ref.bucket),
      path: ref.key,
      lifetimeSeconds: PENDING_SECONDS,
    }));
  return { id, release: async (sql) => void await queries.deletePendingObject(sql, id) };
}

/**
 * Marks objects as orphaned in the caller's transaction. Answers them for `discardOrphans`, to be called after the
 * commit; the sweep finds them as well.
 */
export async function markOrphaned(sql: Sql, tenantId: string, objects: { bucket: string; path: string }[]) {
  const orphans = objects.map(({ bucket, path }) => ({ id: newId(), tenant_id: tenantId, bucket, path }));
  for (const { id, bucket, path } of orphans) {
    await queries.insertPendingObject(sql, { id, tenantId, bucket, path, lifetimeSeconds: -1 });
  }
  return orphans;
}

/** Deletes an object whose file was not recorded. Never throws: what fails is left to the sweep. */
export async function discardObject(
  ctx: Ctx,
  ref: ObjectRef,
  reservation: ObjectReservation,
): Promise<void> {
  const bucket = ctx.storage.bucketName(ref.bucket);
  await discardOrphans(ctx, [
    { id: reservation.id, tenant_id: ctx.actor.tenantId, bucket, path: ref.key },
  ]);
}

/** Deletes orphaned objects, except those that a row owns again. Never throws: what fails is left to the sweep. */
export async function discardOrphans(platform: Platform, orphans: queries.PendingRow[]): Promise<void> {
  for (const orphan of orphans) {
    try {
      await sweepObject(platform, orphan);
    } catch (error) {
      platform.log.warn("object_left_to_sweep", { bucket: orphan.bucket, key: orphan.path, error });
      await postpone(platform, orphan).catch(() => {});
    }
  }
}

async function postpone({ db }: Platform, { id, tenant_id }: queries.PendingRow): Promise<void> {
  await db.asTenant(tenant_id, (sql) => queries.postponePendingObject(sql, id, RETRY_SECONDS));
}

/** Deletes up to `limit` orphaned objects. Answers how many expired reservations it handled. */
export async function sweepPendingObjects(platform: Platform, limit = 100): Promise<number> {
  const expired = await platform.db.asSystem((sql) => queries.listExpiredObjects(sql, limit));
  await discardOrphans(platform, expired);
  return expired.length;
}

async function sweepObject({ db, storage }: Platform, { id, tenant_id, bucket, path }: queries.PendingRow) {
  const ref = { bucket: bucketNamed(storage, bucket), key: path };
  const [state] = await db.asTenant(tenant_id, (sql) => queries.isObjectOwned(sql, bucket, path, id));
  if (!state!.owned) {
    await storage.delete(ref);
    await abortStale(storage, ref);
  }
  await db.asTenant(tenant_id, (sql) => queries.deletePendingObject(sql, id));
}

/** Aborts multipart uploads that a crashed process left open: their parts are invisible and take up space. */
async function abortStale(storage: Storage, ref: ObjectRef): Promise<void> {
  const stale = Date.now() - PENDING_SECONDS * 1000 / 2;
  for (const { key, uploadId, startedAt } of await storage.listMultipart(ref.bucket, ref.key)) {
    if (key === ref.key && startedAt.getTime() < stale) await storage.abortMultipart(ref, uploadId);
  }
}
