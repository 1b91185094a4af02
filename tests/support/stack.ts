// A private Akashi for one test file: on the servers that the environment names, embedded parts for the rest. Its own
// database (copied from a migrated template), buckets, cache prefix and queues; `close` removes all of them.
import { createHash } from "node:crypto";
import postgres from "postgres";
import { type Config, CONFIG_KEYS, loadConfig } from "../../lib/platform/config.ts";
import { openDatabase } from "../../lib/platform/db/database.ts";
import { createLog } from "../../lib/platform/observe/log.ts";
import { removeQueues } from "./broker.ts";
import { deleteBucket } from "./s3_bucket.ts";
import { migrate, MIGRATIONS_FOLDER } from "../../lib/platform/db/migrations.ts";
import { type OpenPlatform, openPlatform } from "../../lib/platform/open.ts";

export interface TestPlatform {
  platform: OpenPlatform;
  config: Config;
  close(): Promise<void>;
}

/** Tests ask more than people do. */
const UNLIMITED = Object.fromEntries(
  CONFIG_KEYS.filter((key) => key.startsWith("RATE_LIMIT_")).map((key) => [key, "1000000"]),
);
const TEMPLATES = new URL("../../.akashi/test/", import.meta.url).pathname;
const silent = createLog("error", {}, (line) => Deno.env.get("AKASHI_TEST_LOG") && console.error(line));

/** Opens a migrated, empty platform. `settings` override the environment's. */
export async function openTestPlatform(settings: Record<string, string> = {}): Promise<TestPlatform> {
  const name = `t${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`;
  const folder = await Deno.makeTempDir({ prefix: "akashi-test-" });
  const config = loadConfig({
    ...Deno.env.toObject(),
    APP_ENV: "test" as const,
    AKASHI_DATA_DIR: folder,
    ...UNLIMITED,
    S3_BUCKET_ORIGINALS: `${name}-originals`,
    S3_BUCKET_PROXIES: `${name}-proxies`,
    S3_BUCKET_THUMBNAILS: `${name}-thumbnails`,
    REDIS_PREFIX: name,
    AMQP_PREFIX: name,
    JOB_LEASE_SECONDS: "5",
    ...settings,
    ...await prepareDatabase(name, folder),
  });
  const platform = await openPlatform(config, silent);
  await platform.storage.prepare();
  return {
    platform,
    config,
    close: async () => {
      await removeBuckets(platform);
      await platform.close();
      if (config.AMQP_URL) await removeQueues(config);
      await dropDatabase(name);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The settings that lead to a fresh copy of the template. */
async function prepareDatabase(name: string, folder: string): Promise<Record<string, string>> {
  const server = Deno.env.get("DATABASE_URL");
  const template = `akashi_template_${migrationsHash()}`;
  if (!server) {
    await copyFolder(await embeddedTemplate(template), `${folder}/db`);
    return {};
  }
  await withServer(server, async (sql) => {
    const [made] = await sql`select 1 from pg_database where datname = ${template}`;
    if (!made) await makeTemplate(sql, server, template);
    await sql.unsafe(`create database ${name} template ${template}`);
  });
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { DATABASE_URL: url.href };
}

async function dropDatabase(name: string): Promise<void> {
  const server = Deno.env.get("DATABASE_URL");
  if (server) await withServer(server, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`));
}

async function makeTemplate(sql: postgres.Sql, server: string, template: string): Promise<void> {
  const draft = `${template}_draft_${crypto.randomUUID().slice(0, 8)}`;
  await sql.unsafe(`create database ${draft}`);
  const url = new URL(server);
  url.pathname = `/${draft}`;
  const db = await openDatabase(loadConfig({ DATABASE_URL: url.href }));
  await migrate(db, silent);
  await db.close();
  await sql.unsafe(`alter database ${draft} rename to ${template}`)
    .catch(() => sql.unsafe(`drop database ${draft} with (force)`));
}

async function withServer<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

async function embeddedTemplate(name: string): Promise<string> {
  const folder = `${TEMPLATES}${name}`;
  if (await Deno.stat(folder).catch(() => null)) return folder;
  const draft = `${folder}.${crypto.randomUUID().slice(0, 8)}`;
  const db = await openDatabase(loadConfig({ AKASHI_DATA_DIR: draft }));
  await migrate(db, silent);
  await db.close();
  await Deno.rename(`${draft}/db`, folder).catch(() => {});
  await Deno.remove(draft, { recursive: true });
  return folder;
}

function migrationsHash(): string {
  const hash = createHash("sha256");
  for (const name of [...Deno.readDirSync(MIGRATIONS_FOLDER)].map((entry) => entry.name).sort()) {
    hash.update(Deno.readTextFileSync(new URL(name, MIGRATIONS_FOLDER)));
  }
  return hash.digest("hex").slice(0, 12);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    if (entry.isDirectory) await copyFolder(`${from}/${entry.name}`, `${to}/${entry.name}`);
    else await Deno.copyFile(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}

async function removeBuckets({ config, storage }: OpenPlatform): Promise<void> {
  for (const bucket of ["originals", "proxies", "thumbnails"] as const) {
    for (const { key, uploadId } of await storage.listMultipart(bucket, "")) {
      await storage.abortMultipart({ bucket, key }, uploadId);
    }
    let cursor: string | undefined;
    do {
      const page = await storage.list(bucket, "", { cursor });
      for (const { key } of page.objects) await storage.delete({ bucket, key });
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    if (config.S3_ENDPOINT) await deleteBucket(config, storage.bucketName(bucket));
  }
}
