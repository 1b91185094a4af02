// Puts the parts of one process together: the real one where a variable names it, the embedded one where not.
import type { Platform } from "../context.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { openDatabase } from "./db.ts";
import { createLog, type Log } from "./log.ts";
import { shareLog } from "./log_share.ts";
import { openMail } from "./mail.ts";
import { meter } from "./meter.ts";
import { watchProcess } from "./metrics.ts";
import type { Storage } from "./storage.ts";

/** A platform with the function that closes all its parts, newest first. */
export interface OpenPlatform extends Platform {
  close(): Promise<void>;
}

/** Opens every part. Throws when the database cannot be reached; the other parts may come later and are retried. */
export async function openPlatform(
  config: Config,
  log: Log = createLog(config.LOG_LEVEL),
): Promise<OpenPlatform> {
  const db = await openDatabase(config);
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

/** Opens the object store alone. */
export async function openStorage(config: Config): Promise<Storage> {
  if (config.S3_ENDPOINT) return (await import("./storage_s3.ts")).openS3Storage(config);
  return await (await import("./storage_files.ts")).openFileStorage(config);
}

async function openCache(config: Config, log: Log) {
  if (config.REDIS_URL) return (await import("./cache_redis.ts")).openRedisCache(config, log);
  return (await import("./cache_embedded.ts")).openEmbeddedCache(systemClock);
}

async function openQueue(config: Config, log: Log) {
  if (config.AMQP_URL) return (await import("./queue_rabbitmq.ts")).openRabbitQueue(config, log);
  return (await import("./queue_embedded.ts")).openEmbeddedQueue();
}
