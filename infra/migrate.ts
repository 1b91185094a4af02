// `deno task migrate`: applies pending migrations as the schema's owner, and creates the login of servers and workers;
// `--check` only reports what is pending.
import { ConfigError, loadConfig } from "../lib/platform/config.ts";
import { openDatabase, verifyRowSecurity } from "../lib/platform/db/database.ts";
import { grantLogin } from "../lib/platform/db/login.ts";
import { errorMessage } from "../lib/platform/errors.ts";
import { createLog } from "../lib/platform/observe/log.ts";
import { migrate, pendingMigrations } from "../lib/platform/db/migrations.ts";

try {
  const config = loadConfig();
  const { DATABASE_OWNER_URL, DATABASE_URL } = config;
  const owner = { ...config, DATABASE_URL: DATABASE_OWNER_URL ?? DATABASE_URL, DATABASE_READ_URL: undefined };
  const db = await openDatabase(owner);
  if (Deno.args.includes("--check")) {
    const pending = await pendingMigrations(db);
    console.log(pending.length === 0 ? "Up to date." : `Pending: ${pending.join(", ")}`);
    await db.close();
    Deno.exit(pending.length === 0 ? 0 : 1);
  }
  const applied = await migrate(db, createLog(config.LOG_LEVEL));
  await verifyRowSecurity(db);
  if (DATABASE_OWNER_URL) await grantLogin(db, DATABASE_URL!);
  await db.close();
  console.log(applied.length === 0 ? "Up to date." : `Applied ${applied.length}: ${applied.join(", ")}`);
} catch (error) {
  console.error(
    (error instanceof ConfigError ? "Invalid configuration:\n" : "") + errorMessage(error),
  );
  Deno.exit(1);
}
