// The time of the last backup, marked by the backup itself, so that a missing backup raises an alert.
import { backupError } from "./reasons.ts";
import type { ObjectRef, Storage } from "../../platform/storage/storage.ts";

/** In the object store, which a restored database does not roll back. No tenant code begins with an underscore. */
const MARK: ObjectRef = { bucket: "originals", key: "_akashi/last-backup.json" };

/** Marks a backup as completed at `at`. Throws `invalid` for a time in the future. */
export async function markBackup(storage: Storage, at: Date): Promise<void> {
  if (!(at.getTime() <= Date.now())) throw backupError("in_future");
  const body = new TextEncoder().encode(JSON.stringify({ completed_at: at.toISOString() }));
  await storage.put(MARK, body, { contentType: "application/json", contentLength: body.length });
}

/** When the last marked backup was completed; undefined when none was. */
export async function readBackupMark(storage: Storage): Promise<Date | undefined> {
  const mark = await storage.get(MARK);
  if (!mark) return undefined;
  const { completed_at } = await new Response(mark.body).json();
  return new Date(completed_at);
}
