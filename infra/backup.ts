// `deno task backup mark [--at 2026-01-02T03:04:05Z]`: the last line of a backup script. Records a complete backup, now
// or at the given time; an alert fires when the last one is too old.
import { parseArgs } from "node:util";
import { markBackup } from "../lib/operation/health/backup.ts";
import { ConfigError, loadConfig } from "../lib/platform/config.ts";
import { errorMessage } from "../lib/platform/errors.ts";
import { openStorage } from "../lib/platform/open.ts";

try {
  const { values, positionals } = parseArgs({ options: { at: { type: "string" } }, allowPositionals: true });
  if (positionals.join(" ") !== "mark") throw new Error("Usage: deno task backup mark [--at TIME]");
  const at = values.at === undefined ? new Date() : new Date(values.at);
  const storage = await openStorage(loadConfig());
  await storage.prepare();
  await markBackup(storage, at);
  await storage.close();
  console.log(`Marked: a backup was complete at ${at.toISOString()}.`);
} catch (error) {
  console.error(
    (error instanceof ConfigError ? "Invalid configuration:\n" : "") + errorMessage(error),
  );
  Deno.exit(1);
}
