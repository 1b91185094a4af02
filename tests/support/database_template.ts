// The migrated, empty database that every test's database is a copy of. Migrating takes seconds, copying a moment.
import { createHash } from "node:crypto";
import { statfs } from "node:fs/promises";
import type postgres from "postgres";
import { loadConfig } from "../../lib/platform/config.ts";
import { openDatabase } from "../../lib/platform/db/database.ts";
import { migrate, MIGRATIONS_FOLDER } from "../../lib/platform/db/migrations.ts";
import { createLog } from "../../lib/platform/observe/log.ts";

const FOLDER = new URL("../../.akashi/test/", import.meta.url).pathname;
/** A folder in memory: a database is some 1,100 small files, which a disk takes a second or more to make. */
const MEMORY = "/dev/shm";
const MEMORY_NEEDED_BYTES = 2 * 1024 ** 3;
const PREFIX = "akashi-test-db-";
const LEFTOVER_AGE_MS = 60 * 60 * 1000;
const silent = createLog("error", {}, (line) => Deno.env.get("AKASHI_TEST_LOG") && console.error(line));

let memory: Promise<string | undefined> | undefined;

/** Creates the template on the server when it is missing; answers its name. */
export async function serverTemplate(sql: postgres.Sql, server: string): Promise<string> {
  const template = templateName();
  const [made] = await sql`select 1 from pg_database where datname = ${template}`;
  if (made) return template;
  const draft = `${template}_draft_${crypto.randomUUID().slice(0, 8)}`;
  await sql.unsafe(`create database ${draft}`);
  const url = new URL(server);
  url.pathname = `/${draft}`;
  const db = await openDatabase(loadConfig({ DATABASE_URL: url.href }));
  await migrate(db, silent);
  await db.close();
  // Another test process may have renamed its own draft first: then this one is superfluous.
  await sql.unsafe(`alter database ${draft} rename to ${template}`)
    .catch(() => sql.unsafe(`drop database ${draft} with (force)`));
  return template;
}

/** Creates the folder of the embedded template when it is missing; answers its path. */
export async function embeddedTemplate(): Promise<string> {
  const folder = `${FOLDER}${templateName()}`;
  if (await Deno.stat(folder).catch(() => null)) return folder;
  const draft = `${folder}.${crypto.randomUUID().slice(0, 8)}`;
  const db = await openDatabase(loadConfig({ AKASHI_DATA_DIR: draft }));
  await migrate(db, silent);
  await db.close();
  await Deno.rename(`${draft}/db`, folder).catch(() => {});
  await Deno.remove(draft, { recursive: true });
  return folder;
}

/** Copies the template to `path`, in memory where there is room for it; answers the function that removes the copy. */
export async function copyTemplate(template: string, path: string): Promise<() => Promise<void>> {
  const dir = await (memory ??= findMemory());
  if (!dir) {
    await copyFolder(template, path);
    return () => Deno.remove(path, { recursive: true });
  }
  const home = await Deno.makeTempDir({ dir, prefix: PREFIX });
  await copyFolder(template, `${home}/db`);
  await Deno.symlink(`${home}/db`, path);
  return () => Deno.remove(home, { recursive: true });
}

/** Changes with the migrations, so that a changed schema has a template of its own. */
function templateName(): string {
  const hash = createHash("sha256");
  for (const name of [...Deno.readDirSync(MIGRATIONS_FOLDER)].map((entry) => entry.name).sort()) {
    hash.update(Deno.readTextFileSync(new URL(name, MIGRATIONS_FOLDER)));
  }
  return `akashi_template_${hash.digest("hex").slice(0, 12)}`;
}

async function findMemory(): Promise<string | undefined> {
  const space = await statfs(MEMORY).catch(() => undefined);
  if (!space || space.bavail * space.bsize < MEMORY_NEEDED_BYTES) return undefined;
  await removeLeftovers();
  return MEMORY;
}

/** A test process that was killed leaves its databases in memory: the next one removes what is old enough. */
async function removeLeftovers(): Promise<void> {
  for await (const { name } of Deno.readDir(MEMORY)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = `${MEMORY}/${name}`;
    const { mtime } = await Deno.stat(path).catch(() => ({ mtime: null }));
    if (!mtime || Date.now() - mtime.getTime() < LEFTOVER_AGE_MS) continue;
    await Deno.remove(path, { recursive: true }).catch(() => {});
  }
}

/** Copies a folder and what is in it. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    if (entry.isDirectory) await copyFolder(`${from}/${entry.name}`, `${to}/${entry.name}`);
    else await Deno.copyFile(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}
