// A private platform for one test file: on the servers that the environment names, on embedded parts otherwise. It has
// its own database (a copy of a migrated template), buckets, cache prefix and queues; `close` removes all of them.
import postgres from "postgres";
import { type Config, CONFIG_KEYS, loadConfig } from "../../lib/platform/config.ts";
import { createLog } from "../../lib/platform/observe/log.ts";
import { type OpenPlatform, openPlatform } from "../../lib/platform/open.ts";
import { removeQueues } from "./broker.ts";
import { copyTemplate, embeddedTemplate, serverTemplate } from "./database_template.ts";
import { deleteBucket } from "./s3_bucket.ts";

export interface TestPlatform {
  platform: OpenPlatform;
  config: Config;
  close(): Promise<void>;
}

/** A test sends more requests a minute than a person does. */
export const UNLIMITED = Object.fromEntries(
  CONFIG_KEYS.filter((key) => key.startsWith("RATE_LIMIT_")).map((key) => [key, "1000000"]),
);
const silent = createLog("error", {}, (line) => Deno.env.get("AKASHI_TEST_LOG") && console.error(line));

/** Opens a migrated, empty platform. `settings` override the environment's. */
export async function openTestPlatform(settings: Record<string, string> = {}): Promise<TestPlatform> {
  const name = `t${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`;
  const folder = await Deno.makeTempDir({ prefix: "akashi-test-" });
  const database = await prepareDatabase(name, folder);
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
    ...database.settings,
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
      await database.remove();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

interface TestDatabase {
  settings: Record<string, string>;
  remove(): Promise<void>;
}

/** A fresh copy of the template, with the settings that lead to it. */
async function prepareDatabase(name: string, folder: string): Promise<TestDatabase> {
  const server = Deno.env.get("DATABASE_URL");
  if (!server) {
    const remove = await copyTemplate(await embeddedTemplate(), `${folder}/db`);
    return { settings: {}, remove };
  }
  await withServer(server, async (sql) => {
    await sql.unsafe(`create database ${name} template ${await serverTemplate(sql, server)}`);
  });
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    settings: { DATABASE_URL: url.href },
    remove: () =>
      withServer(server, async (sql) => {
        await sql.unsafe(`drop database if exists ${name} with (force)`);
      }),
  };
}

async function withServer(url: string, work: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end();
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
