// When the last backup was made. Whoever makes one says so here; that nobody did is what has to be noticed.
import { backupError } from "./reasons.ts";
import type { ObjectRef, Storage } from "../../platform/storage/storage.ts";

/** Beside the objects, which outlive a restored database. No tenant's code begins with an underscore. */
const MARK: ObjectRef = { bucket: "originals", key: "_akashi/last-backup.json" };

/** Notes that a backup was complete at `at`, which must not lie in the future. Throws `invalid`. */
export async function markBackup(storage: Storage, at: Date): Promise<void> {
  if (!(at.getTime() <= Date.now())) throw backupError("in_future");
  const body = new TextEncoder().encode(JSON.stringify({ completed_at: at.toISOString() }));
  await storage.put(MARK, body, { contentType: "application/json", contentLength: body.length });
}

/** When the last backup that was marked was complete; undefined when none ever was. */
export async function readBackupMark(storage: Storage): Promise<Date | undefined> {
  const found = await storage.get(MARK);
  if (!found) return undefined;
  const { completed_at } = await new Response(found.body).json();
  return new Date(completed_at);
}
