// `pending_objects`: reservations of objects that are being written, and objects that are orphaned.
import type { Sql } from "../../platform/db/database.ts";

interface PendingObject {
  id: string;
  tenantId: string;
  bucket: string;
  path: string;
  lifetimeSeconds: number;
}

export function insertPendingObject(sql: Sql, object: PendingObject) {
  return sql`
    insert into pending_objects (id, tenant_id, bucket, path, expires_at)
    values (${object.id}, ${object.tenantId}, ${object.bucket}, ${object.path},
            now() + make_interval(secs => ${object.lifetimeSeconds}))`;
}

export function deletePendingObject(sql: Sql, id: string) {
  return sql`delete from pending_objects where id = ${id}`;
}

export interface PendingRow {
  id: string;
  tenant_id: string;
  bucket: string;
  path: string;
}

export function postponePendingObject(sql: Sql, id: string, seconds: number) {
  return sql`update pending_objects set expires_at = now() + make_interval(secs => ${seconds}) where id = ${id}`;
}

/** Reservations that expired: their objects are orphaned. */
export function listExpiredObjects(sql: Sql, limit: number) {
  return sql<PendingRow[]>`
    select id, tenant_id, bucket, path from pending_objects where expires_at < now() order by expires_at limit ${limit}`;
}

/**
 * True when a file, an open upload or a newer reservation owns this object: a job that runs again writes the same key.
 */
export function isObjectOwned(sql: Sql, bucket: string, path: string, exceptPendingId: string) {
  return sql<{ owned: boolean }[]>`
    select exists (select from storage_locations where bucket = ${bucket} and path = ${path})
        or exists (select from uploads where bucket = ${bucket} and finished_at is null
                                         and (path = ${path} or tail_path = ${path}))
        or exists (select from pending_objects where bucket = ${bucket} and path = ${path} and id <> ${exceptPendingId}
                                                 and expires_at >= now()) as owned`;
}
