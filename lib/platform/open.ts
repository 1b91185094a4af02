// Opens the parts of one process: the real one when its variable is set, otherwise the embedded one.
import type { Platform } from "./platform.ts";
import { monotonicClock, systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { openDatabase } from "./db/database.ts";
import { createLog, type Log } from "./observe/log.ts";
import { shareLog } from "./observe/log_share.ts";
import { logMail } from "./mail/log.ts";
import type { Mail } from "./mail/mail.ts";
import { noMail } from "./mail/none.ts";
import { meter } from "./observe/meter.ts";
import { watchProcess } from "./observe/metrics.ts";
import type { Storage } from "./storage/storage.ts";

/** A platform with the function that closes all its parts in reverse order. */
export interface OpenPlatform extends Platform {
  close(): Promise<void>;
}

/** Opens every part. Throws when the database cannot be reached; connections of the other parts are retried. */
export async function openPlatform(
  config: Config,
  log: Log = createLog(config.LOG_LEVEL),
): Promise<OpenPlatform> {
  await keepPrivate(config);
  const db = await openDatabase(config, log);
  const storage = meter("storage", await openStorage(config));
  const cache = meter("cache", await openCache(config, log));
  const queue = meter("queue", await openQueue(config, log));
  const mail = await openMail(config, log);
  const unwatch = watchProcess(config.AKASHI_DATA_DIR);
  const unshare = await shareLog(cache);
  return {
    config,
    db,
    storage,
    cache,
    queue,
    mail,
    log,
    clock: systemClock,
    close: async () => {
      unwatch();
      await unshare();
      for (const part of [queue, cache, storage, db]) await part.close();
    },
  };
}

/** Other accounts of this machine must not read what Akashi writes, nor the embedded parts of an earlier version. */
async function keepPrivate({ AKASHI_DATA_DIR, DATABASE_URL, S3_ENDPOINT }: Config): Promise<void> {
  Deno.umask(0o077);
  if (DATABASE_URL && S3_ENDPOINT) return;
  await Deno.mkdir(AKASHI_DATA_DIR, { recursive: true });
  // A mounted volume may belong to another account, which alone can change its mode.
  await Deno.chmod(AKASHI_DATA_DIR, 0o700).catch(() => {});
}

/** Opens only the object storage. */
export async function openStorage(config: Config): Promise<Storage> {
  if (config.S3_ENDPOINT) return (await import("./storage/s3.ts")).openS3Storage(config);
  return await (await import("./storage/files.ts")).openFileStorage(config);
}

async function openCache(config: Config, log: Log) {
  if (config.REDIS_URL) return (await import("./cache/redis.ts")).openRedisCache(config, log);
  return (await import("./cache/embedded.ts")).openEmbeddedCache(monotonicClock);
}

async function openQueue(config: Config, log: Log) {
  if (config.AMQP_URL) return (await import("./queue/rabbitmq.ts")).openRabbitQueue(config, log);
  return (await import("./queue/embedded.ts")).openEmbeddedQueue();
}

async function openMail(config: Config, log: Log): Promise<Mail> {
  const { SMTP_URL, MAIL_FROM, APP_ENV } = config;
  if (SMTP_URL) return (await import("./mail/smtp.ts")).openSmtp(SMTP_URL, MAIL_FROM!);
  if (APP_ENV === "development" || APP_ENV === "test") return logMail(log);
  return noMail;
}
