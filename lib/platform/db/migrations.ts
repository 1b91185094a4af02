// Numbered SQL files, forward only, one transaction each.
import { createHash } from "node:crypto";
import type { Database, Sql } from "./database.ts";
import type { Log } from "../observe/log.ts";

export const MIGRATIONS_FOLDER = new URL("../../../infra/migrations/", import.meta.url);
/** The advisory lock that migrations and the grants of logins take, so that two processes may run them at once. */
export const MIGRATION_LOCK = 4_207_001;

interface Migration {
  version: number;
  name: string;
  text: string;
  checksum: string;
}

/**
 * Applies the migrations of `folder` that the database does not have yet. Safe to run in several processes at once:
 * each migration first takes a transaction-local advisory lock. Throws when an applied file was edited. A migration
 * that only the database knows belongs to a newer version and is ignored. Returns the names applied.
 */
export async function migrate(db: Database, log: Log, folder: URL = MIGRATIONS_FOLDER): Promise<string[]> {
  const migrations = readMigrations(folder);
  await db.asOwner(prepareLedger);
  const applied: string[] = [];
  for (const migration of migrations) {
    if (await db.asOwner((sql) => apply(sql, migration))) {
      applied.push(migration.name);
      log.info("migration_applied", { migration: migration.name });
    }
  }
  return applied;
}

/** Names of the migrations that are not applied yet, for `deno task migrate --check` and processes that start. */
export async function pendingMigrations(db: Database, folder: URL = MIGRATIONS_FOLDER): Promise<string[]> {
  const names = readMigrations(folder).map((migration) => migration.name);
  const applied = await db.asOwner(async (sql) => {
    const [ledger] = await sql`select to_regclass('public.schema_migrations') is not null as exists`;
    return ledger!.exists ? await sql<{ name: string }[]>`select name from schema_migrations` : [];
  });
  return names.filter((name) => !applied.some((row) => row.name === name));
}

/** Throws when migrations are pending, with their names and the command that applies them. */
export async function requireMigrated(db: Database): Promise<void> {
  const pending = await pendingMigrations(db);
  if (pending.length === 0) return;
  throw new Error(`The database lacks ${pending.join(", ")}. Run this first: deno task migrate`);
}

function readMigrations(folder: URL): Migration[] {
  const names = [...Deno.readDirSync(folder)].map((entry) => entry.name).filter((name) =>
    /^\d{4}_\w+\.sql$/.test(name)
  );
  return names.sort().map((name) => {
    const text = Deno.readTextFileSync(new URL(name, folder));
    return {
      version: Number(name.slice(0, 4)),
      name,
      text,
      checksum: createHash("sha256").update(text).digest("hex"),
    };
  });
}

async function prepareLedger(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
  await sql`
    create table if not exists schema_migrations (
      version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now()
    )`;
}

async function apply(sql: Sql, { version, name, text, checksum }: Migration): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
  await sql`set local lock_timeout = '10s'`;
  const [known] = await sql<
    { checksum: string }[]
  >`select checksum from schema_migrations where version = ${version}`;
  if (known && known.checksum !== checksum) {
    throw new Error(
      `${name} was edited after it had been applied. Restore it and write a new migration instead.`,
    );
  }
  if (known) return false;
  await sql.unsafe(text).simple();
  await sql`insert into schema_migrations (version, name, checksum) values (${version}, ${name}, ${checksum})`;
  return true;
}
