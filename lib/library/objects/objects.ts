// Objects of assets: how they are named, and how none is ever left without an owner.
import type { Ctx } from "../../access/context.ts";
import type { Platform } from "../../platform/platform.ts";
import { transaction } from "../../access/context.ts";
import type { Sql } from "../../platform/db/database.ts";
import { newId } from "../../platform/ids.ts";
import type { BucketName, ObjectRef, Storage } from "../../platform/storage/storage.ts";
import * as queries from "./queries.ts";
import type { Purpose } from "../renditions/schema.ts";

const BUCKET_OF: Partial<Record<Purpose, BucketName>> = { original: "originals", thumbnail: "thumbnails" };

/** How long an object may be under way before it counts as nobody's. */
const PENDING_SECONDS = 24 * 3600;
/** When deleting did not work, others come first. */
const RETRY_SECONDS = 3600;

interface Owner {
  tenantCode: string;
  assetId: string;
  /** ISO time of the asset's making: year and month are part of the key. */
  createdAt: string;
}

/** Where a file of an asset lies: `{tenant}/{yyyy}/{mm}/{asset_id}/{purpose}/{filename}`, the same at every attempt. */
export function objectRef(
  { tenantCode, assetId, createdAt }: Owner,
  purpose: Purpose,
  filename: string,
): ObjectRef {
  const [year, month] = createdAt.split("-");
  return {
    bucket: BUCKET_OF[purpose] ?? "proxies",
    key: `${tenantCode}/${year}/${month}/${assetId}/${purpose}/${safeFilename(filename)}`,
  };
}

/** What ends a name and says what it is; a sentence after a full stop is none. */
const EXTENSION = /(?<=.)\.[^.\s]{1,15}$/u;

/** A name that every file system and URL takes; the name that people gave is kept beside it. */
export function safeFilename(filename: string): string {
  const clean = cleanFilename(filename);
  const [extension] = EXTENSION.exec(clean) ?? [""];
  return shorten(clean.slice(0, clean.length - extension.length), 180 - encodedLength(extension)) +
      extension || "file";
}

/**
 * The file name without its extension, as people would say it, as long as a title may be. Empty when nothing can be
 * said.
 */
export function stemOf(filename: string): string {
  // Normalizing takes some letters apart: a name may be longer after it.
  return [...cleanFilename(filename).replace(EXTENSION, "")].slice(0, 500).join("");
}

function cleanFilename(filename: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is to be removed
  return filename.normalize("NFC").replaceAll(/[\x00-\x1f\x7f/\\:*?"<>|]+/g, "_").replace(/^\.+/, "").trim();
}

/** Cuts text to so many UTF-8 bytes without cutting a letter. */
function shorten(text: string, bytes: number): string {
  let cut = text;
  while (encodedLength(cut) > bytes) cut = cut.slice(0, -1);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

function encodedLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The logical bucket behind a stored bucket name. */
export function bucketNamed(storage: Storage, name: string): BucketName {
  const found = (["originals", "proxies", "thumbnails"] as const).find((bucket) =>
    storage.bucketName(bucket) === name
  );
  if (!found) throw new Error(`No bucket is configured under the name ${name}.`);
  return found;
}

/** The note that an object is about to be made. `own` deletes it, in the transaction that records the file. */
export interface ObjectNote {
  id: string;
  own: (sql: Sql) => Promise<void>;
}

/** Writes down that an object is about to be made. */
export async function announceObject(ctx: Ctx, ref: ObjectRef): Promise<ObjectNote> {
  const id = newId();
  await transaction(ctx, (sql) =>
    queries.insertPendingObject(sql, {
      id,
      tenantId: ctx.actor.tenantId,
      bucket: ctx.storage.bucketName(ref.bucket),
      path: ref.key,
      lifetimeSeconds: PENDING_SECONDS,
    }));
  return { id, own: async (sql) => void await queries.deletePendingObject(sql, id) };
}

/** Marks objects as nobody's in the caller's transaction. Answers the notes for `discardNoted`; the sweep has them too. */
export async function disownObjects(sql: Sql, tenantId: string, objects: { bucket: string; path: string }[]) {
  const notes = objects.map(({ bucket, path }) => ({ id: newId(), tenant_id: tenantId, bucket, path }));
  for (const { id, bucket, path } of notes) {
    await queries.insertPendingObject(sql, { id, tenantId, bucket, path, lifetimeSeconds: -1 });
  }
  return notes;
}

/** Deletes an object that came to nothing, as well as can be done right now; the sweep does the rest. */
export async function discardObject(ctx: Ctx, ref: ObjectRef, note: ObjectNote): Promise<void> {
  const bucket = ctx.storage.bucketName(ref.bucket);
  await discardNoted(ctx, [{ id: note.id, tenant_id: ctx.actor.tenantId, bucket, path: ref.key }]);
}

/** Deletes the objects of these notes, but for those that somebody owns after all. Never throws: the sweep comes by. */
export async function discardNoted(platform: Platform, notes: queries.PendingRow[]): Promise<void> {
  for (const note of notes) {
    try {
      await sweepObject(platform, note);
    } catch (error) {
      platform.log.warn("object_left_to_sweep", { bucket: note.bucket, key: note.path, error });
      await platform.db.asTenant(
        note.tenant_id,
        (sql) => queries.postponePendingObject(sql, note.id, RETRY_SECONDS),
      )
        .catch(() => {});
    }
  }
}

/** Deletes up to `limit` objects that nobody owns and forgets them. Answers how many rows it dealt with. */
export async function sweepPendingObjects(platform: Platform, limit = 100): Promise<number> {
  const expired = await platform.db.asSystem((sql) => queries.listExpiredObjects(sql, limit));
  await discardNoted(platform, expired);
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

/** Parts that a process left when it died in the middle: nobody sees them, but they fill the store. */
async function abortStale(storage: Storage, ref: ObjectRef): Promise<void> {
  const long = Date.now() - PENDING_SECONDS * 1000 / 2;
  for (const { key, uploadId, startedAt } of await storage.listMultipart(ref.bucket, ref.key)) {
    if (key === ref.key && startedAt.getTime() < long) await storage.abortMultipart(ref, uploadId);
  }
}
